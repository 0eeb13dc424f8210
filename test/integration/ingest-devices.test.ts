import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { publishPacket, RawClient } from '../support/raw-client.ts';
import { otherTenant, type Tenant } from '../support/tenant.ts';

/** Devices come into being with their first message: once, within limits, and again after they were deleted. */

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

const connect = (clientId = '') => RawClient.connect(platform.mqttUrl, credential, { clientId });
const devices = () =>
  tenant.rows<{ id: string; name: string; readings: number }>(
    `select d.id, d.external_device_id as name,
            (select count(*)::int from device_telemetry_history h where h.device_id = d.id) as readings
       from devices d where d.organization_id = $1 order by 2`,
  );
const quarantined = () =>
  tenant.rows<{ device: string; reason: string; payload: string }>(
    `select external_device_id as device, reason, convert_from(payload, 'utf8') as payload
       from message_quarantine where organization_id = $1 order by received_at`,
  );
const change = (assignment: string) =>
  tenant.rows(`update device_integrations set ${assignment} where organization_id = $1`);

test('twenty connections at once, one new device: registered once, nothing lost', async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, (_, index) => connect(`client-${index}`)));
  const sent = clients.map((client, n) => client.publish(tenant.topic('shared'), `{"n":${n}}`));
  await Promise.all(sent);
  expect(await devices()).toMatchObject([{ name: 'shared', readings: 20 }]);
  expect(await quarantined()).toEqual([]);
  for (const client of clients) await client.end();
});

test('twenty connections at once, a limit of seven: seven devices, the others’ messages in quarantine', async () => {
  await change('device_limit = 7');
  const clients = await Promise.all(Array.from({ length: 20 }, (_, index) => connect(`client-${index}`)));
  await Promise.all(clients.map((client, n) => client.publish(tenant.topic(`device-${n}`), `{"n":${n}}`)));
  const registered = await devices();
  expect(registered).toHaveLength(7);
  const refused = await quarantined();
  expect(refused).toHaveLength(13);
  expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['device_limit']));
  expect(new Set([...registered.map(({ name }) => name), ...refused.map(({ device }) => device)]).size).toBe(
    20,
  );

  // Those that are registered go on.
  await Promise.all(
    clients.map((client, n) => client.publish(tenant.topic(`device-${n}`), `{"again":${n}}`)),
  );
  expect(await devices()).toEqual(registered.map((device) => ({ ...device, readings: 2 })));
  expect(await quarantined()).toHaveLength(26);
  for (const client of clients) await client.end();
});

describe('when devices are not registered by themselves', () => {
  test('the messages of unknown ones wait in quarantine, of known ones they are stored', async () => {
    const client = await connect();
    await client.publish(tenant.topic('known'), '{"n":1}');
    await change('auto_register = false');
    await eventually(async () => {
      await client.publish(tenant.topic(`unknown-${Math.random()}`), '{"n":2}');
      expect(await quarantined()).not.toEqual([]);
    });
    const before = (await quarantined()).length;
    await client.publish(tenant.topic('known'), '{"n":3}');
    await client.publish(tenant.topic('unknown', 'status'), 'online');
    await client.publish(tenant.topic('unknown'), '{"n":4}');
    expect((await quarantined()).slice(before)).toEqual([
      { device: 'unknown', reason: 'unknown_device', payload: 'online' },
      { device: 'unknown', reason: 'unknown_device', payload: '{"n":4}' },
    ]);
    expect((await devices()).find(({ name }) => name === 'known')?.readings).toBe(2);
    expect((await devices()).find(({ name }) => name === 'unknown')).toBeUndefined();
    await client.end();
  });

  test('a client that connects with a credential known from before changes nothing about it', async () => {
    await (await connect()).end();
    await change('auto_register = false');
    const first = await connect();
    await eventually(async () => {
      await first.publish(tenant.topic(`first-${Math.random()}`), '{"n":1}');
      expect(await quarantined()).not.toEqual([]);
    });
    await first.end();
    const second = await connect();
    await second.publish(tenant.topic('second'), '{"n":2}');
    expect((await devices()).filter(({ name }) => name === 'second')).toEqual([]);
    await second.end();
  });
});

