import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SetupInput, setupGuides } from '../../src/external/setup/setup.ts';
import { eventually } from '../support/eventually.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';

/** The very files that we make for a customer's Mosquitto, read by a real one. The broker at the far end stands for ours. */

const run = promisify(execFile);
const username = 'plant "a" #1';
const password = 'p"$`\'\\ #{}ü';
const account = { username, password };

let directory: string;
let certificate: string;
const brokers: TestMosquitto[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'netneural-setup-'));
  // As root Mosquitto becomes a user of its own, who must be able to enter, to read, and to write its log.
  await chmod(directory, 0o777);
  certificate = join(directory, 'cert.pem');
  const [key, passwords] = [join(directory, 'key.pem'), join(directory, 'passwords')];
  const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${key} -out ${certificate}`;
  await run('openssl', request.split(/\s+/));
  await run('mosquitto_passwd', ['-c', '-b', passwords, username, password]);
  await chmod(key, 0o644);
  await chmod(passwords, 0o644);
});
afterAll(async () => {
  for (const broker of brokers.toReversed()) await broker.stop();
  await rm(directory, { recursive: true });
});

/** Asks for a password; with `tls` lines on its listener, or without. */
async function farBroker(tls: string[] = []): Promise<TestMosquitto> {
  const settings = [...tls, 'allow_anonymous false', `password_file ${join(directory, 'passwords')}`];
  const broker = await startMosquitto({ settings });
  brokers.push(broker);
  return broker;
}

/** A Mosquitto as the customer has it, with files of ours in its `conf.d`. */
async function customersBroker(name: string, files: { [name: string]: string }) {
  const own = join(directory, name);
  const log = join(own, 'log');
  await mkdir(join(own, 'conf.d'), { recursive: true });
  await chmod(own, 0o777);
  for (const [file, text] of Object.entries(files)) await writeFile(join(own, 'conf.d', file), text);
  const settings = [`persistence_location ${own}/`, `log_dest file ${log}`];
  const broker = await startMosquitto({ settings: [...settings, `include_dir ${join(own, 'conf.d')}`] });
  brokers.push(broker);
  return { url: broker.url, log: () => readFile(log, 'utf8') };
}

const input: SetupInput = {
  mode: 'bridge',
  organizationId: '0d9bf1c2-1111-4222-8333-444455556666',
  integrationId: 'a1b2c3d4-1111-4222-8333-444455556666',
  integrationName: 'Plant "A"\nlistener 1',
  filters: ['devices/+/telemetry', 'z"x\'/+', 'bad/+\nlistener 1 0.0.0.0', 'a b/+', 'zigbee2mqtt/#', '# x'],
  host: 'localhost',
  username,
  password,
};

function made(mode: SetupInput['mode'], name: string, more: Partial<SetupInput> = {}): string {
  const [guide] = setupGuides({ ...input, mode, ...more });
  expect(guide!.broker).toBe('mosquitto');
  return guide!.files.find((file) => file.name === name)!.text;
}

/** What arrives at the far end, when the customer's devices publish. */
async function bridged(far: mqtt.MqttClient, near: string): Promise<string[]> {
  const heard: string[] = [];
  far.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
  await far.subscribeAsync('#', { qos: 1 });
  const device = await mqtt.connectAsync(near, { reconnectPeriod: 0 });
  await device.publishAsync('devices/t1/telemetry', '{"a":1}', { qos: 1 });
  await device.publishAsync('elsewhere', 'no', { qos: 1 });
  await device.publishAsync('a b/t4', '4', { qos: 1 });
  await device.publishAsync('z"x\'/t2', '2', { qos: 1 });
  await device.publishAsync('zigbee2mqtt/lamp', '3', { qos: 1 });
  await device.endAsync();
  await eventually(() => expect(heard.length).toBeGreaterThanOrEqual(3));
  return heard.sort();
}

const arrived = [
  'org_0d9bf1c2-1111-4222-8333-444455556666/devices/devices/t1/telemetry {"a":1}',
  'org_0d9bf1c2-1111-4222-8333-444455556666/devices/z"x\'/t2 2',
  'org_0d9bf1c2-1111-4222-8333-444455556666/devices/zigbee2mqtt/lamp 3',
];

test('bridge.conf bridges, with its user name and password, and nothing that was typed gets out of its line', async () => {
  const far = await farBroker();
  const near = await customersBroker('plain', {
    'bridge.conf': made('bridge', 'bridge.conf', { mqttPort: far.port }),
    'queue.conf': made('bridge', 'queue.conf'),
  });
  const client = await mqtt.connectAsync(far.url, { ...account, reconnectPeriod: 0 });
  expect(await bridged(client, near.url)).toEqual(arrived);
  await client.endAsync();
  const log = await near.log();
  expect(log).toMatch(/Connecting bridge .*netneural-a1b2c3d4/);
  expect(log).not.toMatch(/error|warning|unknown|not authori/i);
});

test.each([
  ['apart from its topics', ['devices/+/telemetry', 'devices/+/responses']],
  ['among its topics', ['devices/#']],
])('bridge.conf brings commands, %s: each once, and none goes round', async (name, filters) => {
  const far = await farBroker();
  const more = { mqttPort: far.port, filters, commandFilter: 'devices/+/commands' };
  const near = await customersBroker(`commands ${name.split(' ')[0]}`, {
    'bridge.conf': made('bridge', 'bridge.conf', more),
  });
  const prefix = 'org_0d9bf1c2-1111-4222-8333-444455556666/devices/';
  const ours = await mqtt.connectAsync(far.url, { ...account, reconnectPeriod: 0 });
  const device = await mqtt.connectAsync(near.url, { reconnectPeriod: 0 });
  const heard: string[] = [];
  ours.on('message', (topic, payload) => heard.push(`ours ${topic.slice(prefix.length)} ${payload}`));
  device.on('message', (topic, payload) => heard.push(`device ${topic} ${payload}`));
  await ours.subscribeAsync('#', { qos: 1 });
  await device.subscribeAsync('#', { qos: 1 });
  await eventually(async () => expect(await near.log()).toMatch(/Connecting bridge/));
  await eventually(() => expect(far.log.join('\n')).toMatch(/New client connected .*netneural-a1b2c3d4/));
  // Behind the bridge's SUBSCRIBE, which has no line in the log.
  await eventually(async () => {
    await ours.publishAsync(`${prefix}devices/t0/commands`, 'there?', { qos: 1 });
    expect(heard).toContain('device devices/t0/commands there?');
  });
  heard.length = 0;
  await ours.publishAsync(`${prefix}devices/t1/commands`, 'go', { qos: 1 });
  await eventually(() => expect(heard).toContain('device devices/t1/commands go'));
  await device.publishAsync('devices/t1/responses', 'done', { qos: 1 });
  await eventually(() => expect(heard).toContain('ours devices/t1/responses done'));
  expect(heard.filter((line) => !line.includes('t0')).sort()).toEqual([
    'device devices/t1/commands go',
    'device devices/t1/responses done',
    'ours devices/t1/commands go',
    'ours devices/t1/responses done',
  ]);
  await ours.endAsync();
  await device.endAsync();
});

test('bridge.conf bridges over TLS, with the authority in its bridge_cafile', async () => {
  const far = await farBroker([`certfile ${certificate}`, `keyfile ${join(directory, 'key.pem')}`]);
  const bridge = made('bridge', 'bridge.conf', { mqttPort: 1, mqttsPort: far.port });
  const near = await customersBroker('tls', {
    'bridge.conf': bridge.replace(/^bridge_cafile .*/m, `bridge_cafile ${certificate}`),
  });
  const client = await mqtt.connectAsync(`mqtts://localhost:${far.port}`, {
    ...account,
    ca: await readFile(certificate),
    reconnectPeriod: 0,
  });
  expect(await bridged(client, near.url)).toEqual(arrived);
  await client.endAsync();
  expect(await near.log()).not.toMatch(/error|warning|unknown|not authori/i);
});

