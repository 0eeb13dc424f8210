import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recountRows } from '../../src/database/housekeeping.ts';
import { eventually } from '../support/eventually.ts';
import { createIntegration } from '../support/external-broker.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { setLimits, usageBecomes, usageOf } from '../support/quotas.ts';
import { publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** Limits of size, devices, subscriptions and stored readings, in front of a Mosquitto. */

let platform: TestPlatform;
let tenant: Tenant;

beforeAll(async () => {
  platform = await testPlatform({ ENGINE: 'mosquitto' });
  tenant = await firstTenant(platform);
});
afterAll(() => platform.close());
beforeEach(() => setLimits(platform, {}));

const connect = async (protocolVersion: 4 | 5, clientId = '') =>
  RawClient.connect(platform.mqttUrl, await tenant.credential(), { protocolVersion, clientId });
const logged = async (reason: string) =>
  (
    await tenant.rows<{ event: string }>(
      'select event from integration_activity_log where organization_id = $1 and reason = $2 order by id',
      [reason],
    )
  ).map(({ event }) => event);
const quarantined = (reason: string) =>
  tenant.rows('select from message_quarantine where organization_id = $1 and reason = $2', [reason]);
/** PUBACK of a publish with QoS 1 by MQTT 5: 0, also when nobody else wants it. */
async function answerTo(client: RawClient, topic: string, payload: string): Promise<number> {
  client.send(publishPacket(topic, payload));
  const { reasonCode = 0 } = await client.expect('puback');
  return reasonCode < 0x80 ? 0 : reasonCode;
}

test('a message larger than the organization’s ends the connection, by name; a posted one is refused alone', async () => {
  const early = await connect(5, 'early');
  await setLimits(platform, { message_bytes: 1000 });
  const [older, newer] = [await connect(4, 'older'), await connect(5, 'newer')];
  expect(early.connack?.properties?.maximumPacketSize).toBe(262_144 + 65_540);
  expect(newer.connack?.properties?.maximumPacketSize).toBe(1000 + 65_540);
  const fits = '{"n":1}'.padEnd(1000);
  for (const client of [older, newer, early]) {
    await client.publish(tenant.topic('size'), fits);
    client.send(publishPacket(tenant.topic('size'), `${fits} `));
  }
  for (const client of [newer, early]) {
    const { reasonCode, properties } = await client.expect('disconnect');
    expect(reasonCode).toBe(0x95);
    expect(properties?.reasonString).toContain('message_bytes_limit is 1000');
  }
  await older.closed;
  await eventually(async () => expect(await logged('message_bytes_limit')).toHaveLength(3));

  const { webhook_url, token } = await createIntegration(platform, { mode: 'webhook' });
  const post = (payload: object) => ({ topic: 'devices/size/telemetry', payload });
  const answer = await fetch(webhook_url!, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify([post({ n: 2 }), post({ text: 'x'.repeat(1000) }), post({ n: 3 })]),
  });
  expect(await answer.json()).toMatchObject({
    receipts: [
      { outcome: 'stored' },
      { outcome: 'rejected', reason: 'message_bytes_limit' },
      { outcome: 'stored' },
    ],
  });
  await usageBecomes(platform, 'message_bytes', (limit) =>
    expect(limit).toMatchObject({ limit: 1000, used: null, hits_today: 4 }),
  );
});

test('no more devices are registered than may be, whatever brings them; those that are there go on', async () => {
  const client = await connect(5, 'devices');
  await client.publish(tenant.topic('known'), '{"n":1}');
  const { used } = await usageOf(platform, 'devices');
  await setLimits(platform, { devices: used! + 1 });
  // Both in one batch, and through two integrations.
  const bridge = await createIntegration(platform, { mode: 'bridge', expected_topics: ['plant/{device}'] });
  const other = await RawClient.connect(platform.mqttUrl, bridge.bridge!, { protocolVersion: 5 });
  const answers = await Promise.all([
    answerTo(client, tenant.topic('new-a'), '{"n":1}'),
    answerTo(other, `org_${tenant.organizationId}/devices/plant/new-b`, '{"n":1}'),
  ]);
  expect(answers.toSorted((a, b) => a - b)).toEqual([0, 0x97]);
  expect(await answerTo(client, tenant.topic('known'), '{"n":2}')).toBe(0);
  expect(await quarantined('device_limit')).toHaveLength(1);
  const post = (name: string) =>
    platform.api('POST', `/api/v1/organizations/${platform.organizationId}/devices`, {
      external_device_id: name,
    });
  const refused = await post('new-c');
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'devices_limit' });
  expect((await post('known')).status).toBe(409);
  await eventually(async () => expect(await logged('devices_limit')).toEqual(['limit_reached']));
  await setLimits(platform, { devices: null });
  expect((await post('new-c')).status).toBe(201);
  for (const one of [client, other]) await one.end();
});

