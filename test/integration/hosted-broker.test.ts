import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';

const run = promisify(execFile);
let platform: TestPlatform;

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

test('a message published by mosquitto_pub is the device’s latest value', async () => {
  const { username, password } = await platform.credential();
  const { port } = new URL(platform.mqttUrl);
  const topic = `org_${platform.organizationId}/devices/freezer-1/telemetry`;
  await run('mosquitto_pub', [
    '-h',
    '127.0.0.1',
    '-p',
    port,
    '-u',
    username,
    '-P',
    password,
    '-q',
    '1',
    '-t',
    topic,
    '-m',
    '{"temperature":-18.2}',
  ]);
  const response = await platform.api('GET', `/api/v1/organizations/${platform.organizationId}/devices`);
  const { items } = (await response.json()) as {
    items: { external_device_id: string; presence: string; latest: unknown }[];
  };
  expect(items).toMatchObject([
    { external_device_id: 'freezer-1', latest: { temperature: { value: -18.2 } } },
  ]);
});

test('what is published is noted to be rolled up when its hour is over', async () => {
  const { rows } = await eventually(
    () =>
      platform.test.pool
        .query<{ hour: Date; due_at: Date }>(
          `select hour, due_at from private.unrolled_hours
         join devices d on d.id = device_id where external_device_id = 'freezer-1'`,
        )
        .then((noted) => {
          expect(noted.rows).toHaveLength(1);
          return noted;
        }),
    20_000,
  );
  expect(rows[0]!.due_at.getTime() - rows[0]!.hour.getTime()).toBeGreaterThanOrEqual(3_660_000);
});

test('MQTT.js publishes with QoS 0, 1 and 2 and hears its own messages', async () => {
  const { username, password } = await platform.credential();
  const client = await mqtt.connectAsync(platform.mqttUrl, {
    username,
    password,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  const prefix = `org_${platform.organizationId}/devices/js-1`;
  const heard: string[] = [];
  const all = new Promise<void>((resolve) => {
    client.on('message', (topic, payload) => {
      heard.push(`${topic.slice(prefix.length)} ${payload}`);
      if (heard.length === 3) resolve();
    });
  });
  await client.subscribeAsync(`${prefix}/#`, { qos: 2 });
  for (const qos of [0, 1, 2] as const)
    await client.publishAsync(`${prefix}/telemetry`, `{"n":${qos}}`, { qos });
  await all;
  expect(heard).toEqual(['/telemetry {"n":0}', '/telemetry {"n":1}', '/telemetry {"n":2}']);
  await client.endAsync();
});
