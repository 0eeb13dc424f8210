import { expect, test } from 'vitest';
import { isWithin } from './schedule.ts';

const at = (iso: string) => Date.parse(iso);
const berlin = (days: number[], from: string, to: string) => ({
  time_zone: 'Europe/Berlin',
  windows: [{ days, from, to }],
});

test.each([
  // 26 November 2026 is a Thursday; Berlin is an hour ahead.
  ['2026-11-26T07:59:59Z', false],
  ['2026-11-26T08:00:00Z', true],
  ['2026-11-26T15:59:59Z', true],
  ['2026-11-26T16:00:00Z', false],
  ['2026-11-28T12:00:00Z', false],
])('working hours, %s: %s', (time, expected) => {
  expect(isWithin(berlin([1, 2, 3, 4, 5], '09:00', '17:00'), at(time))).toBe(expected);
});

test.each([
  ['2026-11-26T20:59:00Z', false],
  ['2026-11-26T21:00:00Z', true],
  ['2026-11-27T04:59:00Z', true],
  ['2026-11-27T05:00:00Z', false],
  // Begun on Friday: none of its nights.
  ['2026-11-27T22:00:00Z', false],
  ['2026-11-28T04:00:00Z', false],
])('a night that begins on Thursday, %s: %s', (time, expected) => {
  expect(isWithin(berlin([4], '22:00', '06:00'), at(time))).toBe(expected);
});

test('a week ends on Sunday night, and a window that ends when it begins is a day', () => {
  const sunday = berlin([7], '22:00', '06:00');
  expect(isWithin(sunday, at('2026-11-30T04:00:00Z'))).toBe(true);
  expect(isWithin(berlin([1], '00:00', '00:00'), at('2026-11-30T22:59:00Z'))).toBe(true);
  expect(isWithin(berlin([1], '00:00', '00:00'), at('2026-11-30T23:00:00Z'))).toBe(false);
});

test('it goes by the clocks of the zone, which change', () => {
  const morning = berlin([1, 2, 3, 4, 5, 6, 7], '08:00', '09:00');
  expect(isWithin(morning, at('2026-03-28T07:30:00Z'))).toBe(true);
  expect(isWithin(morning, at('2026-03-29T07:30:00Z'))).toBe(false);
  expect(isWithin(morning, at('2026-03-29T06:30:00Z'))).toBe(true);
});