test('no more subscriptions are made than may be; those that there are can be renewed, and one that ends makes room', async () => {
  await setLimits(platform, { subscriptions: 3 });
  const [newer, older] = [await connect(5, 'newer'), await connect(4, 'older')];
  const filter = (name: string) => tenant.topic(name);
  newer.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: ['a', 'b', 'c', 'd'].map((name) => ({ topic: filter(name), qos: 1 })),
  });
  const { granted, properties } = await newer.expect('suback');
  expect(granted).toEqual([1, 1, 1, 0x97]);
  expect(properties?.reasonString).toContain('subscriptions_limit');
  expect(await newer.subscribe([filter('a')])).toEqual([1]);
  expect(await older.subscribe([filter('e')])).toEqual([0x80]);
  await usageBecomes(platform, 'subscriptions', (limit) =>
    expect(limit).toMatchObject({ used: 3, peak_today: 3, hits_today: 2 }),
  );
  newer.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [filter('a')] });
  await newer.expect('unsuback');
  expect(await older.subscribe([filter('e'), filter('f')])).toEqual([1, 0x80]);
  await newer.end();
  expect(await older.subscribe([filter('f')])).toEqual([1]);
  await eventually(async () => expect(await logged('subscriptions_limit')).toEqual(['subscribe_refused']));
  await older.end();
  await usageBecomes(platform, 'subscriptions', ({ used }) => expect(used).toBe(0));
});

test('readings beyond what may be stored go to quarantine, which the client is told, and are replayed when there is room', async () => {
  const client = await connect(5, 'rows');
  const older = await connect(4, 'rows-older');
  await client.publish(tenant.topic('meter'), '{"n":0}');
  const stored = async () =>
    (await tenant.rows('select from device_telemetry_history where organization_id = $1')).length;
  await usageBecomes(platform, 'stored_rows', async ({ used }) => expect(used).toBe(await stored()));
  const limit = (await stored()) + 2;
  await setLimits(platform, { stored_rows: limit });
  const answers = [];
  for (let n = 1; n <= 4; n += 1)
    answers.push(await answerTo(client, tenant.topic('meter'), JSON.stringify({ n })));
  expect(answers).toEqual([0, 0, 0x97, 0x97]);
  // Neither is a status a reading, nor is a client of 3.1.1 kept from being acknowledged.
  expect(await answerTo(client, tenant.topic('meter', 'status'), 'online')).toBe(0);
  await older.publish(tenant.topic('meter'), '{"n":5}');
  expect(await stored()).toBe(limit);
  expect(await quarantined('stored_rows')).toHaveLength(3);
  await eventually(async () => expect(await logged('stored_rows_limit')).toEqual(['limit_reached']));

  await setLimits(platform, { stored_rows: limit + 10 });
  const replay = await platform.api(
    'POST',
    `/api/v1/organizations/${platform.organizationId}/quarantine/replay`,
    { reason: 'stored_rows' },
  );
  expect(replay.status).toBe(200);
  expect(await stored()).toBe(limit + 3);
  expect(await quarantined('stored_rows')).toHaveLength(0);

  // What a device takes along is counted too, and a count that has gone wrong is set right.
  await tenant.rows(`delete from devices where organization_id = $1 and external_device_id = 'meter'`);
  await usageBecomes(platform, 'stored_rows', async ({ used }) => expect(used).toBe(await stored()));
  await tenant.rows(
    `update private.stored_rows set rows = 12345, counted_at = now() - interval '2 days' where organization_id = $1`,
  );
  await recountRows(platform.test.pool);
  expect((await usageOf(platform, 'stored_rows')).used).toBe(await stored());
  for (const one of [client, older]) await one.end();
});
