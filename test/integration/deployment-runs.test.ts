import { chmod, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Run, run } from '../soak/standalone.ts';
import { deploy, ownServices, readCompose } from '../support/compose.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startHaproxy, type TestHaproxy } from '../support/haproxy.ts';
import { owner } from '../support/platform.ts';
import { type TestCa, testCa } from '../support/tls-certificates.ts';

/**
 * deploy/compose.yaml and deploy/haproxy.cfg without containers: the same commands with the same settings, behind the
 * same HAProxy. What is changed are addresses: each service has a loopback address of its own, so that every port stays
 * what it is, and the database is the tests'.
 */
const network = '127.93.0';
const HAPROXY = `${network}.10`;
/** Those with Docker's names; HAProxy connects from 127.0.0.1. */
const hosts: Record<string, string> = {
  'gateway-1': `${network}.21`,
  'gateway-2': `${network}.22`,
  api: `${network}.30`,
  subscriber: `${network}.40`,
  worker: `${network}.50`,
  engine: `${network}.60`,
};
const CLIENT = '127.0.0.2';

let database: TestDatabase;
let ca: TestCa;
let directory: string;
let haproxy: TestHaproxy | undefined;
const runs: Record<string, Run> = {};
const start = new Map<string, () => Run>();

beforeAll(async () => {
  [database, ca] = await Promise.all([testDatabase(), testCa()]);
  directory = await mkdtemp(join(tmpdir(), 'netneural-deployment-'));
  // Mosquitto's account has to get there.
  await chmod(directory, 0o755);
  const { certificatePath, keyPath } = await ca.issue(['DNS:localhost']);
  const certificates = join(directory, 'certs');
  await mkdir(certificates);
  await copyFile(certificatePath, join(certificates, 'tls.crt'));
  await copyFile(keyPath, join(certificates, 'tls.key'));
  const compose = readCompose({
    DOMAIN: 'localhost',
    POSTGRES_PASSWORD: 'secret',
    SECRET_KEY: 's'.repeat(32),
    ADMIN_EMAIL: owner.email,
    ADMIN_PASSWORD: owner.password,
  });
  const here = (value: string) =>
    value
      .replace(/^postgresql:.*/, database.url)
      .replace('10.93.0.10', '127.0.0.1')
      .replace('broker.engine', hosts.engine!)
      .replace(/^\/certs/, certificates);
  const dockerfile = await readFile(join(deploy, 'Dockerfile'), 'utf8');
  const [, main] = /^ENTRYPOINT \["node", "(.+)"\]$/m.exec(dockerfile)!;
  for (const [name, { command = [], environment = {} }] of ownServices(compose)) {
    const given = Object.entries(environment).map(([key, value]) => [key, here(value)]);
    const settings = {
      ...Object.fromEntries(given),
      HOST: hosts[name],
      DATA_DIR: join(directory, name),
    };
    start.set(name, () => run({ settings }, [process.execPath, join(deploy, '..', main!), ...command]));
  }
  for (const [name, begin] of start) runs[name] = begin();
  const configuration = (await readFile(join(deploy, 'haproxy.cfg'), 'utf8'))
    .replaceAll('bind :', `bind ${HAPROXY}:`)
    .replaceAll('/certs/', `${certificates}/`)
    .replaceAll(/^( {2}server \w+ )([\w-]+)(?=:\d+)/gm, (_all, before, host) => before + hosts[host]);
  await Promise.all(Object.values(runs).map(({ ready }) => ready));
  haproxy = await startHaproxy(configuration, 8000, HAPROXY);
  await Promise.all(Object.keys(hosts).map(isReady));
});
afterAll(async () => {
  await haproxy?.stop();
  for (const { child } of Object.values(runs)) child.kill('SIGKILL');
  await Promise.all(Object.values(runs).map(({ exited }) => exited));
  await database.close();
  await ca.remove();
  await rm(directory, { recursive: true });
});

/** Resolves when it has found the database and, where it needs one, the engine. */
async function isReady(name: string): Promise<void> {
  await eventually(async () => {
    const { status } = await fetch(`http://${hosts[name]}:8080/ready`);
    expect(status, name).toBe(200);
  });
}

