import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mosquittoEngine } from '../../src/engine/mosquitto/engine.ts';
import { silentLog } from '../../src/service/log.ts';
import { commandedDevice } from '../support/commanded-device.ts';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** The walk with the embedded engine, once more with ENGINE=mosquitto. */

let platform: TestPlatform;
let tenant: Tenant;

beforeAll(async () => {
  platform = await testPlatform({ ENGINE: 'mosquitto' });
  tenant = await firstTenant(platform);
});
afterAll(() => platform.close());

async function presenceOf(device: string): Promise<{ presence: string; reason: string }> {
  const [row] = await tenant.rows<{ presence: string; reason: string }>(
    `select s.presence, s.presence_reason as reason from device_state s join devices d on d.id = s.device_id
      where d.organization_id = $1 and d.external_device_id = $2`,
    [device],
  );
  return row!;
}

/** Of the Mosquitto that runs now. */
async function mosquittoPid(): Promise<number> {
  return Number.parseInt(await readFile(`${platform.dataDir}/mosquitto/mosquitto.pid`, 'utf8'), 10);
}

async function commandsOf(device: string) {
  return tenant.rows<{ state: string; reason: string | null }>(
    `select c.state, c.reason from device_commands c join devices d on d.id = c.device_id
      where d.organization_id = $1 and d.external_device_id = $2 order by c.sequence`,
    [device],
  );
}

async function ask(device: string): Promise<string> {
  const [row] = await tenant.rows<{ id: string }>(
    `insert into device_commands (device_id, name) select id, 'identify' from devices
      where organization_id = $1 and external_device_id = $2 returning id`,
    [device],
  );
  return row!.id;
}

test('a message is a row, kept for who subscribes later, and heard by who is subscribed', async () => {
  const credential = await tenant.credential();
  const listener = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'listener' });
  expect(
    await listener.subscribe([
      tenant.topic('freezer', '#'),
      '#',
      `$share/g/${tenant.topic('a')}`,
      '$share/g/#',
    ]),
  ).toEqual([1, 128, 1, 128]);
  const { port } = new URL(platform.mqttUrl);
  const login = ['-h', '127.0.0.1', '-p', port, '-u', credential.username, '-P', credential.password];
  const message = ['-q', '1', '-r', '-t', tenant.topic('freezer'), '-m', '{"temperature":-18.2}'];
  await promisify(execFile)('mosquitto_pub', [...login, ...message]);
  expect(await listener.expect('publish')).toMatchObject({ topic: tenant.topic('freezer'), retain: false });
  const late = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'late' });
  await late.subscribe([tenant.topic('freezer')]);
  expect(await late.expect('publish')).toMatchObject({ retain: true });
  expect(
    await tenant.rows('select telemetry from device_telemetry_history where organization_id = $1'),
  ).toEqual([{ telemetry: { temperature: -18.2 } }]);
  await Promise.all([listener.end(), late.end()]);
});

test('the last will of a lost device is said, kept, and makes it offline', async () => {
  const will = {
    topic: tenant.topic('pump', 'status'),
    payload: Buffer.from('offline'),
    qos: 1 as const,
    retain: true,
  };
  const device = await RawClient.connect(platform.mqttUrl, await tenant.credential('pump'), { will });
  const listener = await RawClient.connect(platform.mqttUrl, await tenant.credential());
  await listener.subscribe([tenant.topic('pump', '#')]);
  device.socket.destroy();
  expect((await listener.expect('publish')).payload.toString()).toBe('offline');
  await eventually(async () => expect(await presenceOf('pump')).toMatchObject({ presence: 'offline' }));
  await listener.end();
});

test('a revoked credential is out within two seconds, its session forgotten, its will unsaid', async () => {
  const own = await tenant.credential('door');
  const will = {
    topic: tenant.topic('door', 'status'),
    payload: Buffer.from('offline'),
    qos: 1 as const,
    retain: true,
  };
  const options = { clientId: 'door', clean: false };
  const client = await RawClient.connect(platform.mqttUrl, own, { ...options, will });
  await client.subscribe([tenant.topic('door', 'commands')]);
  const listener = await RawClient.connect(platform.mqttUrl, await tenant.credential());
  await listener.subscribe([tenant.topic('door', '#')]);
  const path = `/api/v1/organizations/${platform.organizationId}/credentials/${own.id}`;
  const revoked = performance.now();
  expect((await platform.api('DELETE', path)).ok).toBe(true);
  await client.closed;
  expect(performance.now() - revoked).toBeLessThan(2000);
  // At once: it is let in behind the purge, which would end its connection.
  const successor = new RawClient(platform.mqttUrl);
  const { username, password } = await tenant.credential('door');
  const connect = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    keepalive: 0,
    ...options,
  } as const;
  successor.send({ ...connect, username, password: Buffer.from(password) });
  expect(await successor.expect('connack')).toMatchObject({ returnCode: 0, sessionPresent: false });
  await successor.publish(tenant.topic('door', 'x'), 'end');
  await successor.ping();
  expect((await listener.expect('publish')).payload.toString()).toBe('end');
  await Promise.all([successor.end(), listener.end()]);
});

