import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import {
  brokerDevice,
  changeIntegration,
  createIntegration,
  statusOf,
  telemetryOf,
} from '../support/external-broker.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { databaseAway } from '../support/outage.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { type TestCa, testCa } from '../support/tls-certificates.ts';

const passwords = { us: 'our password', device: 'its password' };
const login = { username: 'us', password: 'our password' };
const theirs = { username: 'device', password: 'its password' };

let platform: TestPlatform;
let ca: TestCa;
let plain: TestMosquitto;
let secure: TestMosquitto;
let device: Awaited<ReturnType<typeof brokerDevice>>;

beforeAll(async () => {
  platform = await testPlatform({ ALLOW_PRIVATE_NETWORKS: 'true' });
  ca = await testCa();
  const { certificatePath, keyPath } = await ca.issue(['IP:127.0.0.1']);
  // As our guide says: a queue that is full drops.
  plain = await startMosquitto({ passwords, persistent: true, settings: ['max_queued_messages 0'] });
  secure = await startMosquitto({
    passwords,
    settings: [`certfile ${certificatePath}`, `keyfile ${keyPath}`],
  });
  device = await brokerDevice(plain.url, theirs);
});
afterAll(async () => {
  await device?.endAsync(true);
  await platform?.close();
  await plain?.stop();
  await secure?.stop();
  await ca?.remove();
});

const until = (id: string, state: string, timeout = 8000) =>
  expect.poll(() => statusOf(platform, id), { timeout, interval: 50 }).toMatchObject({ state });

const made: string[] = [];
/** Subscribed until the end of the test. */
async function subscribe(settings: object): Promise<string> {
  const { id } = await createIntegration(platform, { mode: 'subscribe', ...settings });
  made.push(id);
  return id;
}
afterEach(async () => {
  for (const id of made.splice(0)) await changeIntegration(platform, id, { enabled: false });
});

describe('subscribed', () => {
  test.each([
    ['MQTT 5', '5'],
    ['MQTT 3.1.1', '3.1.1'],
  ])('with a password, %s: messages are stored, the status is live', async (name, protocol_version) => {
    const broker = { brokerUrl: plain.url, ...login, protocol_version };
    const id = await subscribe({ broker });
    await until(id, 'connected');
    const from = `pump ${name.replaceAll(/\W/g, '-')}`;
    await device.publishAsync(`devices/${from}/telemetry`, '{"rpm":1480}', { qos: 1 });
    await expect.poll(() => telemetryOf(platform, from)).toEqual([{ rpm: 1480 }]);
    await until(id, 'receiving');
    await changeIntegration(platform, id, { enabled: false });
    await until(id, 'stopped');
  });

  it('with TLS and an authority of the customer’s own', async () => {
    const url = secure.url.replace('mqtt:', 'mqtts:');
    const id = await subscribe({
      broker: { url, ...login, ca: ca.certificate },
    });
    await until(id, 'connected');
    const publisher = await brokerDevice(url, { ...theirs, ca: ca.certificate });
    await publisher.publishAsync('devices/tls/telemetry', '{"a":1}', { qos: 1 });
    await expect.poll(() => telemetryOf(platform, 'tls')).toEqual([{ a: 1 }]);
    await publisher.endAsync();
  });

  it('over WebSocket', async () => {
    const { port } = await startWebSocket();
    const broker = { url: `ws://127.0.0.1:${port}`, ...login };
    const id = await subscribe({ broker });
    await until(id, 'connected');
    const publisher = await brokerDevice(`ws://127.0.0.1:${port}`, theirs);
    await publisher.publishAsync('devices/ws/telemetry', '{"a":1}', { qos: 1 });
    await expect.poll(() => telemetryOf(platform, 'ws')).toEqual([{ a: 1 }]);
    await publisher.endAsync();
  });

  const others: TestMosquitto[] = [];
  afterAll(async () => {
    for (const broker of others) await broker.stop();
  });
  /** Mosquitto 2.0 does not start with WebSocket alone. */
  async function startWebSocket(): Promise<{ port: number }> {
    for (let port = 21_000 + Math.floor(Math.random() * 8000); ; port += 1) {
      const settings = [`listener ${port} 127.0.0.1`, 'protocol websockets'];
      const broker = await startMosquitto({ passwords, settings }).catch(() => undefined);
      if (!broker) continue;
      others.push(broker);
      return { port };
    }
  }
});

describe('what is wrong is said', () => {
  it.each([
    [
      'a wrong password',
      () => ({ url: plain.url, username: 'us', password: 'wrong' }),
      'refused',
      'bad_login',
    ],
    ['nobody who listens', () => ({ url: 'mqtt://127.0.0.1:1', ...login }), 'retrying', 'port_closed'],
    [
      'an unknown authority',
      () => ({ url: secure.url.replace('mqtt:', 'mqtts:'), ...login }),
      'retrying',
      expect.stringMatching(/certificate|authority|self/),
    ],
  ])('%s', async (_, broker, state, reason) => {
    const id = await subscribe({ broker: broker() });
    await expect
      .poll(() => statusOf(platform, id), { timeout: 8000 })
      .toMatchObject({
        state,
        reason,
        detail: expect.stringMatching(/\w.+\./),
        next_try_at: expect.any(String),
      });
  });
});

