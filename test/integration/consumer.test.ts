import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Consumer } from '../../src/mqtt/consumer.ts';
import type { ConsumerOptions, ConsumerState, ReceivedMessage } from '../../src/mqtt/consumer-options.ts';
import { eventually } from '../support/eventually.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';

let broker: TestMosquitto;
let publisher: MqttClient;
let consumer: Consumer;
let states: ConsumerState[];
let messages: ReceivedMessage[];
let count = 0;

beforeAll(async () => {
  broker = await startMosquitto({ persistent: true, passwords: { us: 'secret', devices: 'theirs' } });
  publisher = await connectAsync(broker.url, {
    username: 'devices',
    password: 'theirs',
    clientId: 'publisher',
    clean: false,
    reconnectPeriod: 50,
  });
  publisher.on('error', () => {});
});
afterEach(() => consumer?.stop());
afterAll(async () => {
  publisher.end(true);
  await broker.stop();
});

function start(options: Partial<ConsumerOptions> = {}): string {
  const clientId = options.clientId ?? `consumer-${++count}`;
  states = [];
  messages = [];
  consumer = new Consumer({
    async open() {
      const socket = connectSocket({ host: '127.0.0.1', port: broker.port, noDelay: true });
      await once(socket, 'connect');
      return socket;
    },
    protocolVersion: 5,
    clientId,
    username: 'us',
    password: 'secret',
    keepAliveSeconds: 30,
    receiveMaximum: 1000,
    sessionExpirySeconds: 3600,
    subscriptions: [`${clientId}/#`],
    onMessage: (message) => messages.push(message),
    onState: (state) => states.push(state),
    ...options,
  });
  consumer.start();
  return clientId;
}

const isNow = (state: ConsumerState['state'], timeout?: number) =>
  eventually(() => expect(states.at(-1)?.state).toBe(state), timeout);
const contents = () => messages.map(({ payload }) => Number(payload));

/** Every message of ours that came in without DUP, or with it after one that was not acknowledged, in any order. */
const distinct = () => [...new Set(contents())].sort((a, b) => a - b);

/** From the broker's log: clients of this id at a time, at most, and whether it ever took itself over. */
function connections(clientId: string): { most: number; made: number; takenOver: boolean } {
  let [now, most, made] = [0, 0, 0];
  for (const line of broker.log) {
    if (/mosquitto version \S+ running/.test(line)) now = 0;
    if (!line.includes(clientId)) continue;
    if (line.includes('New client connected')) {
      now += 1;
      made += 1;
    }
    if (/disconnected|closed its connection/.test(line)) now -= 1;
    most = Math.max(most, now);
  }
  const takenOver = broker.log.some((line) => line.includes(clientId) && line.includes('already connected'));
  return { most, made, takenOver };
}

describe.each([4, 5] as const)('through Mosquitto with MQTT version %i', (protocolVersion) => {
  test('what is acknowledged late comes again with DUP, what is acknowledged does not', async () => {
    const clientId = start({ protocolVersion });
    await isNow('connected');
    for (let index = 0; index < 10; index += 1)
      await publisher.publishAsync(`${clientId}/d`, String(index), { qos: 1 });
    await eventually(() => expect(messages).toHaveLength(10));
    for (const message of messages.slice(0, 4)) message.acknowledge();
    const late = messages.slice(4);
    await consumer.stop();

    await publisher.publishAsync(`${clientId}/d`, '10', { qos: 1 });
    messages.length = 0;
    consumer.start();
    await eventually(() => expect(contents()).toEqual([4, 5, 6, 7, 8, 9, 10]));
    expect(messages.map(({ dup }) => dup)).toEqual([true, true, true, true, true, true, false]);
    expect(states.find(({ state }) => state === 'connected')).toMatchObject({ sessionPresent: false });
    await isNow('connected');
    expect(states.at(-1)).toMatchObject({ sessionPresent: true, refused: [] });

    // Of the connection before: without effect on this one.
    for (const message of late) message.acknowledge();
    await consumer.stop();
    messages.length = 0;
    consumer.start();
    await eventually(() => expect(contents()).toEqual([4, 5, 6, 7, 8, 9, 10]));
    for (const message of [...messages].reverse()) message.acknowledge();
    await consumer.stop(1000);
    messages.length = 0;
    consumer.start();
    await isNow('connected');
    await publisher.publishAsync(`${clientId}/d`, '11', { qos: 1 });
    await eventually(() => expect(contents()).toEqual([11]));
  });

  test('a broker that goes away loses nothing of ours, and has one client throughout', async () => {
    const total = 600;
    const waiting = new Set<ReceivedMessage>();
    const clientId = start({
      protocolVersion,
      onMessage(message) {
        messages.push(message);
        waiting.add(message);
      },
    });
    const commit = () => {
      for (const message of waiting) message.acknowledge();
      waiting.clear();
    };
    const publish = (from: number, to: number) => {
      const indices = Array.from({ length: to - from }, (_, at) => String(from + at));
      return Promise.all(indices.map((index) => publisher.publishAsync(`${clientId}/d`, index, { qos: 1 })));
    };
    await isNow('connected');

    // Under load, with SIGTERM, on which it saves all that it has acknowledged.
    const commits = setInterval(commit, 20);
    const published = (async () => {
      for (let from = 0; from < total; from += 20) await publish(from, from + 20);
    })();
    await eventually(() => expect(messages.length).toBeGreaterThan(total / 4));
    await broker.end();
    await isNow('retrying');
    await broker.restart();
    await published;
    await eventually(() => expect(distinct()).toHaveLength(total), 20_000);
    clearInterval(commits);
    commit();

    // With SIGKILL, once it has saved, which it has when it answers what comes next.
    await publish(total, total + 15);
    await eventually(() => expect(distinct()).toHaveLength(total + 15));
    await broker.save();
    await publisher.publishAsync('elsewhere', '', { qos: 1 });
    await broker.kill();
    await isNow('retrying');
    commit();
    await broker.restart();
    const again = () => [...waiting].filter(({ dup }) => dup).map(({ payload }) => Number(payload));
    await eventually(() => {
      expect(again()).toEqual(expect.arrayContaining(Array.from({ length: 15 }, (_, at) => total + at)));
    }, 10_000);
    expect(distinct()).toEqual(Array.from({ length: total + 15 }, (_, at) => at));

    expect(connections(clientId)).toEqual({ most: 1, made: 3, takenOver: false });
  });

  test('edits, stops and starts under way never make two clients', async () => {
    const clientId = start({ protocolVersion });
    for (let round = 0; round < 30; round += 1) {
      consumer.setSubscriptions([`${clientId}/${round}`, `${clientId}/always`]);
      if (round % 3 === 0) void consumer.stop(10);
      if (round % 5 === 0) await new Promise(setImmediate);
      consumer.start();
      if (round % 7 === 0) await isNow('connected');
    }
    const publish = (name: string) => publisher.publishAsync(`${clientId}/${name}`, name, { qos: 1 });
    await eventually(async () => {
      await publish('29');
      expect(contents()).toContain(29);
    });
    // Of those before, only what they had in common is left.
    for (const name of ['0', '15', '27', '28']) await publish(name);
    await publisher.publishAsync(`${clientId}/always`, '-1', { qos: 1 });
    await eventually(() => expect(distinct()).toEqual([-1, 29]));
    expect(connections(clientId)).toMatchObject({ most: 1, takenOver: false });
  });

  test('a wrong password is a refusal with its code', async () => {
    start({ protocolVersion, password: 'wrong' });
    await isNow('refused');
    expect(states.at(-1)).toMatchObject({ reason: 'not_authorized', code: protocolVersion === 5 ? 0x87 : 5 });
  });

  test('answers are published and confirmed', async () => {
    const clientId = start({ protocolVersion });
    await isNow('connected');
    await Promise.all(
      Array.from({ length: 300 }, (_, at) => consumer.publish(`${clientId}/r`, String(at), 1)),
    );
    await eventually(() =>
      expect(contents().slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, at) => at)),
    );
  });
});

