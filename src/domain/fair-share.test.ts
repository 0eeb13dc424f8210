import { expect, test } from 'vitest';
import { type Demand, fairShare } from './fair-share.ts';

const uses = (used: number): Demand => ({ used, isWaiting: false });
const waits = (used: number): Demand => ({ used, isWaiting: true });
/** The shares of all, each as it sees the others. */
const shares = (rate: number, ...demands: Demand[]) =>
  demands.map((own, index) =>
    fairShare(
      rate,
      own,
      demands.filter((_, other) => other !== index),
    ),
  );

test('one alone has all of it', () => {
  expect(shares(10, uses(3))).toEqual([1]);
  expect(shares(10, waits(10))).toEqual([1]);
});

test('who waits gets what others do not need, and as much as others who wait', () => {
  expect(shares(10, waits(0), waits(10))).toEqual([0.5, 0.5]);
  expect(fairShare(10, waits(5), [uses(1)])).toBeCloseTo(0.9);
  expect(fairShare(10, waits(5), [uses(1), waits(3)])).toBeCloseTo(0.45);
});

test('while there is enough the shares are the whole', () => {
  const [one, two, three] = shares(90, uses(30), uses(30), uses(30)) as [number, number, number];
  expect(one + two + three).toBeCloseTo(1);
  expect(one).toBeCloseTo(1 / 3);
});

test('who used nothing yet may begin, however busy the others are', () => {
  expect(fairShare(10, uses(0), [waits(10)])).toBeCloseTo(0.5);
});

test('a rate of nothing is shared too', () => {
  expect(shares(0, waits(0), uses(0))).toEqual([0.5, 0.5]);
});