test('a command waits for its device, reaches it when it comes, and has its answer', async () => {
  await tenant.credential('lamp');
  await ask('lamp');
  await eventually(async () =>
    expect(await commandsOf('lamp')).toEqual([{ state: 'queued', reason: 'device_away' }]),
  );
  const device = await commandedDevice(platform, 'lamp', () => ({ result: { on: true } }));
  await eventually(async () => expect(await commandsOf('lamp')).toMatchObject([{ state: 'succeeded' }]));
  await ask('lamp');
  await eventually(async () =>
    expect((await commandsOf('lamp')).map(({ state }) => state)).toEqual(['succeeded', 'succeeded']),
  );
  await device.close();
});

test('all at once, hundreds of clients are let in', async () => {
  const credential = await tenant.credential();
  const clients = await Promise.all(
    Array.from({ length: 500 }, (_, n) =>
      RawClient.connect(platform.mqttUrl, credential, { clientId: `storm-${n}` }),
    ),
  );
  await Promise.all(clients.map((client) => client.end()));
});

test('a client that Mosquitto won’t have is refused, and its owner is told', async () => {
  const credential = await tenant.credential();
  const odd = RawClient.connect(platform.mqttUrl, credential, { clientId: 'odd\u0085' });
  await expect(odd).rejects.toThrow('CONNACK 3');
  await eventually(async () =>
    expect(
      await tenant.rows(
        `select reason from integration_activity_log where organization_id = $1 and event = 'connect_refused'`,
      ),
    ).toEqual([{ reason: 'engine_refused' }]),
  );
});

test('another platform in the same directory is refused, and leaves the Mosquitto there alone', async () => {
  const settings = { directory: platform.dataDir, messageBytes: 1000, log: silentLog };
  const another = await mosquittoEngine(settings);
  const before = await mosquittoPid();
  await expect(another.start()).rejects.toThrow(`${platform.dataDir} is in use by another process`);
  await another.stop();
  expect(await mosquittoPid()).toBe(before);
  await (await RawClient.connect(platform.mqttUrl, await tenant.credential())).end();
});

test('what Mosquitto says of itself can be seen', async () => {
  const metrics = async () => (await fetch(`${platform.url}/metrics`)).text();
  const client = await RawClient.connect(platform.mqttUrl, await tenant.credential());
  await eventually(async () => expect(await metrics()).toMatch(/^netneural_engine_clients 1$/m), 10_000);
  expect(await metrics()).toMatch(/^netneural_engine_healthy 1$/m);
  await client.end();
});

test('Mosquitto killed: devices that come back are online, the others unknown and not offline', async () => {
  const will = (name: string) => ({
    topic: tenant.topic(name, 'status'),
    payload: Buffer.from('offline'),
    qos: 1 as const,
    retain: true,
  });
  const names = ['returns', 'stays-away'];
  const credentials = await Promise.all(names.map((name) => tenant.credential(name)));
  const clients = await Promise.all(
    names.map((name, index) =>
      RawClient.connect(platform.mqttUrl, credentials[index]!, { will: will(name) }),
    ),
  );
  for (const [index, client] of clients.entries())
    await client.publish(tenant.topic(names[index]!), '{"a":1}');
  for (const name of names)
    await eventually(async () => expect(await presenceOf(name)).toMatchObject({ presence: 'online' }));
  const before = await mosquittoPid();
  process.kill(before, 'SIGKILL');
  await Promise.all(clients.map(({ closed }) => closed));
  const back = await eventually(() => RawClient.connect(platform.mqttUrl, credentials[0]!), 10_000);
  expect(await mosquittoPid()).not.toBe(before);
  await eventually(
    async () =>
      expect(await presenceOf('stays-away')).toEqual({ presence: 'unknown', reason: 'not_observed' }),
    10_000,
  );
  expect(await presenceOf('returns')).toMatchObject({ presence: 'online' });
  const again = await RawClient.connect(platform.mqttUrl, credentials[1]!);
  await eventually(async () => expect(await presenceOf('stays-away')).toMatchObject({ presence: 'online' }));
  expect(
    await tenant.rows(
      `select distinct reason from integration_activity_log where organization_id = $1 and event = 'disconnected'
         and detail = 'the engine closed the connection'`,
    ),
  ).toEqual([{ reason: 'engine_unavailable' }]);
  await Promise.all([back.end(), again.end()]);
});