test('a broker that can’t be reached is told as such', async () => {
  start({ open: () => Promise.reject(new Error('connect ECONNREFUSED')) });
  await isNow('retrying');
  expect(states.at(-1)).toMatchObject({ reason: 'unreachable', detail: 'connect ECONNREFUSED' });
});

test('a message too large for us is not sent by an MQTT 5 broker, and passed over from a 3.1.1 one', async () => {
  for (const protocolVersion of [5, 4] as const) {
    const told: unknown[] = [];
    const clientId = start({
      protocolVersion,
      maxPacketBytes: 1000,
      onOversized: (topic, bytes) => told.push([topic, bytes > 100_000]),
    });
    await isNow('connected');
    await publisher.publishAsync(`${clientId}/big`, Buffer.alloc(100_000), { qos: 1 });
    await publisher.publishAsync(`${clientId}/small`, '7', { qos: 1 });
    await eventually(() => expect(contents()).toEqual([7]));
    expect(told).toEqual(protocolVersion === 5 ? [] : [[`${clientId}/big`, true]]);
    messages[0]!.acknowledge();
    await consumer.stop();
    // Neither comes again.
    messages.length = 0;
    consumer.start();
    await eventually(() => expect(states.at(-1)).toMatchObject({ state: 'connected', sessionPresent: true }));
    await publisher.publishAsync(`${clientId}/small`, '8', { qos: 1 });
    await eventually(() => expect(contents()).toEqual([8]));
    await consumer.stop();
  }
});

// Mosquitto 2.0.11 answers every PUBACK with as many messages as the window holds, once a queue has formed.
test.each([4, 5] as const)(
  'a broker that sends more than its window is held to ours, version %i',
  async (protocolVersion) => {
    const [total, receiveMaximum, size] = [3000, 100, 2000];
    const eager = await startMosquitto({ settings: ['max_queued_messages 10000'] });
    const waiting = new Set<ReceivedMessage>();
    let most = 0;
    const clientId = start({
      protocolVersion,
      receiveMaximum,
      async open() {
        const socket = connectSocket({ host: '127.0.0.1', port: eager.port, noDelay: true });
        await once(socket, 'connect');
        return socket;
      },
      onMessage(message) {
        messages.push(message);
        most = Math.max(most, waiting.add(message).size);
      },
    });
    await isNow('connected');
    await consumer.stop();
    const loader = await connectAsync(eager.url);
    const padding = ' '.repeat(size);
    const publish = (index: number) => loader.publishAsync(`${clientId}/d`, `${index}${padding}`, { qos: 1 });
    await Promise.all(Array.from({ length: total }, (_, index) => publish(index)));
    consumer.start();
    const commits = setInterval(() => {
      for (const message of waiting) message.acknowledge();
      waiting.clear();
    }, 10);
    await eventually(() => expect(contents()).toEqual(Array.from({ length: total }, (_, at) => at)), 10_000);
    clearInterval(commits);
    // A chunk of the socket, 64 KiB, is read to its end.
    expect(most).toBeLessThanOrEqual(receiveMaximum + 1 + 65_536 / size);
    await consumer.stop(1000);
    await loader.endAsync();
    await eager.stop();
  },
);
