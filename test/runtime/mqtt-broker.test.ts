import { randomUUID } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { randomToken, tokenHash } from '../../src/service/random.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type EdgeFunction, startEdgeFunction } from '../support/edge-function.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';

/**
 * Commands with no server of ours: edge functions in Deno, a customer's Mosquitto over WebSocket, a device on it, and
 * what answers by its broker's webhook.
 */

const SECRET_KEY = 'a secret key of the project, long enough';
const TICK_SECRET = 'a-secret-between-pg_cron-and-the-tick';
const key = `nnk_${randomToken()}`;
const webhookToken = randomToken();
let database: TestDatabase;
let mosquitto: TestMosquitto;
let organization: string;
let integration: string;
const functions: EdgeFunction[] = [];
let broker: EdgeFunction;
let listener: EdgeFunction;
let tick: EdgeFunction;
const clients: MqttClient[] = [];

beforeAll(async () => {
  database = await testDatabase();
  const ws = await freePort();
  mosquitto = await startMosquitto({
    settings: [`listener ${ws} 127.0.0.1`, 'protocol websockets', 'allow_anonymous true'],
  });
  const one = async (sql: string, values: unknown[]) =>
    (await database.pool.query(sql, values)).rows[0].id as string;
  organization = await one(`select private.found_organization('Ours', $1) as id`, [randomUUID()]);
  await one(
    `insert into organization_api_keys (organization_id, name, role, key_prefix, key_sha256)
     values ($1, 'test', 'member', 'nnk_', $2) returning id`,
    [organization, await tokenHash(key)],
  );
  const configuration = {
    broker: { url: `ws://127.0.0.1:${ws}/mqtt`, protocol_version: '5', keep_alive_seconds: 60 },
    commands: {
      topic: 'plant/{device}/set',
      payload: '{"id":"{{id}}","do":"{{name}}","to":"{{params.to}}"}',
    },
  };
  integration = await one(
    `insert into device_integrations (organization_id, name, integration_type, mode, expected_topics, configuration)
     values ($1, 'Plant', 'mqtt_external', 'webhook', '[{"topic":"plant/+/responses"}]', $2) returning id`,
    [
      organization,
      { ...configuration, broker: { ...configuration.broker, has_password: false, has_client_key: false } },
    ],
  );
  await one(
    `insert into integration_tokens (organization_id, integration_id, token_hash) values ($1, $2, $3) returning id`,
    [organization, integration, await tokenHash(webhookToken)],
  );
  const environment = { SECRET_KEY, TICK_SECRET, ALLOW_PRIVATE_NETWORKS: 'true' };
  for (const name of ['mqtt-broker', 'mqtt-listener', 'tick'])
    functions.push(await startEdgeFunction(name, database, environment));
  [broker, listener, tick] = functions as [EdgeFunction, EdgeFunction, EdgeFunction];
});
afterAll(async () => {
  await Promise.all(functions.map((edge) => edge.stop()));
  await mosquitto.stop();
  await database.close();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});

async function register(name: string, of: string | null = integration): Promise<string> {
  const { rows } = await database.pool.query(
    `insert into devices (organization_id, integration_id, external_device_id, name) values ($1, $2, $3, $3) returning id`,
    [organization, of, name],
  );
  return rows[0].id;
}

interface Got {
  id: string;
  do: string;
  to: unknown;
}

