import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { pythonWithPaho } from '../support/python.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

/** Devices that speak MQTT 5, by programs that people use: mosquitto_pub and mosquitto_sub, paho, MQTT.js. */

let platform: TestPlatform;
let tenant: Tenant;
const clients: MqttClient[] = [];

beforeAll(async () => {
  platform = await testPlatform({ ENGINE: 'mosquitto' });
  tenant = await firstTenant(platform);
});
afterAll(() => platform.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});

async function connect(credential: Credential, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(platform.mqttUrl, {
    username: credential.username,
    password: credential.password,
    protocolVersion: 5,
    reconnectPeriod: 0,
    ...options,
  });
  clients.push(client);
  return client;
}

async function readingsOf(device: string): Promise<unknown[]> {
  const rows = await tenant.rows<{ telemetry: unknown }>(
    `select h.telemetry from device_telemetry_history h join devices d on d.id = h.device_id
      where h.organization_id = $1 and d.external_device_id = $2 order by h.received_at`,
    [device],
  );
  return rows.map(({ telemetry }) => telemetry);
}

async function ask(device: string): Promise<string> {
  const [row] = await tenant.rows<{ id: string }>(
    `insert into device_commands (device_id, name) select id, 'identify' from devices
      where organization_id = $1 and external_device_id = $2 returning id`,
    [device],
  );
  return row!.id;
}

async function commandOf(id: string): Promise<{ state: string; result: unknown }> {
  const [row] = await tenant.rows<{ state: string; result: unknown }>(
    'select state, result from device_commands where organization_id = $1 and id = $2',
    [id],
  );
  return row!;
}

function login({ username, password }: Credential): string[] {
  const { port } = new URL(platform.mqttUrl);
  return ['-V', '5', '-h', '127.0.0.1', '-p', port, '-u', username, '-P', password];
}

test('mosquitto_pub and mosquitto_sub with -V 5: properties, aliases, sessions, what is refused', async () => {
  const credential = await tenant.credential();
  const publish = (...more: string[]) =>
    promisify(execFile)('mosquitto_pub', [...login(credential), '-q', '1', ...more]);
  // What is kept is what tells that it is subscribed.
  await publish('-r', '-t', tenant.topic('van', 'status'), '-m', 'online');
  const subscriber = spawn('mosquitto_sub', [
    ...login(credential),
    ...'-q 1 -c -i sub -x 100'.split(' '),
    ...['-t', tenant.topic('van', '#'), '-F', '%t %p %R %D %P'],
  ]);
  const lines: string[] = [];
  createInterface(subscriber.stdout).on('line', (line) => lines.push(line.trimEnd()));
  await eventually(() => expect(lines).toEqual([`${tenant.topic('van', 'status')} online`]));
  await publish(
    ...['-t', tenant.topic('van'), '-m', '{"speed":50}'],
    ...`-D publish response-topic ${tenant.topic('van', 'r')} -D publish correlation-data 42`.split(' '),
    ...'-D publish user-property driver kim -D publish topic-alias 1'.split(' '),
    ...'-D connect session-expiry-interval 0 -D connect user-property a b'.split(' '),
  );
  await eventually(() =>
    expect(lines.at(-1)).toBe(
      `${tenant.topic('van')} {"speed":50} ${tenant.topic('van', 'r')} 42 driver:kim`,
    ),
  );
  expect(await readingsOf('van')).toEqual([{ speed: 50 }]);
  const refused = await publish('-t', 'elsewhere', '-m', 'x', '-d');
  expect(`${refused.stdout}${refused.stderr}`).toMatch(/PUBACK \(Mid: 1, RC:135\)/);
  const ended = once(subscriber, 'exit');
  subscriber.kill('SIGTERM');
  await ended;
});

