import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { databaseAway, stallStore } from '../support/outage.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** Acknowledged means committed, in the order in which the packets came. */

let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
  credential = await tenant.credential();
});
afterAll(() => platform.close());

const valuesOf = async (device: string) => {
  const rows = await tenant.rows<{ n: number }>(
    `select (telemetry ->> 'n')::int as n from device_telemetry_history h join devices d on d.id = h.device_id
      where d.organization_id = $1 and d.external_device_id = $2 order by h.received_at`,
    [device],
  );
  return rows.map(({ n }) => n);
};
/** Answers to publishes, in the order in which they came. */
const answers = ({ packets }: RawClient) =>
  packets.flatMap((packet) =>
    packet.cmd === 'puback' || packet.cmd === 'pubrec' ? [`${packet.cmd} ${packet.messageId}`] : [],
  );

describe('while the store is stalled', () => {
  test('nothing is acknowledged, pings are answered; then all is, in the order of the packets', async () => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'stalled' });
    const topic = tenant.topic('stalled');
    await client.publish(topic, '{"n":0}');
    const release = await stallStore(platform.test, () => {
      client.send(
        publishPacket(topic, '{"n":1}', { messageId: 11 }),
        publishPacket(topic, '{"n":2}', { messageId: 12, qos: 2 }),
        // Not stored, so nothing but its place in the row holds it up.
        publishPacket(tenant.topic('stalled', 'anything'), 'x', { messageId: 13 }),
        publishPacket(topic, 'broken', { messageId: 14 }),
        publishPacket(tenant.topic('stalled', 'status'), 'online', { messageId: 15 }),
        publishPacket(topic, '{"n":3}', { qos: 0 }),
        publishPacket(topic, '{"n":4}', { messageId: 16, retain: true }),
      );
    });
    await client.ping();
    expect(client.packets).toEqual([]);
    expect(await valuesOf('stalled')).toEqual([0]);

    await release();
    await eventually(() => expect(answers(client)).toHaveLength(6));
    expect(answers(client)).toEqual(
      [11, 12, 13, 14, 15, 16].map((id) => `${id === 12 ? 'pubrec' : 'puback'} ${id}`),
    );
    expect(await valuesOf('stalled')).toEqual([0, 1, 2, 3, 4]);
    await client.end();
  });

  test('a packet id used again before it is answered: the same message counts once, another is kept', async () => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'reuse' });
    const topic = tenant.topic('reuse');
    await client.publish(topic, '{"n":0}');
    const release = await stallStore(platform.test, () => {
      client.send(
        publishPacket(topic, '{"n":1}', { messageId: 5 }),
        publishPacket(topic, '{"n":1}', { messageId: 5, dup: true }),
        publishPacket(topic, '{"n":2}', { messageId: 5 }),
        publishPacket(topic, '{"n":3}', { messageId: 5, dup: true }),
        publishPacket(topic, '{"n":3}', { messageId: 5 }),
        publishPacket(topic, '{"n":4}', { messageId: 6 }),
      );
    });
    await release();
    await eventually(() => expect(answers(client).at(-1)).toBe('puback 6'));
    expect(answers(client)).toEqual([5, 5, 5, 5, 6].map((id) => `puback ${id}`));
    expect(await valuesOf('reuse')).toEqual([0, 1, 2, 3, 3, 4]);
    await client.end();
    await eventually(async () =>
      expect(
        await tenant.rows(
          `select outcome, topic from message_receipts where organization_id = $1 and client_id = 'reuse'`,
        ),
      ).toEqual([{ outcome: 'duplicate', topic }]),
    );
  });

  test('reused packet ids with a subscriber: the engine’s acknowledgements find their publishes', async () => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'heard' });
    const topic = tenant.topic('heard');
    await client.subscribe([topic], 0);
    const release = await stallStore(platform.test, () => {
      client.send(...[1, 2, 3].map((n) => publishPacket(topic, `{"n":${n}}`, { messageId: 5 })));
    });
    await release();
    for (const _ of [1, 2, 3]) await client.expect('puback');
    await client.ping();
    expect(client.packets.filter(({ cmd }) => cmd === 'puback')).toEqual([]);
    await client.end();
  });
});

describe('while the database is away', () => {
  test('nobody is disconnected, pings are answered, nothing is lost and nothing is acknowledged too early', async () => {
    const clients = await Promise.all(
      [0, 1, 2, 3].map((index) =>
        RawClient.connect(platform.mqttUrl, credential, { clientId: `away-${index}`, keepalive: 60 }),
      ),
    );
    const count = 200;
    const send = (from: number, to: number) => {
      clients.forEach((client, index) => {
        for (let n = from; n < to; n += 1) {
          client.send(publishPacket(tenant.topic(`away-${index}`), `{"n":${n}}`, { messageId: n + 1 }));
        }
      });
    };
    send(0, count);
    const back = await databaseAway(platform.test);
    const before = clients.map((client) => answers(client).length);
    send(count, 2 * count);
    for (const client of clients) await client.ping();
    // Known from before, so it needs no database.
    const known = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'away-known' });
    known.send(publishPacket(tenant.topic('away-known'), '{"n":1}'));
    await known.ping();
    expect(clients.map((client) => answers(client).length)).toEqual(before);
    expect(answers(known)).toEqual([]);

    await back();
    await known.expect('puback');
    const all = Array.from({ length: 2 * count }, (_, n) => n);
    await eventually(() => {
      for (const client of clients) expect(answers(client)).toEqual(all.map((n) => `puback ${n + 1}`));
    }, 10_000);
    for (const index of clients.keys()) expect(await valuesOf(`away-${index}`)).toEqual(all);
    for (const client of [...clients, known]) await client.end();
  });
});
