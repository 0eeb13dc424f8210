import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type JournalPage, writeJournal } from '../../src/database/journal.ts';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { publishPacket, RawClient } from '../support/raw-client.ts';
import { otherTenant, type Tenant } from '../support/tenant.ts';

/** What owners can read of their messages and connections, beside the readings. */

let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  tenant = await otherTenant(platform);
  credential = await tenant.credential();
});

const emptyPage: JournalPage = {
  traffic: [],
  receipts: [],
  activities: [],
  opened: [],
  closed: [],
  messages: [],
};
const rawMessage = {
  topic: 't',
  payload: Buffer.from('1'),
  payloadBytes: 1,
  qos: 1,
  retain: false,
  outcome: 'stored',
  reason: undefined,
  readings: 1,
};
const uuidBytes = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');

const connect = (clientId = 'client') => RawClient.connect(platform.mqttUrl, credential, { clientId });
async function publishAll(client: RawClient, device: string, payloads: (string | Buffer)[]): Promise<void> {
  client.send(
    ...payloads.map((payload, n) => publishPacket(tenant.topic(device), payload, { messageId: n + 1 })),
  );
  for (const n of payloads.keys()) expect(await client.expect('puback')).toMatchObject({ messageId: n + 1 });
}

describe('raw messages', () => {
  const messages = (device: string) =>
    tenant.rows<{ payload: string; outcome: string; reason: string | null; readings: number; bytes: number }>(
      `select encode(m.payload, 'escape') as payload, outcome, reason, readings, payload_bytes as bytes
         from (select m.* from device_messages m join devices d on d.id = m.device_id
                where d.organization_id = $1 and d.external_device_id = $2 order by m.received_at desc limit 20) m
        order by m.received_at`,
      [device],
    );

  test('the last twenty of each device, whatever became of them', async () => {
    const client = await connect();
    await publishAll(
      client,
      'd',
      Array.from({ length: 50 }, (_, n) => `{"n":${n}}`),
    );
    await publishAll(client, 'other', ['{"n":1}']);
    const stored = (n: number) => ({ payload: `{"n":${n}}`, outcome: 'stored', reason: null, readings: 1 });
    await eventually(async () =>
      expect(await messages('d')).toMatchObject(Array.from({ length: 20 }, (_, n) => stored(30 + n))),
    );
    const timed = `{"ts":${Date.now()},"n":1}`;
    await publishAll(client, 'd', ['broken', timed, timed, '[{"n":1},{"n":2}]']);
    await eventually(async () => expect(await messages('d')).toHaveLength(20));
    await eventually(async () =>
      expect((await messages('d')).slice(-5)).toMatchObject([
        stored(49),
        { payload: 'broken', outcome: 'quarantined', reason: 'not_understood', readings: 0 },
        { payload: timed, outcome: 'stored', readings: 1 },
        { payload: timed, outcome: 'duplicate', readings: 0 },
        { outcome: 'stored', readings: 2 },
      ]),
    );
    await eventually(async () => expect(await messages('other')).toMatchObject([stored(1)]));
    await client.end();
  });

  test('not many more are kept of a device that says little at a time, and none of one that is deleted', async () => {
    await tenant.credential('talker');
    const device = `from devices where organization_id = $1 and external_device_id = 'talker'`;
    const [talker] = await tenant.rows<{ id: string }>(`select id ${device}`);
    const messages = (receivedAt: number) => [{ ...rawMessage, deviceId: uuidBytes(talker!.id), receivedAt }];
    const firstAt = Date.now() * 1000;
    for (let n = 0; n < 300; n += 1) {
      await writeJournal(platform.test.pool, { ...emptyPage, messages: messages(firstAt + n) });
    }
    const kept = () =>
      tenant.rows<{ at: number }>(
        `select extract(epoch from received_at)::float8 * 1e6 as at from device_messages
          where organization_id = $1 order by received_at`,
      );
    const rows = await kept();
    expect(rows.slice(-20).map(({ at }) => Math.round(at) - firstAt)).toEqual(
      Array.from({ length: 20 }, (_, n) => 280 + n),
    );
    // That none of 80 writes in a row looks after it happens once in 40,000 runs.
    expect(rows.length).toBeLessThan(100);
    await tenant.rows(`delete ${device}`);
    expect(await kept()).toEqual([]);
  });

  test('a device that is being deleted leaves none behind', async () => {
    await tenant.credential('leaving');
    const device = `from devices where organization_id = $1 and external_device_id = 'leaving'`;
    const [leaving] = await tenant.rows<{ id: string }>(`select id ${device}`);
    const message = { ...rawMessage, deviceId: uuidBytes(leaving!.id), receivedAt: Date.now() * 1000 };
    const deleting = await platform.test.pool.connect();
    await deleting.query('begin');
    await deleting.query(`delete ${device}`, [tenant.organizationId]);
    const written = writeJournal(platform.test.pool, { ...emptyPage, messages: [message] });
    // It waits for what becomes of the device.
    await eventually(async () => {
      const { rowCount } = await platform.test.pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into public.device_messages%'
            and datname = current_database()`,
      );
      expect(rowCount).toBe(1);
    });
    await deleting.query('commit');
    deleting.release();
    await written;
    const left = await platform.test.pool.query('select from device_messages where device_id = $1', [
      leaving!.id,
    ]);
    expect(left.rowCount).toBe(0);
  });

  test('of a long one the beginning, and its length', async () => {
    const client = await connect();
    await publishAll(client, 'long', [`{"text":"${'x'.repeat(4000)}","more":"${'y'.repeat(4000)}"}`]);
    await eventually(async () => {
      const [message] = await messages('long');
      expect(message).toMatchObject({ bytes: 8021 });
      expect(message!.payload).toHaveLength(4096);
    });
    await client.end();
  });
});

describe('counts', () => {
  test('every message is counted once, by what became of it; of duplicates the last hundred are kept', async () => {
    const client = await connect();
    const timed = Array.from({ length: 120 }, (_, n) => `{"ts":${Date.now() + n},"n":1}`);
    await publishAll(client, 'd', timed);
    await publishAll(client, 'd', timed);
    await publishAll(client, 'd', ['broken', '{"n":1}', '{"n":1}']);
    client.send(publishPacket('elsewhere', '1'));
    await client.closed;
    const bytes = 2 * timed.join('').length + 'broken'.length + 2 * '{"n":1}'.length;
    await eventually(async () =>
      expect(
        await tenant.rows(
          `select sum(stored)::int as stored, sum(duplicate)::int as duplicate, sum(quarantined)::int as quarantined,
                  sum(rejected)::int as rejected, sum(bytes)::int as bytes
             from integration_traffic where organization_id = $1`,
        ),
      ).toEqual([{ stored: 122, duplicate: 120, quarantined: 1, rejected: 1, bytes }]),
    );
    expect(
      await tenant.rows(
        `select outcome, reason, count(*)::int from message_receipts where organization_id = $1 group by 1, 2 order by 1`,
      ),
    ).toEqual([
      { outcome: 'duplicate', reason: null, count: 99 },
      { outcome: 'rejected', reason: 'topic_not_granted', count: 1 },
    ]);
  });

  test('the flood of one organization costs another none of its lines', async () => {
    const quiet = await otherTenant(platform);
    const client = await connect('flood');
    const filters = Array.from({ length: 500 }, (_, index) => `elsewhere/${index}`);
    const own = await RawClient.connect(platform.mqttUrl, await quiet.credential(), { clientId: 'quiet' });
    for (let round = 0; round < 200; round += 1) {
      client.send({
        cmd: 'subscribe',
        messageId: round + 1,
        subscriptions: filters.map((topic) => ({ topic, qos: 0 as const })),
      } as never);
    }
    await client.ping();
    own.send(publishPacket('elsewhere', '1'));
    await own.closed;
    await eventually(async () =>
      expect(
        await quiet.rows(
          `select event, reason from integration_activity_log where organization_id = $1 order by id`,
        ),
      ).toEqual([
        { event: 'connected', reason: null },
        { event: 'publish_refused', reason: 'topic_not_granted' },
        { event: 'disconnected', reason: 'topic_not_granted' },
      ]),
    );
    const [{ count }] = (await tenant.rows(
      `select count(*)::int from integration_activity_log where organization_id = $1 and event = 'subscribe_refused'`,
    )) as [{ count: number }];
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(2000);
    await client.end();
  });
});

describe('connections', () => {
  const live = () =>
    tenant.rows(
      `select client_id, transport, protocol_level, remote_address from mqtt_connections
        where organization_id = $1 order by 1`,
    );

  test('those that are open, with where they come from; and when a credential was last used', async () => {
    const [before] = await tenant.rows<{ last_used_at: Date | null }>(
      'select last_used_at from mqtt_credentials where organization_id = $1',
    );
    expect(before!.last_used_at).toBeNull();
    const clients = [await connect('a'), await connect('b')];
    const row = (client_id: string) => ({
      client_id,
      transport: 'tcp',
      protocol_level: 4,
      remote_address: '127.0.0.1',
    });
    await eventually(async () => expect(await live()).toEqual([row('a'), row('b')]));
    const [used] = await tenant.rows<{ seconds: number }>(
      'select extract(epoch from now() - last_used_at)::float as seconds from mqtt_credentials where organization_id = $1',
    );
    expect(used!.seconds).toBeGreaterThanOrEqual(0);
    expect(used!.seconds).toBeLessThan(10);
    await clients[0]!.end();
    await eventually(async () => expect(await live()).toEqual([row('b')]));
    await clients[1]!.cut();
    await eventually(async () => expect(await live()).toEqual([]));
  });

  test('each comes and goes in the log, with its reason', async () => {
    const polite = await connect('polite');
    await polite.end();
    const rude = await connect('rude');
    await rude.cut();
    await eventually(async () =>
      expect(
        await tenant.rows(
          `select client_id, event, reason, remote_address from integration_activity_log
            where organization_id = $1 order by id`,
        ),
      ).toMatchObject([
        { client_id: 'polite', event: 'connected', reason: null, remote_address: '127.0.0.1' },
        { client_id: 'polite', event: 'disconnected', reason: 'client_disconnected' },
        { client_id: 'rude', event: 'connected' },
        { client_id: 'rude', event: 'disconnected', reason: 'connection_lost' },
      ]),
    );
  });

  test('a credential that is deleted under an open connection takes nothing of others along', async () => {
    const doomed = await connect('doomed');
    await tenant.rows('delete from mqtt_credentials where organization_id = $1');
    await doomed.closed;
    credential = await tenant.credential();
    const other = await connect('other');
    await publishAll(other, 'd', ['{"n":1}']);
    await eventually(async () => expect(await live()).toMatchObject([{ client_id: 'other' }]));
    await other.end();
  });
});
