import { type Duplex, duplexPair } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestConsumer } from '../../test/support/test-consumer.ts';
import type { ConsumerOptions } from './consumer-options.ts';

let consumers: TestConsumer[] = [];

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
});
afterEach(async () => {
  const stopped = Promise.all(consumers.map(({ consumer }) => consumer.stop()));
  await vi.advanceTimersByTimeAsync(5000);
  await stopped;
  expect(consumers.map(({ broker }) => broker.live)).toEqual(consumers.map(() => 0));
  consumers = [];
  vi.useRealTimers();
});

function testConsumer(options?: Partial<ConsumerOptions>): TestConsumer {
  const made = new TestConsumer(options);
  consumers.push(made);
  return made;
}

/** Lets what is under way happen, without the clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

describe('CONNECT', () => {
  test('keeps the session and carries the credentials', async () => {
    const { consumer, broker } = testConsumer({ username: 'u', password: 'pä', keepAliveSeconds: 30 });
    consumer.start();
    expect(await (await broker.next()).expect('connect')).toMatchObject({
      protocolVersion: 4,
      clean: false,
      clientId: 'consumer',
      keepalive: 30,
      username: 'u',
      password: Buffer.from('pä'),
    });
  });

  test('of MQTT 5 says how much may come, and offers no topic aliases', async () => {
    const { consumer, broker } = testConsumer({ protocolVersion: 5, receiveMaximum: 20_000 });
    consumer.start();
    expect(await (await broker.next()).expect('connect')).toMatchObject({
      protocolVersion: 5,
      clean: false,
      properties: {
        sessionExpiryInterval: 3600,
        receiveMaximum: 20_000,
        maximumPacketSize: 1024 * 1024,
        topicAliasMaximum: 0,
      },
    });
  });

  test('that can’t be written is told, and harms nothing', async () => {
    const one = testConsumer({ clientId: '' });
    one.consumer.start();
    expect((await one.state('retrying')).reason).toBe('internal_error');
  });
});

describe('a refusal', () => {
  test.each([
    [1, 'unsupported_version'],
    [2, 'client_id_rejected'],
    [4, 'bad_credentials'],
    [5, 'not_authorized'],
  ])('of 3.1.1 with %i is %s', async (returnCode, reason) => {
    const one = testConsumer();
    one.consumer.start();
    (await one.broker.next()).connack({ returnCode });
    const nextTryAt = expect.any(Number);
    expect(await one.state('refused')).toMatchObject({ reason, code: returnCode, nextTryAt });
  });

  test('of MQTT 5 comes with the broker’s words', async () => {
    const one = testConsumer({ protocolVersion: 5 });
    one.consumer.start();
    (await one.broker.next()).connack({ reasonCode: 0x86, properties: { reasonString: 'who?' } });
    const state = { state: 'refused', reason: 'bad_credentials', code: 0x86, detail: 'who?' };
    expect(await one.state('refused')).toMatchObject(state);
  });

  test('by a 3.1.1 broker is understood by an MQTT 5 client', async () => {
    const one = testConsumer({ protocolVersion: 5 });
    one.consumer.start();
    (await one.broker.next()).send(Buffer.from([0x20, 2, 0, 1]));
    expect((await one.state('refused')).reason).toBe('unsupported_version');
  });

  test('that passes by itself is no refusal', async () => {
    const one = testConsumer();
    one.consumer.start();
    (await one.broker.next()).connack({ returnCode: 3 });
    expect(await one.state('retrying')).toMatchObject({ reason: 'server_unavailable', code: 3 });
  });
});

describe('coming back', () => {
  test('subscribes again, whatever the broker says of the session, and tells what was refused', async () => {
    const one = testConsumer({ subscriptions: ['a/#', 'b', 'c'] });
    one.consumer.start();
    for (const sessionPresent of [false, true]) {
      const side = await one.broker.next();
      side.connack({ sessionPresent });
      const { subscriptions } = await side.grant([1, 0x80, 0]);
      expect(subscriptions.map(({ topic, qos }) => [topic, qos])).toEqual([
        ['a/#', 1],
        ['b', 1],
        ['c', 1],
      ]);
      expect(await one.state('connected')).toEqual({
        state: 'connected',
        sessionPresent,
        serverReceiveMaximum: undefined,
        refused: [{ filter: 'b', code: 0x80, reason: 'unspecified_error' }],
        downgraded: ['c'],
      });
      side.stream.destroy();
      await one.state('retrying');
      await vi.advanceTimersByTimeAsync(2000);
    }
    expect(one.broker.most).toBe(1);
  });

  test('asks for many filters in packets that every broker takes', async () => {
    const subscriptions = Array.from({ length: 20 }, (_, index) => `f${index}`);
    const one = testConsumer({ subscriptions });
    one.consumer.start();
    const side = await one.broker.next();
    side.connack();
    for (const count of [8, 8, 4]) {
      expect(one.states.at(-1)!.state).toBe('connecting');
      expect((await side.grant()).subscriptions).toHaveLength(count);
    }
    await one.state('connected');
    expect(side.writes).toHaveLength(2);
  });

  test('waits longer each time, up to 20 s, and less after a connection that stood', async () => {
    const one = testConsumer();
    one.consumer.start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const side = await one.broker.next();
      if (attempt === 7) {
        await side.admit();
        await one.state('connected');
        await vi.advanceTimersByTimeAsync(30_000);
      }
      side.stream.destroy();
      const { reason, nextTryAt } = await one.state('retrying');
      expect(reason).toBe('connection_lost');
      waits.push(nextTryAt - Date.now());
      await vi.advanceTimersByTimeAsync(waits.at(-1)!);
    }
    const longest = [2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000, 2000];
    for (const [at, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(longest[at]! / 2);
      expect(wait).toBeLessThanOrEqual(longest[at]!);
    }
  });

  test('is not hurried when another client has taken over', async () => {
    const one = testConsumer({ protocolVersion: 5 });
    const side = await one.connected();
    side.send({ cmd: 'disconnect', reasonCode: 0x8e, properties: { reasonString: 'other' } });
    const { reason, detail, nextTryAt } = await one.state('retrying');
    expect([reason, detail]).toEqual(['taken_over', 'other']);
    expect(nextTryAt - Date.now()).toBeGreaterThanOrEqual(60_000);
  });

  test('is left to others while they hold the lease', async () => {
    const answers = [() => false, () => Promise.reject(new Error('no database')), () => true];
    const one = testConsumer({ mayConnect: () => answers.shift()!() });
    one.consumer.start();
    expect(await one.state('retrying')).toMatchObject({ reason: 'held_back' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(await one.state('retrying')).toMatchObject({ reason: 'held_back', detail: 'no database' });
    expect(one.broker.made).toBe(0);
    await vi.advanceTimersByTimeAsync(2000);
    await one.broker.next();
  });

  test('tells why it could not be reached', async () => {
    const cause = new Error('ECONNREFUSED');
    const one = testConsumer({ open: () => Promise.reject(cause) });
    one.consumer.start();
    expect(await one.state('retrying')).toMatchObject({
      reason: 'unreachable',
      detail: 'ECONNREFUSED',
      cause,
    });
  });
});

describe('a broker that is silent', () => {
  test('has 15 s for CONNACK, and 15 s for SUBACK', async () => {
    const one = testConsumer();
    one.consumer.start();
    const first = await one.broker.next();
    await vi.advanceTimersByTimeAsync(14_900);
    expect(first.isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect((await one.state('retrying')).reason).toBe('connect_timeout');
    await vi.advanceTimersByTimeAsync(2000);
    const second = await one.broker.next();
    second.connack();
    await second.expect('subscribe');
    await vi.advanceTimersByTimeAsync(15_000);
    expect((await one.state('retrying')).reason).toBe('subscribe_timeout');
  });

  test('is gone half a keep-alive after the PINGREQ that it does not answer', async () => {
    const one = testConsumer({ keepAliveSeconds: 20 });
    const side = await one.connected();
    await vi.advanceTimersByTimeAsync(10_000);
    await side.expect('pingreq');
    side.send({ cmd: 'pingresp' });
    await settle();
    await vi.advanceTimersByTimeAsync(10_000);
    await side.expect('pingreq');
    await vi.advanceTimersByTimeAsync(9900);
    expect(side.isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect((await one.state('retrying')).reason).toBe('keep_alive_timeout');
  });

  test('may set the keep-alive itself', async () => {
    const one = testConsumer({ protocolVersion: 5, keepAliveSeconds: 600 });
    one.consumer.start();
    const side = await one.broker.next();
    await side.admit({ properties: { serverKeepAlive: 10 } });
    await one.state('connected');
    await vi.advanceTimersByTimeAsync(5000);
    await side.expect('pingreq');
  });
});

describe('one connection at most', () => {
  test('also where a stream is opened too late', async () => {
    const openings: PromiseWithResolvers<Duplex>[] = [];
    const one = testConsumer({
      open() {
        openings.push(Promise.withResolvers<Duplex>());
        return openings.at(-1)!.promise;
      },
    });
    one.consumer.start();
    await settle();
    await vi.advanceTimersByTimeAsync(15_000);
    expect((await one.state('retrying')).reason).toBe('connect_timeout');
    await vi.advanceTimersByTimeAsync(2000);
    await one.state('connecting');
    expect(openings).toHaveLength(1);
    const [late, broker] = duplexPair();
    broker.on('data', (bytes) => expect(bytes).toBe(undefined));
    openings[0]!.resolve(late);
    await settle();
    expect([late.destroyed, openings.length]).toEqual([true, 2]);
    openings[1]!.reject(new Error('enough'));
    await settle();
  });

  test('while the one before is still closing', async () => {
    const one = testConsumer();
    const release = Promise.withResolvers<void>();
    const { open } = one.broker;
    const slow = testConsumer({
      async open() {
        const stream = await open();
        stream._destroy = (_error, done) => void release.promise.then(() => done(null));
        return stream;
      },
    });
    slow.consumer.start();
    (await one.broker.next()).send(Buffer.from([0, 0]));
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(one.broker.made).toBe(1);
    release.resolve();
    await settle();
    await vi.advanceTimersByTimeAsync(2000);
    expect(one.broker.made).toBe(2);
  });

  test('however start, stop, edits and losses race', async () => {
    const action = fc.constantFrom('start', 'stop', 'drain', 'edit', 'lose', 'answer', 'turn', 'time');
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
        const one = testConsumer();
        const { consumer, broker } = one;
        for (const [at, name] of actions.entries()) {
          if (name === 'start') consumer.start();
          if (name === 'stop') void consumer.stop();
          if (name === 'drain') void consumer.stop(1000);
          if (name === 'edit') consumer.setSubscriptions([`f${at}`]);
          if (name === 'turn') await new Promise(setImmediate);
          if (name === 'time') await vi.advanceTimersByTimeAsync(2000);
          if ((name === 'lose' || name === 'answer') && broker.live > 0) {
            const side = broker.last!;
            if (name === 'lose') side.stream.destroy();
            else side.send(Buffer.from([0x20, 2, 0, 0]), Buffer.from([0x32, 5, 0, 1, 97, 0, 1]));
          }
          expect(broker.live).toBeLessThanOrEqual(1);
        }
        const stopped = consumer.stop();
        await settle();
        await vi.advanceTimersByTimeAsync(2000);
        await stopped;
        expect([broker.live, broker.most <= 1]).toEqual([0, true]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('stop', () => {
  test('says goodbye and keeps the session; a second call and a start in between do no harm', async () => {
    const one = testConsumer();
    const side = await one.connected();
    const stopped = Promise.all([one.consumer.stop(), one.consumer.stop()]);
    one.consumer.start();
    await side.expect('disconnect');
    side.stream.end();
    await stopped;
    expect(side.isClosed).toBe(true);
    await (await one.broker.next()).admit();
    expect(one.states.map(({ state }) => state)).toEqual(['stopped', 'connecting']);
    await one.state('connected');
  });

  test('does not wait for a broker that never closes', async () => {
    const one = testConsumer();
    const side = await one.connected();
    const stopped = one.consumer.stop();
    await side.expect('disconnect');
    await vi.advanceTimersByTimeAsync(1000);
    await stopped;
  });

  test('waits for what is being stored, and takes nothing more in', async () => {
    const one = testConsumer();
    const side = await one.connected();
    side.publish('a/b', 1, 2);
    const messages = await one.received(2);
    const stopped = one.consumer.stop(5000);
    side.publish('a/b', 3);
    await vi.advanceTimersByTimeAsync(4000);
    expect(side.packets).toEqual([]);
    for (const message of messages) message.acknowledge();
    await side.expect('disconnect');
    expect(side.packets.map(({ cmd, messageId }) => [cmd, messageId])).toEqual([
      ['puback', 1],
      ['puback', 2],
    ]);
    side.stream.end();
    await stopped;
    expect(one.messages).toHaveLength(2);
  });

  test('waits no longer than it was told, and not at all when called again', async () => {
    for (const again of [false, true]) {
      const one = testConsumer();
      const side = await one.connected();
      side.publish('a/b', 1);
      await one.received(1);
      void one.consumer.stop(5000);
      await vi.advanceTimersByTimeAsync(again ? 10 : 5000);
      if (again) void one.consumer.stop();
      await side.expect('disconnect');
    }
  });

  test('before start does nothing', async () => {
    const one = testConsumer();
    await one.consumer.stop();
    expect(one.states).toEqual([]);
  });
});

describe('setSubscriptions', () => {
  test('subscribes what is new and unsubscribes what went', async () => {
    const one = testConsumer({ subscriptions: ['a', 'b'] });
    const side = await one.connected();
    one.consumer.setSubscriptions(['b', 'c']);
    const unsubscribe = await side.expect('unsubscribe');
    expect(unsubscribe.unsubscriptions).toEqual(['a']);
    const { subscriptions } = await side.grant([0x80]);
    expect(subscriptions.map(({ topic }) => topic)).toEqual(['c']);
    side.send({ cmd: 'unsuback', messageId: unsubscribe.messageId!, granted: [] });
    expect((await one.state('connected')).refused).toMatchObject([{ filter: 'c' }]);
    one.consumer.setSubscriptions(['c', 'b', 'b']);
    await settle();
    expect(side.packets).toEqual([]);
  });

  test('is remembered for the next connection, until the broker has confirmed it', async () => {
    const one = testConsumer({ subscriptions: ['a', 'b'] });
    one.consumer.setSubscriptions(['b']);
    one.consumer.start();
    const first = await one.broker.next();
    await first.admit();
    expect((await first.expect('unsubscribe')).unsubscriptions).toEqual(['a']);
    first.stream.destroy();
    await one.state('retrying');
    one.consumer.setSubscriptions(['a', 'c']);
    await vi.advanceTimersByTimeAsync(2000);
    const second = await one.broker.next();
    second.connack({ sessionPresent: true });
    const { messageId, unsubscriptions } = await second.expect('unsubscribe');
    expect(unsubscriptions).toEqual(['b']);
    second.send({ cmd: 'unsuback', messageId: messageId!, granted: [] });
    expect((await second.grant()).subscriptions.map(({ topic }) => topic)).toEqual(['a', 'c']);
    await one.state('connected');
    second.stream.destroy();
    await one.state('retrying');
    await vi.advanceTimersByTimeAsync(4000);
    const third = await one.broker.next();
    await third.admit();
    expect(third.packets).toEqual([]);
  });
});
