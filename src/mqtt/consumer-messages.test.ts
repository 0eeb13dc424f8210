import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type BrokerSide, message } from '../../test/support/broker-side.ts';
import { TestConsumer } from '../../test/support/test-consumer.ts';
import { MemoryBudget } from '../service/memory-budget.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { packetDecoder } from './consumer-packets.ts';
import { MalformedPacket } from './packet.ts';

let consumers: TestConsumer[] = [];

afterEach(async () => {
  const goodbyes = consumers.map(({ consumer, broker }) => {
    const stopped = consumer.stop();
    broker.last?.stream.destroy();
    return stopped;
  });
  await Promise.all(goodbyes);
  consumers = [];
});

async function connected(
  options?: Partial<ConsumerOptions>,
): Promise<{ one: TestConsumer; side: BrokerSide }> {
  const one = new TestConsumer(options);
  consumers.push(one);
  const side = await one.connected();
  side.writes.length = 0;
  return { one, side };
}

/** Lets what is under way happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

const puback = (...ids: number[]) => Buffer.from(ids.flatMap((id) => [0x40, 2, id >> 8, id & 255]));

describe('messages', () => {
  test('come with all that the broker says of them', async () => {
    const { one, side } = await connected();
    side.send(
      message('a/ü', 'one', { messageId: 300, dup: true }),
      message('a/b', '', { qos: 0, messageId: undefined, retain: true }),
    );
    const [first, second] = await one.received(2);
    expect(first).toMatchObject({ topic: 'a/ü', qos: 1, dup: true, retain: false, packetId: 300 });
    expect(first!.payload.toString()).toBe('one');
    expect(second).toMatchObject({ topic: 'a/b', qos: 0, dup: false, retain: true, packetId: 0 });
    expect(second!.payload).toHaveLength(0);
  });

  test('of MQTT 5 may have properties', async () => {
    const { one, side } = await connected({ protocolVersion: 5 });
    const contentType = 'x'.repeat(200);
    side.send(
      message('a', 'with', { properties: { contentType } }),
      message('a', 'without', { messageId: 2 }),
    );
    expect((await one.received(2)).map(({ payload }) => payload.toString())).toEqual(['with', 'without']);
  });

  test('that are small do not hold on to the chunk that brought them', async () => {
    const { one, side } = await connected();
    const big = Buffer.alloc(50_000, 7);
    side.send(message('a', 'small'), message('a', big, { messageId: 2 }));
    const [small, large] = await one.received(2);
    expect(small!.payload.buffer.byteLength).toBeLessThanOrEqual(8192);
    expect(large!.payload).toEqual(big);
  });

  test('are taken in before SUBACK too: the session had kept them', async () => {
    const one = new TestConsumer();
    consumers.push(one);
    one.consumer.start();
    const side = await one.broker.next();
    side.connack({ sessionPresent: true });
    side.publish('a', 1);
    (await one.received(1))[0]!.acknowledge();
    await side.expect('puback');
  });
});

describe('acknowledgements', () => {
  test('of one turn leave in one write, in the order in which the messages came', async () => {
    const { one, side } = await connected();
    side.publish('a', 7, 3, 300);
    const [seven, three, last] = await one.received(3);
    three!.acknowledge();
    last!.acknowledge();
    seven!.acknowledge();
    seven!.acknowledge();
    await settle();
    expect(side.writes).toEqual([puback(7, 3, 300)]);
  });

  test('wait for those of messages that came before', async () => {
    const { one, side } = await connected();
    side.publish('a', 1, 2, 3);
    const [first, second, third] = await one.received(3);
    second!.acknowledge();
    await settle();
    expect(side.writes).toEqual([]);
    first!.acknowledge();
    await settle();
    expect(side.writes).toEqual([puback(1, 2)]);
    third!.acknowledge();
    await settle();
    expect(side.writes).toEqual([puback(1, 2), puback(3)]);
  });

  test('leave in order whatever the order of commits', async () => {
    const { one, side } = await connected({ receiveMaximum: 3000 });
    const ids = Array.from({ length: 3000 }, (_, index) => index + 1);
    side.publish('a', ...ids);
    const rest = [...(await one.received(3000))];
    while (rest.length > 0) {
      const count = Math.ceil(Math.random() * 40);
      for (let at = 0; at < count && rest.length > 0; at += 1)
        rest.splice(Math.floor(Math.random() * Math.min(rest.length, 60)), 1)[0]!.acknowledge();
      await new Promise(setImmediate);
    }
    await settle();
    expect(Buffer.concat(side.writes)).toEqual(puback(...ids));
  });

  test('of an earlier connection are not sent on the next', async () => {
    const { one, side } = await connected();
    side.publish('a', 1);
    const [before] = await one.received(1);
    await one.consumer.stop();
    one.consumer.start();
    const next = await one.broker.next();
    await next.admit({ sessionPresent: true });
    next.send(message('a', 'm1', { dup: true }));
    next.writes.length = 0;
    before!.acknowledge();
    await settle();
    expect(next.writes).toEqual([]);
    (await one.received(2))[1]!.acknowledge();
    await settle();
    expect(next.writes).toEqual([puback(1)]);
  });
});

describe('the window', () => {
  /** What one chunk may bring beyond it. */
  const chunk = 10;

  test.each([0, 1] as const)('stops reading at its limit of QoS %i, and goes on', async (qos) => {
    const { one, side } = await connected({ receiveMaximum: 20 });
    for (let at = 0; at < 30; at += 1) {
      const messages = Array.from({ length: chunk }, (_, index) =>
        message('a', 'm', qos === 0 ? { qos, messageId: undefined } : { messageId: at * chunk + index + 1 }),
      );
      side.send(...messages);
    }
    await settle();
    expect(one.messages.length).toBeGreaterThan(20);
    expect(one.messages.length).toBeLessThanOrEqual(20 + chunk);
    for (let at = 0; at < 300; at += 1) {
      (await one.received(at + 1))[at]!.acknowledge();
      expect(one.messages.length - at).toBeLessThanOrEqual(21 + chunk);
    }
  });

  test('counts bytes too', async () => {
    const { one, side } = await connected({ maxUnacknowledgedBytes: 5000 });
    for (const messageId of [1, 2, 3, 4]) {
      side.send(message('a', Buffer.alloc(3000), { messageId }));
      await settle();
    }
    expect(one.messages).toHaveLength(2);
    one.messages[0]!.acknowledge();
    await one.received(3);
  });

  test('counts what other consumers hold that share a budget, and goes on when they are done', async () => {
    const budget = new MemoryBudget(10_000);
    const [full, other] = [await connected({ budget }), await connected({ budget })];
    for (const messageId of [1, 2, 3]) {
      full.side.send(message('a', Buffer.alloc(3000), { messageId }));
      await settle();
    }
    for (const messageId of [1, 2]) {
      other.side.send(message('a', 'm', { messageId }));
      await settle();
    }
    expect([full.one.messages.length, other.one.messages.length]).toEqual([3, 1]);
    for (const held of full.one.messages) held.acknowledge();
    await other.one.received(2);
    for (const held of other.one.messages) held.acknowledge();
    expect(budget.used).toBe(0);
  });

  test('counts what came on earlier connections, however often they are lost', async () => {
    const { one, side } = await connected({ receiveMaximum: 5 });
    side.publish('a', 1, 2, 3, 4, 5, 6);
    const before = await one.received(6);
    await one.consumer.stop();
    one.consumer.start();
    expect((await one.state('retrying')).reason).toBe('backlog');
    expect(one.broker.made).toBe(1);
    for (const message of before) message.acknowledge();
    await (await one.broker.next()).admit();
    await one.state('connected');
  });
});