describe('a deleted device', () => {
  const remove = (name: string) =>
    tenant.rows('delete from devices where organization_id = $1 and external_device_id = $2', [name]);

  test('comes back as a new one with its next message, without its history', async () => {
    const client = await connect();
    await client.publish(tenant.topic('phoenix'), '{"n":1}');
    const [before] = await devices();
    await remove('phoenix');
    await client.publish(tenant.topic('phoenix'), '{"n":2}');
    const [after] = await devices();
    expect(after).toMatchObject({ name: 'phoenix', readings: 1 });
    expect(after!.id).not.toBe(before!.id);
    await client.end();
  });

  test.each(['end', 'cut'] as const)(
    'does not come back because its connection ends (%s)',
    async (ending) => {
      const client = await connect('closing');
      await client.publish(tenant.topic('gone'), '{"n":1}');
      await remove('gone');
      await client[ending]();
      await eventually(async () =>
        expect(
          await tenant.rows(
            `select from integration_activity_log where organization_id = $1 and event = 'disconnected'`,
          ),
        ).toHaveLength(1),
      );
      const other = await connect();
      await other.publish(tenant.topic('other'), '{"n":1}');
      expect(await devices()).toMatchObject([{ name: 'other' }]);
      await other.end();
    },
  );

  test('leaves nothing behind, however often and whenever it is deleted', async () => {
    const clients = await Promise.all([connect('one'), connect('two'), connect('three')]);
    const rounds = 40;
    const publishing = clients.map(async (client, index) => {
      for (let n = 0; n < rounds * 3; n += 1) {
        await client.publish(tenant.topic(`churn-${index % 2}`), `{"n":${n}}`, { messageId: n + 1 });
      }
    });
    for (let round = 0; round < rounds; round += 1) await remove(`churn-${round % 2}`);
    await Promise.all(publishing);
    expect(
      await tenant.rows(
        `select from device_telemetry_history h where h.organization_id = $1
            and not exists (select from devices d where d.id = h.device_id)`,
      ),
    ).toEqual([]);
    expect(await quarantined()).toEqual([]);
    for (const client of clients) await client.end();
  });

  test('whose deletion is not committed yet holds up its messages, which then belong to the new one', async () => {
    const client = await connect();
    await client.publish(tenant.topic('slow'), '{"n":1}');
    const deleting = await platform.test.pool.connect();
    await deleting.query('begin');
    await deleting.query(`delete from devices where organization_id = '${tenant.organizationId}'`);
    client.send(publishPacket(tenant.topic('slow'), '{"n":2}', { messageId: 2 }));
    await eventually(async () => {
      const { rows } = await deleting.query(
        'select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))',
        [(await deleting.query('select pg_backend_pid() as pid')).rows[0].pid],
      );
      expect(rows).not.toEqual([]);
    });
    await deleting.query('commit');
    deleting.release();
    await client.expect('puback');
    expect(await devices()).toMatchObject([{ name: 'slow', readings: 1 }]);
    expect(
      await tenant.rows('select telemetry from device_telemetry_history where organization_id = $1'),
    ).toEqual([{ telemetry: { n: 2 } }]);
    await client.end();
  });
});

test('commands from the organization’s own clients make no device, and none online', async () => {
  const client = await connect('backend');
  await client.publish(tenant.topic('bulb', 'commands'), '{"name":"on"}');
  await client.publish(tenant.topic('bulb', 'anything'), '{"n":1}');
  await client.publish(tenant.topic('lamp'), '{"n":1}');
  expect(await devices()).toMatchObject([{ name: 'lamp' }]);
  await client.end();
});

test('one message that PostgreSQL refuses goes to quarantine, and the batch goes on', async () => {
  await platform.test.pool.query(
    `alter table device_telemetry_history add constraint poison check (not telemetry ? 'poison')`,
  );
  const client = await connect();
  await client.publish(tenant.topic('d'), '{"n":-1}');
  const count = 100;
  client.send(
    ...Array.from({ length: count }, (_, n) =>
      publishPacket(tenant.topic('d'), n % 40 === 7 ? '{"poison":1}' : `{"n":${n}}`, { messageId: n + 1 }),
    ),
  );
  for (let n = 0; n < count; n += 1)
    expect(await client.expect('puback')).toMatchObject({ messageId: n + 1 });
  expect(await quarantined()).toEqual(
    [7, 47, 87].map(() => ({ device: 'd', reason: 'refused_by_database', payload: '{"poison":1}' })),
  );
  expect(await devices()).toMatchObject([{ name: 'd', readings: 1 + count - 3 }]);
  await client.end();
});