/** Through HAProxy's HTTPS. */
function web(
  method: string,
  path: string,
  body?: unknown,
  cookie = '',
): Promise<{ status: number; text: string; cookie: string }> {
  return new Promise((resolve, reject) => {
    const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    const options = { host: HAPROXY, port: 8443, servername: 'localhost', ca: ca.certificate };
    const sent = request({ ...options, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => {
        const cookies = (response.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]);
        resolve({ status: response.statusCode!, text, cookie: cookies.join('; ') });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function device(
  url: string,
  credential: { username: string; password: string },
  clientId: string,
): MqttClient {
  const tls = { ca: ca.certificate, servername: 'localhost', localAddress: CLIENT };
  const { username, password } = credential;
  const options = { username, password, clientId, reconnectPeriod: 50, protocolVersion: 5 as const };
  return mqtt.connect(url, { ...options, ...tls, wsOptions: tls } as IClientOptions);
}
const connected = (client: MqttClient) =>
  new Promise<void>((resolve, reject) => client.once('connect', () => resolve()).once('error', reject));

test('the whole of compose.yaml: sign in, connect, publish, and lose a gateway', async () => {
  const signedIn = await web('POST', '/api/auth/sign-in/email', owner);
  expect(signedIn.status).toBe(200);
  const me = JSON.parse((await web('GET', '/api/v1/me', undefined, signedIn.cookie)).text);
  const organization: string = me.organizations[0].id;
  const path = `/api/v1/organizations/${organization}`;
  const credential = await eventually(async () => {
    const made = await web('POST', `${path}/credentials`, { label: 'test' }, signedIn.cookie);
    const { username, password, connect } = JSON.parse(made.text);
    // What devices are told is where HAProxy listens, once the API has heard of gateways.
    expect(connect).toEqual({
      mqtt: 'mqtt://localhost:1883',
      mqtts: 'mqtts://localhost:8883',
      ws: 'ws://localhost:9001/mqtt',
      wss: 'wss://localhost:8084/mqtt',
    });
    return { username, password } as { username: string; password: string };
  });

  const urls = [`mqtts://${HAPROXY}:8883`, `wss://${HAPROXY}:8084/mqtt`];
  const devices = Array.from({ length: 6 }, (_, at) => device(urls[at % 2]!, credential, `device-${at}`));
  await Promise.all(devices.map(connected));
  const publish = (n: number) =>
    Promise.all(
      devices.map((client, at) =>
        client.publishAsync(`org_${organization}/devices/device-${at}/telemetry`, JSON.stringify({ n }), {
          qos: 1,
        }),
      ),
    );
  await publish(1);

  const where = async () =>
    (
      await database.pool.query<{ gateway_id: string; address: string; transport: string }>(
        'select gateway_id, host(remote_address::inet) as address, transport from mqtt_connections order by client_id',
      )
    ).rows;
  await eventually(async () => expect(await where()).toHaveLength(6));
  const before = await where();
  expect(new Set(before.map(({ address }) => address))).toEqual(new Set([CLIENT]));
  expect(new Set(before.map(({ transport }) => transport))).toEqual(new Set(['tls', 'wss']));
  // HAProxy spreads them over both.
  expect(new Set(before.map(({ gateway_id }) => gateway_id)).size).toBe(2);

  runs['gateway-1']!.child.kill('SIGKILL');
  await runs['gateway-1']!.exited;
  await publish(2);
  await eventually(async () => {
    const counts = Object.values(Object.groupBy(await where(), ({ gateway_id }) => gateway_id));
    expect(counts.some((on) => on!.length === 6)).toBe(true);
  });
  const { rows } = await database.pool.query(
    `select telemetry->>'n' as n, count(*)::int as count from device_telemetry_history group by 1 order by 1`,
  );
  expect(rows).toEqual([
    { n: '1', count: 6 },
    { n: '2', count: 6 },
  ]);

  runs['gateway-1, again'] = start.get('gateway-1')!();
  await runs['gateway-1, again'].ready;
  await isReady('gateway-1');
  const late = device(urls[0]!, credential, 'late');
  await connected(late);
  await Promise.all([...devices, late].map((client) => client.endAsync()));
});

test('plain HTTP is led to HTTPS, and figures of the platform are not for those outside', async () => {
  const response = await fetch(`http://${HAPROXY}:8000/`, { redirect: 'manual' });
  expect(response.status).toBe(308);
  expect(response.headers.get('location')).toMatch(/^https:/);
  expect((await web('GET', '/health')).status).toBe(200);
  expect((await web('GET', '/metrics')).status).toBe(404);
});

test('the image’s health check says whether a process lives', async () => {
  const dockerfile = await readFile(join(deploy, 'Dockerfile'), 'utf8');
  const [, words] = /CMD \["node", "-e", (".+")\]$/m.exec(dockerfile)!;
  const check = (host: string) =>
    run({ settings: {} }, [process.execPath, '-e', JSON.parse(words!).replace('127.0.0.1', host)]).exited;
  for (const name of ['worker', 'engine', 'gateway-2', 'api', 'subscriber'])
    expect(await check(hosts[name]!)).toEqual({ code: 0, signal: null });
  expect(await check(`${network}.99`)).toEqual({ code: 1, signal: null });
});

test('SIGTERM, with which containers are stopped, ends each in an orderly way', async () => {
  const { 'gateway-1': _killed, ...running } = runs;
  for (const { child } of Object.values(running)) child.kill('SIGTERM');
  const exits = await Promise.all(Object.values(running).map(({ exited }) => exited));
  expect(exits).toEqual(exits.map(() => ({ code: 0, signal: null })));
  for (const { output } of Object.values(running)) expect(output()).toContain('Stopped.');
});
