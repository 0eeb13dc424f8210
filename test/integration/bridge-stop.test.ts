import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestPlatform, testPlatform } from '../support/platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform?.close());

it('ends the connection of a bridge that is stopped, and takes it back when it is started', async () => {
  const path = `/api/v1/organizations/${platform.organizationId}/integrations`;
  const made = await platform.api('POST', path, {
    name: 'Harbour',
    mode: 'bridge',
    expected_topics: ['devices/{device}/telemetry'],
  });
  const { id, bridge } = (await made.json()) as {
    id: string;
    bridge: { username: string; password: string };
  };
  const connect = () =>
    connectAsync(platform.mqttUrl, { protocolVersion: 4, reconnectPeriod: 0, ...bridge }, false);

  const client = await connect();
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  expect((await platform.api('PATCH', `${path}/${id}`, { enabled: false })).status).toBe(200);
  await closed;
  await expect(connect()).rejects.toThrow(/not authorized|bad user name or password/i);

  expect((await platform.api('PATCH', `${path}/${id}`, { enabled: true })).status).toBe(200);
  const comesIn = () =>
    connect().then(
      (again) => again.endAsync().then(() => true),
      () => false,
    );
  // As soon as the gateway has been told.
  await expect.poll(comesIn).toBe(true);
});
