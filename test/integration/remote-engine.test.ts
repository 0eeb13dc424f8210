import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import mqttPacket from 'mqtt-packet';
import { afterEach, expect, test } from 'vitest';
import { remoteEngine } from '../../src/engine/remote/engine.ts';
import { silentLog } from '../../src/service/log.ts';
import { commandedDevice } from '../support/commanded-device.ts';
import { eventually } from '../support/eventually.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';
import { firstTenant } from '../support/tenant.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const message = { topic: 'a/commands', payload: Buffer.from('go'), qos: 1, retain: false } as const;

test('the platform starts without its engine, says so, and finds it when it comes', async () => {
  const broker = await startMosquitto();
  cleanups.push(() => broker.stop());
  await broker.end();
  const platform = await testPlatform({ ENGINE: `mqtt://127.0.0.1:${broker.port}` });
  cleanups.push(() => platform.close());
  const tenant = await firstTenant(platform);
  const credential = await tenant.credential('lamp');
  await expect(RawClient.connect(platform.mqttUrl, credential)).rejects.toThrow('CONNACK 3');
  const metrics = async () => (await fetch(`${platform.url}/metrics`)).text();
  expect(await metrics()).toMatch(/^netneural_engine_healthy 0$/m);

  await broker.restart();
  await eventually(async () => expect(await metrics()).toMatch(/^netneural_engine_healthy 1$/m));
  const client = await RawClient.connect(platform.mqttUrl, credential);
  await client.publish(tenant.topic('lamp'), '{"on":true}');
  expect(await tenant.rows('select from device_telemetry_history where organization_id = $1')).toHaveLength(
    1,
  );
  await client.end();
  const device = await commandedDevice(platform, 'lamp', () => ({}));
  const path = `/api/v1/organizations/${platform.organizationId}/devices`;
  const { items } = (await (await platform.api('GET', path)).json()) as { items: { id: string }[] };
  const answer = await platform.api('POST', `${path}/${items[0]!.id}/commands`, {
    name: 'x',
    wait_seconds: 5,
  });
  expect(await answer.json()).toMatchObject({ state: 'succeeded' });
  await device.close();
});

test('publish says when nobody is subscribed; a session whose client is away is somebody', async () => {
  const broker = await startMosquitto();
  const engine = remoteEngine({ url: broker.url, log: silentLog });
  cleanups.push(
    () => broker.stop(),
    () => engine.stop(),
  );
  await engine.start();
  expect(await engine.publish(message)).toBe(false);
  const options = {
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: false,
    clientId: 'c',
    keepalive: 0,
  } as const;
  const client = new RawClient(broker.url);
  client.send({ cmd: 'connect', ...options });
  await client.expect('connack');
  await client.subscribe(['a/#']);
  expect(await engine.publish(message)).toBe(true);
  await client.end();
  expect(await engine.publish(message)).toBe(true);
  await engine.purge('c');
  expect(await engine.publish(message)).toBe(false);
  expect(engine.reaches(message.topic)).toBeUndefined();

  const connection = engine.connect();
  expect(await engine.whyEnded(connection, false)).toBe('client');
  expect(await engine.whyEnded(connection, true)).toBe('engine');
  await broker.kill();
  expect(await engine.whyEnded(connection, false)).toBe('engine');
  await expect(engine.publish(message)).rejects.toThrow();
  expect(engine.status()).toMatchObject({ healthy: false, detail: expect.stringContaining('is away') });
});

test('what is published for a while only says so', async () => {
  const broker = await startMosquitto();
  const engine = remoteEngine({ url: broker.url, log: silentLog });
  cleanups.push(
    () => broker.stop(),
    () => engine.stop(),
  );
  await engine.start();
  const client = new RawClient(broker.url, 5);
  client.send(
    mqttPacket.generate(
      { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: 'c', keepalive: 0 },
      { protocolVersion: 5 },
    ),
  );
  await client.expect('connack');
  const subscriptions = [{ topic: 'a/#', qos: 1 as const }];
  client.send(mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions }, { protocolVersion: 5 }));
  await client.expect('suback');
  expect(await engine.publish({ ...message, expirySeconds: 300 })).toBe(true);
  const { properties } = await client.expect('publish');
  expect(properties).toEqual({ messageExpiryInterval: 300 });
  client.socket.destroy();
});

test('an engine of MQTT 3.1.1 alone serves too: whoever is there is believed to be', async () => {
  const aedes = await Aedes.createBroker();
  const server: Server = createServer((socket) => aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const engine = remoteEngine({ url: `mqtt://127.0.0.1:${port}`, log: silentLog });
  cleanups.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => new Promise<void>((resolve) => aedes.close(resolve)),
    () => engine.stop(),
  );
  expect(engine.protocolLevel).toBeUndefined();
  await engine.start();
  expect(engine.status().healthy).toBe(true);
  expect(engine.protocolLevel).toBe(4);
  expect(await engine.publish(message)).toBe(true);
});

test.each([
  ['mqtt://host/path', 'ENGINE: mqtt:// takes no path. Only ws:// and wss:// have one.'],
  ['mqtt://host:70000', 'ENGINE: The port must be a number from 1 to 65535.'],
  ['mqtt://a,b,', 'ENGINE: The URL has no valid host name.'],
])('%s is refused in a line', (url, complaint) => {
  expect(() => remoteEngine({ url, log: silentLog })).toThrow(complaint);
});
