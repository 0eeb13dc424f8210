import { expect, it } from 'vitest';
import { lastHour, scaleEnd } from './minutes.ts';

it('fills the minutes without messages', () => {
  const now = Date.parse('2026-11-23T18:30:20Z');
  const busy = { minute: '2026-11-23T18:29:00.000Z', stored: 7, duplicate: 0, quarantined: 1, rejected: 0 };
  const old = { ...busy, minute: '2026-11-23T17:00:00.000Z' };
  const hour = lastHour([old, busy], now);
  expect(hour).toHaveLength(60);
  expect(hour[0]!.minute).toBe('2026-11-23T17:31:00.000Z');
  expect(hour[58]).toEqual(busy);
  expect(hour.filter(({ stored }) => stored > 0)).toHaveLength(1);
});

it.each([
  [0, 5],
  [6, 10],
  [11, 20],
  [200, 200],
  [201, 500],
  [64_600, 100_000],
])('ends a scale of up to %d at %d', (most, end) => {
  expect(scaleEnd(most)).toBe(end);
});