it('takes up an edit on the connection that stands: new topics, decoders, and topics that went', async () => {
  const id = await subscribe({
    broker: { url: plain.url, ...login },
  });
  await until(id, 'connected');
  const connects = () =>
    plain.log.filter((line) => line.includes(`netneural-${id}`) && line.includes('connected')).length;
  const before = connects();
  await changeIntegration(platform, id, {
    expected_topics: [{ topic: 'house/{device}/+', decoder: 'value' }],
  });
  await expect
    .poll(
      async () => {
        await device.publishAsync('house/attic/temperature', '19.75', { qos: 1 });
        return telemetryOf(platform, 'attic');
      },
      { timeout: 5000, interval: 200 },
    )
    .toContainEqual({ temperature: 19.75 });
  await device.publishAsync('devices/gone/telemetry', '{"a":1}', { qos: 1 });
  await device.publishAsync('house/attic/humidity', '40', { qos: 1 });
  await expect.poll(() => telemetryOf(platform, 'attic')).toContainEqual({ humidity: 40 });
  expect(await telemetryOf(platform, 'gone')).toEqual([]);
  const { rows } = await platform.test.pool.query(
    'select from message_quarantine where integration_id = $1',
    [id],
  );
  expect(rows).toEqual([]);
  expect(connects()).toBe(before);
});

it('takes retained copies for state: a status counts, telemetry without a time is no new reading', async () => {
  await device.publishAsync('devices/kept/telemetry', '{"a":1}', { qos: 1, retain: true });
  await device.publishAsync('devices/timed/telemetry', '{"a":1,"ts":"2026-11-20T10:00:00Z"}', {
    qos: 1,
    retain: true,
  });
  await device.publishAsync('devices/timed/status', 'offline', { qos: 1, retain: true });
  const id = await subscribe({
    broker: { url: plain.url, ...login },
  });
  await until(id, 'connected');
  for (let round = 0; round < 2; round += 1) {
    await expect.poll(() => telemetryOf(platform, 'timed')).toEqual([{ a: 1 }]);
    const connected = plain.log.filter((line) => line.includes(id)).length;
    await plain.restart();
    await expect
      .poll(() => plain.log.filter((line) => line.includes(id)).length, { timeout: 15_000 })
      .toBeGreaterThan(connected);
  }
  // A reading that the broker kept does not make its device online, however often it comes and in whatever order.
  const presence = async () =>
    (
      await platform.test.pool.query<{ presence: string }>(
        `select s.presence from device_state s join devices d on d.id = s.device_id where d.external_device_id = 'timed'`,
      )
    ).rows.map((row) => row.presence);
  await expect.poll(presence).toEqual(['offline']);
  expect(await telemetryOf(platform, 'kept')).toEqual([]);
});

it('answers a V-Mark hub after the commit', async () => {
  const topic = '$sys/version/1/devices/2400390030314701/product/VM/service/properties/up';
  const id = await subscribe({
    broker: { url: plain.url, ...login },
    expected_topics: ['$sys/version/1/devices/{device}/product/+/service/properties/up'],
  });
  await until(id, 'connected');
  const answered = new Promise<string>((resolve) =>
    device.on('message', (_, payload) => resolve(String(payload))),
  );
  await device.subscribeAsync(`${topic}_reply`);
  const report = {
    device: '2400390030314701',
    handle: 'properties_report',
    paras: { temperature: 4.1, CO2: 590 },
    time: '2025-04-23_07:35:22.214',
  };
  await device.publishAsync(topic, JSON.stringify(report), { qos: 1 });
  expect(await answered).toBe('{"result":0}');
  expect(await telemetryOf(platform, '2400390030314701')).toEqual([{ temperature: 4.1, CO2: 590 }]);
});

it('loses and doubles nothing while broker and database go away', async () => {
  const id = await subscribe({
    broker: { url: plain.url, ...login },
  });
  await until(id, 'connected');
  const connectionsAtOnce = watchConnections(`netneural-${id}`);
  let number = 0;
  let going = true;
  const publishing = (async () => {
    while (going) {
      const n = number++;
      await device.publishAsync('devices/steady/telemetry', JSON.stringify({ n }), { qos: 1 });
      await pause(1);
    }
  })();
  await expect.poll(async () => (await telemetryOf(platform, 'steady')).length).toBeGreaterThan(20);

  await plain.restart();
  await until(id, 'receiving', 15_000);
  const restore = await databaseAway(platform.test);
  const during = number;
  await expect.poll(() => number).toBeGreaterThan(during + 20);
  await restore();
  await expect
    .poll(async () => (await telemetryOf(platform, 'steady')).length, { timeout: 15_000 })
    .toBeGreaterThan(during);
  going = false;
  await publishing;

  const numbers = async () => (await telemetryOf(platform, 'steady')).map((row) => (row as { n: number }).n);
  await expect.poll(async () => (await numbers()).length, { timeout: 15_000 }).toBe(number);
  expect((await numbers()).toSorted((a, b) => a - b)).toEqual(Array.from({ length: number }, (_, n) => n));
  expect(connectionsAtOnce()).toBe(1);
});

/** @returns the most connections with that client id that the broker has had at once since */
function watchConnections(clientId: string): () => number {
  const from = plain.log.length;
  return () => {
    let now = 1;
    let most = 1;
    for (const line of plain.log.slice(from)) {
      if (/mosquitto version .* starting/.test(line)) now = 0;
      if (!line.includes(clientId)) continue;
      if (/New client connected/.test(line)) now += 1;
      else if (/disconnected|closed/.test(line)) now -= 1;
      most = Math.max(most, now);
    }
    return most;
  };
}
