import mqtt, { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processes } from '../../src/database/processes.ts';
import { Cluster, isReady, type RoleProcess } from '../soak/cluster.ts';
import { credentialChanges } from '../soak/credentials.ts';
import {
  type Credential,
  createCredential,
  freePorts,
  main,
  owner,
  run,
  signIn,
} from '../soak/standalone.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

/** The platform as processes, one for each role and several gateways, as `npm start -- gateway` and its like start them. */

let database: TestDatabase;
let cluster: Cluster;
let credential: Credential;
let cookie: string;
const clients: MqttClient[] = [];

beforeAll(async () => {
  database = await testDatabase();
  cluster = await Cluster.start({ databaseUrl: database.url, gateways: 4 });
  credential = await createCredential(cluster.place);
  cookie = await signIn(cluster.api.httpUrl);
  // It takes its time until others know of it: the last test looks what has become of that.
  const [, , , victim] = cluster.gateways;
  const lost = await connectTo(victim!, 'lost');
  await lost.publishAsync(topicOf('lost'), '{"n":1}', { qos: 1 });
  await eventually(async () => expect(await connections()).toContain('lost'));
  await victim!.kill();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await cluster?.close();
  await database?.close();
});

async function connectTo({ mqttPort }: RoleProcess, clientId: string, options: mqtt.IClientOptions = {}) {
  const { username, password } = credential;
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    clientId,
    username,
    password,
    reconnectPeriod: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

const ended = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', resolve));

const topicOf = (device: string, channel = 'telemetry') =>
  `org_${credential.organizationId}/devices/${device}/${channel}`;

async function api<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  const url = `${cluster.api.httpUrl}/api/v1/organizations/${credential.organizationId}${path}`;
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) } as RequestInit);
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (response.status === 204 ? undefined : await response.json()) as Body;
}

async function connections(): Promise<string[]> {
  const { rows } = await database.pool.query('select client_id from mqtt_connections');
  return rows.map(({ client_id }) => client_id);
}

async function presenceOf(device: string): Promise<string | undefined> {
  const { rows } = await database.pool.query(
    `select s.presence from device_state s join devices d on d.id = s.device_id where d.external_device_id = $1`,
    [device],
  );
  return rows[0]?.presence;
}

test('each says what it is, that it lives, and that it is ready', async () => {
  // Told every two seconds, and it was some moment before that it was found.
  const areTold = async () =>
    (await processes(database.pool)).filter(({ detail }) => detail.gateway?.engine.healthy).length;
  await expect.poll(areTold, { timeout: 5000 }).toBeGreaterThanOrEqual(3);
  const listed = await processes(database.pool);
  const roles = new Set(listed.map(({ roles }) => roles.join()));
  expect(roles).toEqual(new Set(['api', 'engine', 'gateway', 'worker']));
  const { engine } = listed.find(({ roles }) => roles[0] === 'engine')!.detail;
  expect(engine).toMatchObject({ name: 'mosquitto', healthy: true, version: expect.stringMatching(/^2\./) });
  const { worker } = listed.find(({ roles }) => roles[0] === 'worker')!.detail;
  expect(worker).toMatchObject({ turns: 0, backlog: 0, watches_presence: true });
  // Not the one that was killed, perhaps before it had found the engine.
  const gateway = listed.find(({ detail }) => detail.gateway?.engine.healthy)!.detail.gateway!;
  expect(gateway.engine).toMatchObject({ healthy: true, protocol_level: 5 });
  expect(cluster.gateways.map(({ mqttPort }) => mqttPort)).toContain(gateway.ports.mqtt);
  for (const { httpUrl } of cluster.processes.filter(({ isRunning }) => isRunning)) {
    expect((await fetch(`${httpUrl}/health`)).status).toBe(200);
    expect((await fetch(`${httpUrl}/ready`)).status).toBe(200);
    expect(await (await fetch(`${httpUrl}/metrics`)).text()).toContain('process_cpu_seconds_total');
  }
  // Nothing but an API has one.
  expect((await fetch(`${cluster.worker.httpUrl}/api/v1/me`)).status).toBe(404);
});

test('the API tells of the broker and where devices connect, though it has neither', async () => {
  const overview = await api<{ broker: object }>('GET', '/overview');
  expect(overview.broker).toMatchObject({ healthy: true, engine: 'mosquitto' });
  const { connection } = { connection: await api<{ mqtt: string }>('GET', '/connection') };
  const ports = cluster.gateways.map(({ mqttPort }) => String(mqttPort));
  expect(ports).toContain(new URL(connection.mqtt).port);
});

test('a message through one gateway is stored, and reaches who subscribes at another', async () => {
  const [one, other] = cluster.gateways;
  const watcher = await connectTo(other!, 'watcher');
  await watcher.subscribeAsync(topicOf('first'), { qos: 1 });
  const arrived = new Promise((resolve) => watcher.once('message', (_, payload) => resolve(String(payload))));
  const device = await connectTo(one!, 'first');
  await device.publishAsync(topicOf('first'), '{"temperature":21.5}', { qos: 1 });
  expect(await arrived).toBe('{"temperature":21.5}');
  const { items } = await api<{ items: object[] }>('GET', '/devices?external_device_id=first');
  expect(items).toMatchObject([{ presence: 'online', latest: { temperature: { value: 21.5 } } }]);
});

