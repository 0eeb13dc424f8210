import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceRef, message, source } from '../../test/support/prepared-message.ts';
import type { PastUses } from '../database/store-batch.ts';
import { clientKeyText, findResends, keyCounter, UsesOfBatch } from './keys.ts';
import type { PreparedMessage } from './prepare.ts';

const device = deviceRef('d', 1);
const timed = (n: number) => JSON.stringify({ ts: '2026-11-23T00:00:00Z', n });

/** What the batch would have left in the table, for the clients that need it. */
function stored(messages: PreparedMessage[]): PastUses[] {
  const uses = new UsesOfBatch();
  for (const prepared of messages) uses.add(prepared);
  return uses.rows().map(({ clientKeyHigh, clientKeyLow, uses }) => ({
    clientKey: clientKeyText({ high: clientKeyHigh, low: clientKeyLow }),
    uses: uses as Buffer,
  }));
}

describe('resends', () => {
  const step = fc.record({
    payload: fc.constantFrom('{"n":1}', '{"n":2}', timed(1), 'broken'),
    packetId: fc.integer({ min: 1, max: 3 }),
    dup: fc.boolean(),
    client: fc.constantFrom('a', 'b'),
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  });

  test('are those with DUP whose client last used the packet id for the same, in any division into batches', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 30 }), (steps) => {
        const lastUse = new Map<string, string>();
        const expected: number[] = [];
        const found: number[] = [];
        const past: PastUses[] = [];
        let batch: [number, PreparedMessage][] = [];
        const store = () => {
          const messages = batch.map(([, prepared]) => prepared);
          const resends = findResends(messages, past);
          for (const [index, prepared] of batch) if (resends.has(prepared)) found.push(index);
          past.push(...stored(messages.filter((prepared) => !resends.has(prepared))));
          batch = [];
        };
        steps.forEach(([{ payload, packetId, dup, client, qos }, ends], index) => {
          const isFlagged = dup && qos > 0;
          batch.push([
            index,
            message({ device, payload, packetId, dup: isFlagged, qos, from: source(client) }),
          ]);
          const use = `${client} ${packetId}`;
          if (qos > 0) {
            // One with a time is known by that, so the packet id is used and says nothing of it, DUP or not.
            if (isFlagged && lastUse.get(use) === payload) expected.push(index);
            lastUse.set(use, payload === timed(1) && !isFlagged ? 'something else' : payload);
          }
          if (ends) store();
        });
        store();
        expect(found).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('a client’s key is the same in its next connection, and another client’s is another', () => {
    const first = message({ device, payload: '{"n":1}', from: source('a', 1) });
    const past = stored([first]);
    const again = (client: string) =>
      message({ device, payload: '{"n":1}', dup: true, from: source(client, 2) });
    const [same, other] = [again('a'), again('b')];
    expect(findResends([same, other], past)).toEqual(new Set([same]));
  });
});

describe('uses of packet ids', () => {
  test('are needed for messages that nothing else tells from a resend', () => {
    const rows = (payload: string, qos: 0 | 1 = 1) => {
      const uses = new UsesOfBatch();
      uses.add(message({ device, payload, qos }));
      return uses.rows().map(({ needed }) => needed);
    };
    expect(rows('{"n":1}')).toEqual([true]);
    expect(rows('broken')).toEqual([true]);
    expect(rows(timed(1))).toEqual([false]);
    expect(rows('{"n":1}', 0)).toEqual([]);
  });
});

test('a client’s key is written as PostgreSQL prints an int8', () => {
  expect(clientKeyText({ high: 0, low: 1 })).toBe('1');
  expect(clientKeyText({ high: 0xffffffff, low: 0xffffffff })).toBe('-1');
  expect(clientKeyText({ high: 0x80000000, low: 0 })).toBe('-9223372036854775808');
  expect(clientKeyText({ high: 0x7fffffff, low: 0xffffffff })).toBe('9223372036854775807');
});

test('counted keys are all different', () => {
  const nextKey = keyCounter();
  const keys = new Set<number>();
  for (let count = 0; count < 100_000; count += 1) keys.add(nextKey().low);
  expect(keys.size).toBe(100_000);
  expect(keyCounter()().high).not.toBe(nextKey().high);
});