describe('a packet above the limit', () => {
  test('is passed over, told, and acknowledged in its turn', async () => {
    const told: unknown[] = [];
    const { one, side } = await connected({
      maxPacketBytes: 1000,
      onOversized: (topic, bytes) => told.push([topic, bytes]),
    });
    const huge = message('a/huge', Buffer.alloc(300_000), { messageId: 2 });
    side.send(message('a', 'm1'), huge, message('a', 'm3', { messageId: 3 }));
    side.send(message('a/huge', Buffer.alloc(2000), { qos: 0, messageId: undefined }));
    const [first, third] = await one.received(2);
    third!.acknowledge();
    first!.acknowledge();
    await settle();
    expect(side.writes).toEqual([puback(1, 2, 3)]);
    expect(told).toEqual([
      ['a/huge', 300_014],
      ['a/huge', 2011],
    ]);
  });
});

describe('what is no MQTT, or not from a broker, ends the connection', () => {
  const topic = [0, 1, 97];
  test.each([
    ['QoS 2', [0x34, 6, ...topic, 0, 1, 0]],
    ['QoS 3', [0x36, 6, ...topic, 0, 1, 0]],
    ['packet id 0', [0x32, 5, ...topic, 0, 0]],
    ['a topic beyond the packet', [0x30, 4, 0, 9, 97, 97]],
    ['an empty topic', [0x30, 3, 0, 0, 0]],
    ['a topic with a wildcard', [0x30, 3, 0, 1, 35]],
    ['a topic with NUL', [0x30, 3, 0, 1, 0]],
    ['a topic that is not UTF-8', [0x30, 3, 0, 1, 0xff]],
    ['a length of five bytes', [0x30, 0xff, 0xff, 0xff, 0xff, 1]],
    ['another CONNACK', [0x20, 2, 0, 0]],
    ['a SUBSCRIBE', [0x82, 6, 0, 1, ...topic, 0]],
    ['a PUBREL', [0x62, 2, 0, 1]],
    ['a packet of type 0', [0, 0]],
    ['a PUBACK without a packet id', [0x40, 1, 0]],
  ])('%s', async (_name, bytes) => {
    const { one, side } = await connected();
    side.send(Buffer.from(bytes));
    const { reason, detail } = await one.state('retrying');
    expect([reason, typeof detail]).toEqual(['protocol_error', 'string']);
    await side.closed();
    expect(one.messages).toEqual([]);
  });

  test.each([
    ['properties beyond the packet', [0x30, 4, 0, 1, 97, 9]],
    ['no properties', [0x30, 3, 0, 1, 97]],
    ['an unending length of properties', [0x30, 7, 0, 1, 97, 0xff, 0xff, 0xff, 0xff]],
  ])('of MQTT 5: %s', async (_name, bytes) => {
    const { one, side } = await connected({ protocolVersion: 5 });
    side.send(Buffer.from(bytes));
    expect((await one.state('retrying')).reason).toBe('protocol_error');
  });

  test('a SUBACK with another number of codes, a PUBLISH before CONNACK, a CONNACK cut short', async () => {
    const first = [
      [0x30, 3, 0, 1, 97],
      [0x20, 1, 0],
      [0x20, 2, 0, 0, 0x90, 4, 0, 1, 1, 1],
    ];
    for (const bytes of first) {
      const one = new TestConsumer();
      consumers.push(one);
      one.consumer.start();
      const side = await one.broker.next();
      await side.expect('connect');
      side.send(Buffer.from(bytes));
      expect((await one.state('retrying')).reason).toBe('protocol_error');
    }
  });

  test.each([4, 5] as const)('any bytes do no other harm, version %i', async (protocolVersion) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0x20, 0x30, 0x32, 0x40, 0x90, 0xb0, 0xd0, 0xe0, 0xf0),
        fc.uint8Array({ maxLength: 40 }),
        async (first, rest) => {
          const { one, side } = await connected({ protocolVersion });
          side.send(Buffer.from([first, rest.length, ...rest]));
          await settle();
          expect(one.states.map(({ state }) => state)).toEqual(side.isClosed ? ['retrying'] : []);
          const stopped = one.consumer.stop();
          side.stream.destroy();
          await stopped;
        },
      ),
      { numRuns: 150 },
    );
  });

  test.each([4, 5] as const)('a packet decodes or is malformed, version %i', (protocolVersion) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 60 }), (first, rest) => {
        try {
          packetDecoder(protocolVersion)(Buffer.from([first, rest.length, ...rest]));
        } catch (error) {
          if (!(error instanceof MalformedPacket)) throw error;
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('a user that throws ends it too, and the message comes again', async () => {
    const { one, side } = await connected({
      onMessage() {
        throw new Error('a bug');
      },
    });
    side.publish('a', 1);
    expect(await one.state('retrying')).toMatchObject({ reason: 'internal_error', detail: 'a bug' });
    expect(side.writes).toEqual([]);
  });
});

