import { describe, expect, it } from 'vitest';
import { duration, exactTime, relativeTime, timeWithin } from './time.ts';

const now = Date.parse('2026-11-23T18:00:00Z');

describe('relativeTime', () => {
  it.each([
    [0, 'now'],
    [1_999, 'now'],
    [-4_000, 'now'],
    [12_400, '12 s ago'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [3_600_000 * 5, '5 h ago'],
    [86_400_000 * 40, '40 d ago'],
    [-7_200_000, 'in 2 h'],
  ])('says of %d ms: %s', (past, words) => {
    expect(relativeTime(now - past, now)).toBe(words);
  });
});

it('never calls a duration zero of a larger unit', () => {
  expect(duration(400)).toBe('0 s');
  expect(duration(3_599_999)).toBe('59 min');
});

it('names the zone beside the exact time', () => {
  expect(exactTime(now)).toMatch(/^2\d Nov 2026, \d\d:00:00 \S+$/);
});

it('adds the day only where a span holds more than one', () => {
  expect(timeWithin(now, 3_600_000)).toMatch(/^\d\d:00:00$/);
  expect(timeWithin(now, 7 * 86_400_000)).toMatch(/^2\d Nov, \d\d:00$/);
});
