import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  brokerDevice,
  changeIntegration,
  createIntegration,
  type TestIntegration,
  telemetryOf,
} from '../support/external-broker.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';

/** A customer's Mosquitto that bridges to the hosted broker with the very file that we make for it. */

let platform: TestPlatform;
let directory: string;
let broker: TestMosquitto;
let plant: TestIntegration;
let device: Awaited<ReturnType<typeof brokerDevice>>;

beforeAll(async () => {
  platform = await testPlatform();
  plant = await createIntegration(platform, {
    mode: 'bridge',
    expected_topics: [
      'devices/+/telemetry',
      { topic: 'zigbee2mqtt/{device}' },
      { topic: 'house/{device}/+', decoder: 'value' },
    ],
  });
  const path = `/api/v1/organizations/${platform.organizationId}/integrations/${plant.id}/setup`;
  const { items } = (await (await platform.api('GET', path)).json()) as {
    items: { broker: string; files: { name: string; text: string }[] }[];
  };
  const guide = items.find((item) => item.broker === 'mosquitto')!;
  const file = guide.files.find(({ name }) => name.includes('bridge'))!.text;
  expect(file).toContain(plant.bridge!.username);
  directory = await mkdtemp(join(tmpdir(), 'netneural-bridge-'));
  await chmod(directory, 0o755);
  await writeFile(join(directory, 'netneural.conf'), file.replaceAll('<password>', plant.bridge!.password));
  broker = await startMosquitto({
    persistent: true,
    settings: [`include_dir ${directory}`, 'max_queued_messages 0'],
  });
  device = await brokerDevice(broker.url);
});
afterAll(async () => {
  await device?.endAsync(true);
  await platform?.close();
  await broker?.stop();
  await rm(directory, { recursive: true, force: true });
});

it('its topics arrive as they are there, in the integration that the bridge was made for', async () => {
  await device.publishAsync('devices/t1/telemetry', '{"temperature":20.1}', { qos: 1 });
  await device.publishAsync('zigbee2mqtt/kitchen_motion', '{"battery":97,"occupancy":true}', { qos: 1 });
  await device.publishAsync('house/attic/temperature', '19.75', { qos: 1 });
  await device.publishAsync('elsewhere/t1', '1', { qos: 1 });
  await expect.poll(() => telemetryOf(platform, 't1'), { timeout: 10_000 }).toEqual([{ temperature: 20.1 }]);
  await expect
    .poll(() => telemetryOf(platform, 'kitchen_motion'))
    .toEqual([{ battery: 97, occupancy: true }]);
  await expect.poll(() => telemetryOf(platform, 'attic')).toEqual([{ temperature: 19.75 }]);
  const { rows } = await platform.test.pool.query('select distinct integration_id from devices');
  expect(rows).toEqual([{ integration_id: plant.id }]);
});

it('what its broker keeps while we refuse it arrives when it may come again', async () => {
  await changeIntegration(platform, plant.id, { enabled: false });
  await expect
    .poll(async () => (await platform.test.pool.query('select from mqtt_connections')).rowCount, {
      timeout: 5000,
    })
    .toBe(0);
  for (let n = 0; n < 20; n += 1)
    await device.publishAsync('devices/t2/telemetry', JSON.stringify({ n }), { qos: 1 });
  expect(await telemetryOf(platform, 't2')).toEqual([]);
  await changeIntegration(platform, plant.id, { enabled: true });
  await expect
    .poll(() => telemetryOf(platform, 't2'), { timeout: 40_000, interval: 200 })
    .toEqual(Array.from({ length: 20 }, (_, n) => ({ n })));
}, 60_000);

it('an edit of its topics holds for the connection that stands', async () => {
  await changeIntegration(platform, plant.id, { expected_topics: ['other/+/telemetry'] });
  await expect
    .poll(
      async () => {
        await device.publishAsync('devices/t3/telemetry', '{"a":1}', { qos: 1 });
        const { rows } = await platform.test.pool.query('select reason from message_quarantine limit 1');
        return rows;
      },
      { timeout: 8000, interval: 100 },
    )
    .toEqual([{ reason: 'topic_not_expected' }]);
});

it('what came on another topic is replayed once it is expected', async () => {
  await changeIntegration(platform, plant.id, { expected_topics: ['devices/{device}/telemetry'] });
  const path = `/api/v1/organizations/${platform.organizationId}/quarantine/replay`;
  const replayed = (await (await platform.api('POST', path, {})).json()) as { stored: number };
  expect(replayed.stored).toBeGreaterThan(0);
  expect(await telemetryOf(platform, 't3')).toContainEqual({ a: 1 });
});
