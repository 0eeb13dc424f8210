import { expect, test } from 'vitest';
import type { UsedLimit } from '../api/types.ts';
import { hitLately, levelOf, percentOf } from './limits.ts';

const limit = (values: Partial<UsedLimit>): UsedLimit => ({
  name: 'connections',
  limit: 10,
  used: 0,
  peak_today: 0,
  hits_today: 0,
  last_hit_at: null,
  ...values,
});

test('a limit is near from four fifths on, and full at its end or beyond', () => {
  expect([7, 8, 9.9, 10, 12].map((used) => levelOf({ limit: 10, used }))).toEqual([
    'plenty',
    'near',
    'near',
    'full',
    'full',
  ]);
  expect(levelOf({ limit: null, used: 5 })).toBe('unlimited');
  expect(levelOf({ limit: 5, used: null })).toBe('plenty');
  expect(levelOf({ limit: 0, used: 0 })).toBe('full');
});

test('a percentage is never more than a hundred, and not rounded up to it', () => {
  expect([9.99, 10, 30].map((used) => percentOf({ limit: 10, used }))).toEqual([99, 100, 100]);
  expect(percentOf({ limit: 0, used: 0 })).toBe(100);
  expect([percentOf({ limit: null, used: 1 }), percentOf({ limit: 1, used: null })]).toEqual([null, null]);
});

test('limits of the last hour stand with the latest first', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  const at = (name: UsedLimit['name'], last_hit_at: string | null) => limit({ name, last_hit_at });
  const hit = hitLately(
    [
      at('devices', '2026-11-26T10:59:00Z'),
      at('connections', '2026-11-26T11:10:00Z'),
      at('subscriptions', '2026-11-26T11:59:00Z'),
      at('stored_rows', null),
    ],
    now,
  );
  expect(hit.map(({ name }) => name)).toEqual(['subscriptions', 'connections']);
});