describe('publish', () => {
  test('resolves with PUBACK', async () => {
    const { one, side } = await connected();
    const published = one.consumer.publish('r/ü', '{"result":0}', 1);
    const packet = await side.expect('publish');
    expect(packet).toMatchObject({ topic: 'r/ü', qos: 1, retain: false, dup: false });
    expect(packet.payload.toString()).toBe('{"result":0}');
    let isDone = false;
    void published.then(() => {
      isDone = true;
    });
    side.send({ cmd: 'puback', messageId: packet.messageId! + 1 });
    await settle();
    expect(isDone).toBe(false);
    side.send({ cmd: 'puback', messageId: packet.messageId! });
    await published;
  });

  test('of QoS 0 resolves when it has left', async () => {
    const { one, side } = await connected();
    await one.consumer.publish('r', Buffer.from([1]), 0);
    expect(await side.expect('publish')).toMatchObject({ qos: 0, payload: Buffer.from([1]) });
  });

  test('rejects when the connection ends, when there is none, and for what the broker won’t take', async () => {
    const { one, side } = await connected({ protocolVersion: 5 });
    const refused = one.consumer.publish('r', 'x', 1);
    const { messageId } = await side.expect('publish');
    side.send({ cmd: 'puback', messageId, reasonCode: 0x97, properties: { reasonString: 'full' } });
    await expect(refused).rejects.toMatchObject({ reason: 'quota_exceeded', code: 0x97, detail: 'full' });
    await expect(one.consumer.publish('r/+', 'x', 1)).rejects.toMatchObject({ reason: 'topic_invalid' });
    const lost = one.consumer.publish('r', 'x', 1);
    await side.expect('publish');
    side.stream.destroy();
    await expect(lost).rejects.toMatchObject({ reason: 'connection_lost' });
    await one.state('retrying');
    await expect(one.consumer.publish('r', 'x', 1)).rejects.toMatchObject({ reason: 'not_connected' });
  });

  test('keeps to what the broker takes: how many at a time, how large, which QoS', async () => {
    const one = new TestConsumer({ protocolVersion: 5 });
    consumers.push(one);
    one.consumer.start();
    const side = await one.broker.next();
    await side.admit({ properties: { receiveMaximum: 2, maximumPacketSize: 100, maximumQoS: 1 } });
    expect((await one.state('connected')).serverReceiveMaximum).toBe(2);
    await expect(one.consumer.publish('r', 'x'.repeat(100), 1)).rejects.toThrow('packet_too_large');
    const published = ['a', 'b', 'c', 'd'].map((topic) => one.consumer.publish(topic, 'x', 1));
    await settle();
    const topics: string[] = [];
    for (let at = 0; at < 4; at += 1) {
      expect(side.packets).toHaveLength(Math.min(2, 4 - at));
      const { topic, messageId } = await side.expect('publish');
      topics.push(topic);
      side.send({ cmd: 'puback', messageId: messageId! });
      await settle();
    }
    expect(topics).toEqual(['a', 'b', 'c', 'd']);
    await Promise.all(published);
    const last = ['e', 'f', 'g'].map((topic) => one.consumer.publish(topic, 'x', 1));
    side.stream.destroy();
    for (const { status } of await Promise.allSettled(last)) expect(status).toBe('rejected');
  });

  test('is refused when too much waits', async () => {
    const { one } = await connected();
    const published = Array.from({ length: 12 }, () => one.consumer.publish('r', Buffer.alloc(1_000_000), 0));
    const outcomes = Promise.allSettled(published);
    const waiting = Array.from({ length: 20_000 }, () => one.consumer.publish('r', 'x', 1));
    const results = await Promise.race([
      Promise.allSettled(waiting.slice(-1)),
      outcomes.then(() => 'never' as const),
    ]);
    expect(results).toMatchObject([{ status: 'rejected', reason: { reason: 'congested' } }]);
    for (const promise of waiting) promise.catch(() => {});
  });
});