test('a webhook is taken in by an API, and its message seen by the worker’s presence as any other', async () => {
  const { webhook_url, token } = await api<{ webhook_url: string; token: string }>('POST', '/integrations', {
    name: 'Plant',
    integration_type: 'mqtt_external',
    mode: 'webhook',
    expected_topics: ['devices/+/telemetry'],
  });
  const response = await fetch(webhook_url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"topic":"devices/posted/telemetry","payload":{"temperature":19.5}}',
  });
  expect(await response.json()).toMatchObject({ receipts: [{ outcome: 'stored' }] });
  expect(await presenceOf('posted')).toBe('online');
});

test('APIs of which nobody owns anything yet print one link, and the first owner is made at either', async () => {
  const empty = await testDatabase();
  const [httpPort, otherPort] = await freePorts(2);
  const apis = [httpPort, otherPort].map((port) =>
    run(
      {
        settings: {
          DATABASE_URL: empty.url,
          SECRET_KEY: 'a secret key of more than thirty-two characters',
          HTTP_PORT: String(port),
        },
      },
      [process.execPath, main, 'api'],
    ),
  );
  try {
    await Promise.all(apis.map(({ ready }) => ready));
    await Promise.all(apis.map(({ printed }) => printed('/setup#')));
    const tokens = apis.map((each) => /\/setup#(\S+)/.exec(each.output())?.[1]);
    expect(tokens[0]).toBe(tokens[1]);
    const setUp = await fetch(`http://127.0.0.1:${otherPort}/api/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ token: tokens[0], name: 'Ada', ...owner, organization_name: 'Plant' }),
    });
    expect(setUp.ok).toBe(true);
    expect(await signIn(`http://127.0.0.1:${httpPort}`)).not.toBe('');
  } finally {
    for (const { child } of apis) child.kill('SIGTERM');
    await Promise.all(apis.map(({ exited }) => exited));
    await empty.close();
  }
});

test('a command goes from the API over the worker and the engine to the device, and its answer comes back', async () => {
  const device = await connectTo(cluster.gateways[2]!, 'commanded');
  await device.publishAsync(topicOf('commanded'), '{"temperature":20}', { qos: 1 });
  const { items } = await api<{ items: { id: string }[] }>('GET', '/devices?external_device_id=commanded');
  const ask = (wait_seconds: number) =>
    api<{ id: string; state: string }>('POST', `/devices/${items[0]!.id}/commands`, {
      name: 'reboot',
      params: {},
      wait_seconds,
    });
  // Asked before anybody listens: the worker hears of it from another process that somebody does.
  const early = await ask(1);
  expect(early.state).toBe('queued');
  const answered: string[] = [];
  device.on('message', (_, payload) => {
    const { id } = JSON.parse(String(payload));
    answered.push(id);
    device.publish(topicOf('commanded', 'responses'), JSON.stringify({ id, status: 'succeeded' }), {
      qos: 1,
    });
  });
  await device.subscribeAsync(topicOf('commanded', 'commands'), { qos: 1 });
  expect(await ask(10)).toMatchObject({ state: 'succeeded' });
  expect(answered[0]).toBe(early.id);
  const { rows } = await database.pool.query(
    'select state, delivered_at is not null as delivered from device_commands where id = any ($1)',
    [answered],
  );
  expect(rows).toEqual([
    { state: 'succeeded', delivered: true },
    { state: 'succeeded', delivered: true },
  ]);
});

test('a client id that comes back at another gateway leaves the first one', async () => {
  const before = await connectTo(cluster.gateways[0]!, 'wanderer');
  const left = ended(before);
  const now = await connectTo(cluster.gateways[1]!, 'wanderer');
  await left;
  await now.publishAsync(topicOf('wanderer'), '{"n":1}', { qos: 1 });
  expect(await presenceOf('wanderer')).toBe('online');
  const reasons = async () => {
    const { rows } = await database.pool.query(
      `select reason from integration_activity_log where client_id = 'wanderer' and event = 'disconnected'`,
    );
    return rows.map(({ reason }) => reason);
  };
  await expect.poll(reasons).toEqual(['taken_over']);
});

test('a revoked credential is out at every gateway within two seconds, and nobody else', async () => {
  const doomed = await api<Credential & { id: string }>('POST', '/credentials', { label: 'doomed' });
  const { username, password } = doomed;
  const innocent = await connectTo(cluster.gateways[0]!, 'innocent');
  const ends = await Promise.all(
    cluster.gateways.slice(0, 3).map(async (gateway, n) => ({
      end: ended(await connectTo(gateway, `doomed-${n}`, { username, password })),
    })),
  );
  const revoked = performance.now();
  const deleted = api('DELETE', `/credentials/${doomed.id}`);
  await Promise.all(ends.map(({ end }) => end));
  expect(performance.now() - revoked).toBeLessThan(2000);
  await deleted;
  await innocent.publishAsync(topicOf('innocent'), '{"n":1}', { qos: 1 });
  await expect(connectTo(cluster.gateways[1]!, 'doomed-1', { username, password })).rejects.toThrow();
});

test('credentials change while others publish: who has one of them is out at every gateway, and nobody else', async () => {
  const result = await credentialChanges(
    { place: cluster.place, gateways: cluster.gateways.slice(0, 3) },
    { seconds: 6, changesAMinute: 200, publishers: 60 },
  );
  expect(result).toMatchObject({ changes: 20, differences: [] });
});

test('a worker is restarted, and no device is unknown for it', async () => {
  const device = await connectTo(cluster.gateways[0]!, 'steady');
  await device.publishAsync(topicOf('steady'), '{"n":1}', { qos: 1 });
  const { rows: before } = await database.pool.query('select observed_from from private.presence_watch');
  await cluster.worker.stop();
  await cluster.worker.start();
  const watches = async () =>
    (await processes(database.pool)).some(({ detail }) => detail.worker?.watches_presence);
  await expect.poll(watches, { timeout: 15_000 }).toBe(true);
  expect(await presenceOf('steady')).toBe('online');
  const { rows: after } = await database.pool.query('select observed_from from private.presence_watch');
  expect(after).toEqual(before);
});

test('nobody has watched presence for a minute: who is connected all that time is known to be there all the same', async () => {
  const device = await connectTo(cluster.gateways[0]!, 'silent');
  await device.publishAsync(topicOf('silent'), '{"n":1}', { qos: 1 });
  await cluster.worker.stop();
  await database.pool.query(`update private.presence_watch set looked_at = now() - interval '1 minute'`);
  await cluster.worker.start();
  const known = async () => {
    const { rows } = await database.pool.query(
      `select s.presence, s.connection_at > w.observed_from as said_again
         from device_state s join devices d on d.id = s.device_id, private.presence_watch w
        where d.external_device_id = 'silent'`,
    );
    return rows;
  };
  await expect.poll(known, { timeout: 15_000 }).toEqual([{ presence: 'online', said_again: true }]);
});

test('what can’t be: a role without a database, with another key, or with an engine that is in no other process', async () => {
  const refused = async (role: string, settings: Record<string, string>) => {
    const other = run({ settings: { HTTP_PORT: '0', ...settings } }, [process.execPath, main, role]);
    const { code } = await other.exited;
    return { code, said: other.output().trim().split('\n').at(-1) };
  };
  const DATABASE_URL = database.url;
  const complaints = await Promise.all([
    refused('gateway', { DATABASE_URL }),
    refused('worker', { ENGINE: 'mosquitto' }),
    refused('engine', { DATABASE_URL, ENGINE: 'mqtt://127.0.0.1:1' }),
    refused('gatewy', {}),
    refused('worker', {
      DATABASE_URL,
      ENGINE: 'mosquitto',
      SECRET_KEY: 'another key of more than thirty-two characters',
    }),
  ]);
  expect(complaints).toEqual([
    { code: 1, said: expect.stringContaining('ENGINE=embedded is for one process') },
    { code: 1, said: expect.stringContaining('DATABASE_URL: expected') },
    { code: 1, said: expect.stringContaining('ENGINE: expected mosquitto') },
    { code: 1, said: expect.stringContaining('gatewy: expected') },
    { code: 1, said: expect.stringContaining('SECRET_KEY: expected that of the processes that run') },
  ]);
});

test('of a gateway that was killed the connections are off the list, and who did not come back is unknown', async () => {
  await expect.poll(connections, { timeout: 20_000 }).not.toContain('lost');
  expect(await connections()).toContain('first');
  await expect.poll(() => presenceOf('lost'), { timeout: 10_000 }).toBe('unknown');
  expect(await presenceOf('first')).toBe('online');
  const [, , , victim] = cluster.gateways;
  await victim!.start();
  await isReady(victim!);
  const back = await connectTo(victim!, 'lost');
  await back.publishAsync(topicOf('lost'), '{"n":2}', { qos: 1 });
  expect(await presenceOf('lost')).toBe('online');
});

test('the engine is away: clients are disconnected, and their devices unknown and not offline, which another process writes', async () => {
  const device = await connectTo(cluster.gateways[1]!, 'severed', {
    will: { topic: topicOf('severed', 'status'), payload: Buffer.from('offline'), qos: 1, retain: true },
  });
  await device.publishAsync(topicOf('severed'), '{"n":1}', { qos: 1 });
  const left = ended(device);
  await cluster.engine!.stop();
  await left;
  await expect(connectTo(cluster.gateways[2]!, 'severed')).rejects.toThrow(/unavailable/i);
  expect((await fetch(`${cluster.gateways[2]!.httpUrl}/ready`)).status).toBe(503);
  await expect.poll(() => presenceOf('severed'), { timeout: 10_000 }).toBe('unknown');
  await cluster.engine!.start();
  await Promise.all(cluster.gateways.map(isReady));
  const back = await connectTo(cluster.gateways[2]!, 'severed');
  await back.publishAsync(topicOf('severed'), '{"n":2}', { qos: 1 });
  expect(await presenceOf('severed')).toBe('online');
});