test('paho in Python: two requests and their responses, and why it was refused', async () => {
  const { username, password } = await tenant.credential('plc');
  await tenant.credential('plc');
  const { port } = new URL(platform.mqttUrl);
  const program = `
import sys
import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
port, username, password, prefix = int(sys.argv[1]), *sys.argv[2:5]
client = mqtt.Client(client_id='', protocol=mqtt.MQTTv5)
client.username_pw_set(username, password)
def on_connect(client, userdata, flags, reason, properties):
    print('assigned', properties.AssignedClientIdentifier[:5], flush=True)
    client.subscribe([(prefix + '/commands', mqtt.SubscribeOptions(qos=1, noLocal=True)), ('#', mqtt.SubscribeOptions(qos=1))])
def on_subscribe(client, userdata, mid, reasons, properties):
    print('granted', [reason.value for reason in reasons], flush=True)
def on_message(client, userdata, message):
    answer = Properties(PacketTypes.PUBLISH)
    answer.CorrelationData = message.properties.CorrelationData
    client.publish(message.properties.ResponseTopic, '{"rack": 4}', qos=1, properties=answer)
def on_disconnect(client, userdata, reason, properties=None):
    print('disconnected', reason.value if hasattr(reason, 'value') else reason, flush=True)
    client.loop_stop()
    sys.exit()
client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
client.on_disconnect = on_disconnect
connect = Properties(PacketTypes.CONNECT)
connect.SessionExpiryInterval = 60
client.connect('127.0.0.1', port, clean_start=True, properties=connect)
client.loop_forever(retry_first_connection=False)
`;
  const prefix = tenant.topic('plc', '').slice(0, -1);
  const python = spawn(pythonWithPaho(), ['-c', program, port, username, password, prefix]);
  const lines: string[] = [];
  createInterface(python.stdout).on('line', (line) => lines.push(line));
  const ended = once(python, 'exit');
  await eventually(() => expect(lines).toEqual(['assigned auto-', 'granted [1, 135]']), 10_000);
  for (const id of [await ask('plc'), await ask('plc')])
    await eventually(async () =>
      expect(await commandOf(id)).toEqual({ state: 'succeeded', result: { rack: 4 } }),
    );
  await tenant.rows('delete from mqtt_credentials where organization_id = $1 and username = $2', [username]);
  await ended;
  expect(lines.at(-1)).toBe(`disconnected ${0x98}`);
});

test('an answer is known by its correlation data, in whatever form, and only its device’s', async () => {
  const credential = await tenant.credential('lamp');
  const other = await otherTenant(platform);
  const thief = await connect(await other.credential('lamp'));
  const lamp = await connect(credential);
  const got = new Promise<IPublishPacket>((resolve) =>
    lamp.once('message', (_t, _p, packet) => resolve(packet)),
  );
  await lamp.subscribeAsync(tenant.topic('lamp', 'commands'), { qos: 1 });
  const id = await ask('lamp');
  const { properties, payload } = await got;
  expect(properties).toMatchObject({
    responseTopic: tenant.topic('lamp', 'responses'),
    correlationData: Buffer.from(id),
    messageExpiryInterval: expect.any(Number),
  });
  expect(JSON.parse(payload.toString())).toMatchObject({ id, name: 'identify' });

  const { correlationData, responseTopic } = properties!;
  const answer = { qos: 1, properties: { correlationData: correlationData! } } as const;
  await expect(thief.publishAsync(responseTopic!, '"mine"', answer)).rejects.toThrow(/Not authorized/);
  await thief.publishAsync(other.topic('lamp', 'responses'), '"mine"', answer);
  expect(await other.rows('select reason from message_quarantine where organization_id = $1')).toEqual([
    { reason: 'unknown_command' },
  ]);
  expect(await commandOf(id)).toMatchObject({ result: null });
  await lamp.publishAsync(responseTopic!, '"done"', answer);
  expect(await commandOf(id)).toEqual({ state: 'succeeded', result: 'done' });
});

test('a command that the device’s client refuses in PUBACK was not delivered', async () => {
  const refused = Promise.withResolvers<void>();
  const device = await connect(await tenant.credential('full'), {
    customHandleAcks(_topic, _message, _packet, done) {
      done(0x97);
      refused.resolve();
    },
  });
  await device.subscribeAsync(tenant.topic('full', 'commands'), { qos: 1 });
  const id = await ask('full');
  await refused.promise;
  await eventually(async () => expect((await commandOf(id)).state).toBe('published'));
  // Read behind its PUBACK.
  await device.publishAsync(tenant.topic('full'), '{"n":1}', { qos: 1 });
  await device.publishAsync(tenant.topic('full'), '{"n":2}', { qos: 1 });
  expect((await commandOf(id)).state).toBe('published');
});

test('a will waits for its delay, and is stored unless its client is back', async () => {
  const credential = await tenant.credential();
  const options = (device: string, willDelayInterval: number): IClientOptions => ({
    clientId: device,
    clean: false,
    properties: { sessionExpiryInterval: 100 },
    will: {
      topic: tenant.topic(device),
      payload: Buffer.from('{"gone":1}'),
      qos: 1,
      retain: false,
      properties: { willDelayInterval },
    },
  });
  const back = await connect(credential, options('back', 1));
  back.stream.destroy();
  const again = await connect(credential, options('back', 1));
  const renewed = await connect(credential, options('renewed', 1000));
  renewed.stream.destroy();
  await connect(credential, { ...options('renewed', 1000), clean: true });
  await eventually(async () => expect(await readingsOf('renewed')).toEqual([{ gone: 1 }]));
  const gone = await connect(credential, options('gone', 1));
  gone.stream.destroy();
  expect(await readingsOf('gone')).toEqual([]);
  await eventually(async () => expect(await readingsOf('gone')).toEqual([{ gone: 1 }]));
  expect(await readingsOf('back')).toEqual([]);
  await again.endAsync();
});