test('the lines for our subscription are read, and grant what they say', async () => {
  const passwords = join(directory, 'subscriber-passwords');
  const acl = join(directory, 'acl');
  await run('mosquitto_passwd', ['-c', '-b', passwords, 'netneural', 'secret']);
  await chmod(passwords, 0o644);
  const granted = made('subscribe', 'acl.conf', { commandFilter: 'devices/+/commands' });
  await writeFile(acl, `topic write #\n${granted}`);
  await chmod(acl, 0o644);
  const near = await customersBroker('subscribe', {
    'subscriber.conf': made('subscribe', 'subscriber.conf'),
    'accounts.conf': `password_file ${passwords}\nacl_file ${acl}\n`,
  });
  const client = await mqtt.connectAsync(near.url, {
    username: 'netneural',
    password: 'secret',
    reconnectPeriod: 0,
    protocolVersion: 5,
  });
  await client.publishAsync('devices/t1/commands', 'go', { qos: 1 });
  await expect(client.publishAsync('devices/t1/telemetry', 'no', { qos: 1 })).rejects.toThrow(
    /[Nn]ot authorized/,
  );
  const far = await bridged(client, near.url);
  expect(far.map((message) => message.replace(/ \S+$/, ''))).toEqual([
    'a b/t4',
    'devices/t1/telemetry',
    'z"x\'/t2',
    'zigbee2mqtt/lamp',
  ]);
  await client.endAsync();
  expect(await near.log()).not.toMatch(/error|unknown|duplicate/i);
});
