import { expect, test } from 'vitest';
import { MOST_ATTEMPTS, retryDelay } from './retry.ts';

const delays = (chance: number) =>
  Array.from({ length: MOST_ATTEMPTS }, (_, index) =>
    retryDelay({ attempts: index + 1, isFinal: false }, chance),
  );

test('waits 5 s, doubling up to an hour, for about a day', () => {
  const waits = delays(0.5);
  expect(waits.slice(0, 4)).toEqual([5000, 10_000, 20_000, 40_000]);
  expect(Math.max(...waits.map(Number).filter(Number.isFinite))).toBe(3_600_000);
  expect(waits.at(-1)).toBeUndefined();
  const hours = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0) / 3_600_000;
  expect(hours).toBeGreaterThan(20);
  expect(hours).toBeLessThan(26);
});

test('gives or takes a fifth', () => {
  expect([delays(0)[0], delays(1)[0]]).toEqual([4000, 6000]);
});

test('minds what the receiver asks for, and what is final', () => {
  expect(retryDelay({ attempts: 1, isFinal: false, retryAfterMs: 60_000 })).toBe(60_000);
  expect(retryDelay({ attempts: 1, isFinal: true })).toBeUndefined();
});