/** On the customer's broker; what it answers, the broker posts to the listener. */
async function device(name: string, answer: (got: Got) => object | undefined): Promise<Got[]> {
  const got: Got[] = [];
  const client = await mqtt.connectAsync(mosquitto.url, { protocolVersion: 4 });
  clients.push(client);
  client.on('message', (_topic, payload) => {
    const command = JSON.parse(payload.toString()) as Got;
    got.push(command);
    const said = answer(command);
    if (!said) return;
    void fetch(`${listener.url}/mqtt-listener/${integration}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${webhookToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ topic: `plant/${name}/responses`, payload: { id: command.id, ...said } }),
    });
  });
  await client.subscribeAsync(`plant/${name}/set`, { qos: 1 });
  return got;
}

const ask = (body: object, bearer = key) =>
  fetch(`${broker.url}/mqtt-broker`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function stateOf(id: string) {
  const { rows } = await database.pool.query(
    'select state, reason, result from device_commands where id = $1',
    [id],
  );
  return rows[0] as { state: string; reason: string | null; result: unknown };
}

async function runTick(): Promise<void> {
  await database.pool.query(`delete from private.leases where name = 'tick'`);
  const response = await fetch(`${tick.url}/tick`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TICK_SECRET}` },
  });
  expect(await response.json()).toEqual({ ticked: true, finished: true });
}

test('a command goes out over WebSocket, and the broker’s confirmation is the answer', async () => {
  const id = await register('confirmed');
  const got = await device('confirmed', () => undefined);
  const response = await ask({ device_id: id, name: 'open', params: { to: 42 } });
  expect(response.status).toBe(200);
  const command = (await response.json()) as { id: string };
  expect(command).toMatchObject({ state: 'published', attempts: 1, external_device_id: 'confirmed' });
  await eventually(() => expect(got).toEqual([{ id: command.id, do: 'open', to: 42 }]));
});

test('with wait_seconds the device’s answer is, however its broker brings it', async () => {
  await register('answering');
  await device('answering', ({ to }) => ({ status: 'succeeded', result: { now: to } }));
  const response = await ask({
    external_device_id: 'answering',
    name: 'open',
    params: { to: 7 },
    wait_seconds: 10,
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ state: 'succeeded', result: { now: 7 } });
});

test('what a broker that is away did not take is sent by a later tick, and expires by one', async () => {
  const id = await register('patient');
  await mosquitto.end();
  const first = await ask({ device_id: id, name: 'open' });
  expect(first.status).toBe(202);
  const waiting = (await first.json()) as { id: string };
  expect(waiting).toMatchObject({ state: 'queued', reason: 'broker_away', attempts: 1 });
  const late = await ask({ device_id: id, name: 'close', ttl_seconds: 1 });
  const second = (await late.json()) as { id: string };
  await mosquitto.restart();
  const got = await device('patient', () => undefined);
  await database.pool.query(`
    update device_commands set next_attempt_at = now() where id = '${waiting.id}';
    update pgmq.q_commands_external set vt = now();
    update device_commands set expires_at = now() where id = '${second.id}'`);
  await runTick();
  expect(await stateOf(waiting.id)).toMatchObject({ state: 'published' });
  expect(await stateOf(second.id)).toMatchObject({ state: 'expired', reason: 'not_sent' });
  await eventually(() => expect(got.map(({ id }) => id)).toEqual([waiting.id]));
});

test('plain SQL is sent by tick', async () => {
  const id = await register('by-sql');
  const got = await device('by-sql', () => ({ status: 'succeeded' }));
  const { rows } = await database.pool.query(
    `insert into device_commands (device_id, name) values ($1, 'open') returning id`,
    [id],
  );
  await runTick();
  await eventually(async () => expect(await stateOf(rows[0].id)).toMatchObject({ state: 'succeeded' }));
  expect(got).toHaveLength(1);
});

test('a device of the hosted broker is left to the platform that runs it', async () => {
  const id = await register('hosted', null);
  const response = await ask({ device_id: id, name: 'open' });
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({ state: 'queued', attempts: 0 });
});

test('other tenants’ devices, unknown ones and strangers get their answers', async () => {
  const { rows } = await database.pool.query(
    `with theirs as (select private.found_organization('Theirs', $1) as id)
     insert into devices (organization_id, external_device_id, name) select id, 'x', 'x' from theirs returning id`,
    [randomUUID()],
  );
  for (const device_id of [rows[0].id, randomUUID()])
    expect((await ask({ device_id, name: 'open' })).status).toBe(404);
  expect((await ask({ device_id: rows[0].id, name: 'open' }, `nnk_${randomToken()}`)).status).toBe(401);
});
