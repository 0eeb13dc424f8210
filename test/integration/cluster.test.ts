import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type NatsCluster, startNatsCluster } from '../support/nats-cluster.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** Behind the gateway a cluster that knows neither MQTT 5 nor QoS 2. */

let cluster: NatsCluster;
let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;

beforeAll(async () => {
  cluster = await startNatsCluster();
  platform = await testPlatform({ ENGINE: cluster.url });
  tenant = await firstTenant(platform);
  credential = await tenant.credential();
});
afterAll(async () => {
  await platform.close();
  await cluster.stop();
});

test('QoS 2 ends at the gateway: stored once, acknowledged as it must be, and passed on as QoS 1', async () => {
  const subscriber = await RawClient.connect(platform.mqttUrl, credential);
  await eventually(async () => expect(await subscriber.subscribe([tenant.topic('lamp')], 2)).toEqual([1]));
  const will = {
    topic: tenant.topic('lamp', 'status'),
    payload: Buffer.from('offline'),
    qos: 2,
    retain: false,
  };
  const who = { clientId: 'lamp', clean: false, will: will as never };
  const device = await RawClient.connect(platform.mqttUrl, credential, who);
  const message = publishPacket(tenant.topic('lamp'), '{"a":1}', { qos: 2, messageId: 7 });
  const next = publishPacket(tenant.topic('lamp'), '{"a":2}', { qos: 1, messageId: 8 });
  device.send(message, next);
  expect(await device.expect('pubrec')).toMatchObject({ messageId: 7 });
  expect(await device.expect('puback')).toMatchObject({ messageId: 8 });
  expect(await subscriber.expect('publish')).toMatchObject({ qos: 1, payload: Buffer.from('{"a":1}') });
  // PUBREC got lost with the connection.
  await device.cut();
  const again = await eventually(() => RawClient.connect(platform.mqttUrl, credential, who));
  again.send({ ...message, dup: true } as never);
  await again.expect('pubrec');
  again.send({ cmd: 'pubrel', messageId: 7 });
  expect(await again.expect('pubcomp')).toMatchObject({ messageId: 7 });
  again.send({ ...message, payload: '{"a":3}' } as never);
  await again.expect('pubrec');
  again.send({ cmd: 'pubrel', messageId: 7 });
  await again.expect('pubcomp');
  const rows = await tenant.rows<{ a: number }>(
    `select (telemetry->>'a')::int as a from device_telemetry_history where organization_id = $1 order by recorded_at`,
  );
  expect(rows.map(({ a }) => a)).toEqual([1, 2, 3]);
  await Promise.all([again.end(), subscriber.end()]);
});

test('clients of MQTT 5 and shared subscriptions are refused in words', async () => {
  await expect(RawClient.connect(platform.mqttUrl, credential, { protocolVersion: 5 })).rejects.toThrow(
    'CONNACK 1',
  );
  const client = await RawClient.connect(platform.mqttUrl, credential);
  expect(await client.subscribe([`$share/g/${tenant.topic('lamp')}`])).toEqual([128]);
  await client.end();
});
