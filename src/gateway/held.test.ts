import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AcknowledgementQueue, COMMIT, ENGINE, HeldPublish } from './held.ts';

const nobody = { released() {} };

/** PUBACKs and PUBRECs as `type packet id`. */
function read(bytes: Buffer | undefined): string[] {
  const packets: string[] = [];
  for (let at = 0; bytes && at < bytes.length; at += 4) {
    expect(bytes[at + 1]).toBe(2);
    const type = { 64: 'puback', 80: 'pubrec' }[bytes[at]!];
    packets.push(`${type} ${bytes.readUInt16BE(at + 2)}`);
  }
  return packets;
}

describe('acknowledgements', () => {
  const publish = fc.record({
    qos: fc.constantFrom(1 as const, 2 as const),
    // Few ids, so that they are used again while they are in flight.
    packetId: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 65_535 })),
    waiting: fc.constantFrom(0, COMMIT, ENGINE, COMMIT | ENGINE),
  });

  test('leave in the order of their publishes, all of them, whatever settles when', () => {
    fc.assert(
      fc.property(
        fc.array(publish, { maxLength: 60 }),
        fc.array(fc.nat(), { minLength: 300, maxLength: 300 }),
        (publishes, choices) => {
          const queue = new AcknowledgementQueue();
          const sent: HeldPublish[] = [];
          const left: string[] = [];
          const unsent = [...publishes];
          const choose = (most: number) => choices.pop()! % most;
          while (choices.length > 0) {
            const commits = sent.filter(({ waiting }) => waiting & COMMIT);
            // The engine acknowledges what it was given, in its order for each packet id.
            const engines = sent.filter(({ waiting }) => waiting & ENGINE);
            const action = choose(4);
            if (action === 0 && unsent.length > 0) {
              const { waiting, ...packet } = unsent.shift()!;
              const held = new HeldPublish(nobody, packet, waiting);
              sent.push(held);
              queue.add(held);
              expect(queue.unanswered(packet.packetId)).toBe(held);
            } else if (action === 1 && commits.length > 0) {
              commits[choices.length > 0 ? choose(commits.length) : 0]!.clear(COMMIT);
            } else if (action === 2 && engines.length > 0) {
              const { packetId } = engines[choices.length > 0 ? choose(engines.length) : 0]!;
              const first = engines.find((held) => held.packetId === packetId)!;
              expect(queue.engineAcknowledged(packetId, 0)).toBe(true);
              expect(first.waiting & ENGINE).toBe(0);
            } else {
              left.push(...read(queue.takeReady()));
            }
          }
          queue.abandon();
          for (const held of sent) held.clear(COMMIT);
          left.push(...read(queue.takeReady()));
          expect(left).toEqual(
            sent.map(({ qos, packetId }) => `${qos === 1 ? 'puback' : 'pubrec'} ${packetId}`),
          );
          expect(queue.length).toBe(0);
          for (const { packetId } of sent) {
            expect(queue.unanswered(packetId)).toBeUndefined();
            expect(queue.engineAcknowledged(packetId, 0)).toBe(false);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('wait for both, and for the first in the row', () => {
    const queue = new AcknowledgementQueue();
    const [first, second] = [1, 2].map(
      (packetId) => new HeldPublish(nobody, { qos: 1, packetId }, COMMIT | ENGINE),
    );
    queue.add(first!);
    queue.add(second!);
    second!.clear(COMMIT);
    queue.engineAcknowledged(2, 0);
    first!.clear(COMMIT);
    expect(queue.takeReady()).toBeUndefined();
    queue.engineAcknowledged(1, 0);
    expect(read(queue.takeReady())).toEqual(['puback 1', 'puback 2']);
  });

  test('say in MQTT 5 what the engine said, in their turn', () => {
    const queue = new AcknowledgementQueue();
    const held = ([1, 2, 1, 2] as const).map(
      (qos, index) => new HeldPublish(nobody, { qos, packetId: index + 1 }, ENGINE),
    );
    for (const publish of held) queue.add(publish);
    queue.engineAcknowledged(2, 0x97);
    queue.engineAcknowledged(3, 0);
    queue.engineAcknowledged(4, 0x10);
    expect(queue.takeReady()).toBeUndefined();
    queue.engineAcknowledged(1, 0x10);
    expect([...queue.takeReady()!]).toEqual([
      ...[0x40, 3, 0, 1, 0x10],
      ...[0x50, 3, 0, 2, 0x97],
      ...[0x40, 2, 0, 3],
      ...[0x50, 3, 0, 4, 0x10],
    ]);
  });

  test('of QoS 2 are under way until PUBCOMP, or a PUBREC that ends the exchange', () => {
    const queue = new AcknowledgementQueue();
    const reasons = [0, 0x97];
    reasons.forEach((reason, index) => {
      const held = new HeldPublish(nobody, { qos: 2, packetId: index + 1 }, ENGINE);
      queue.add(held);
      queue.engineAcknowledged(held.packetId, reason);
    });
    expect(queue.underWay).toBe(2);
    queue.takeReady();
    expect(queue.underWay).toBe(1);
    queue.completed();
    expect(queue.underWay).toBe(0);
    queue.completed();
    expect(queue.underWay).toBe(0);
  });

  test('what the engine says of an unknown packet id is none of ours', () => {
    const queue = new AcknowledgementQueue();
    expect(queue.engineAcknowledged(1, 0)).toBe(false);
    const held = new HeldPublish(nobody, { qos: 1, packetId: 1 }, COMMIT);
    queue.add(held);
    expect(queue.engineAcknowledged(1, 0)).toBe(false);
    expect(held.waiting).toBe(COMMIT);
  });
});

test('whoever holds a publish is told once when nothing is awaited any more', () => {
  let released = 0;
  const held = new HeldPublish({ released: () => (released += 1) }, { qos: 1, packetId: 1 }, COMMIT | ENGINE);
  held.clear(ENGINE);
  held.clear(ENGINE);
  expect(released).toBe(0);
  held.clear(COMMIT);
  held.clear(COMMIT);
  expect(released).toBe(1);
});
