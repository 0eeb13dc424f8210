import { expect, it } from 'vitest';
import { inShort } from './in-short.ts';
import { shortSpan, storyOf } from './story.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 10, 26, 12, 0, 0, ms)).toISOString();
const queued = {
  state: 'queued',
  created_at: at(0),
  published_at: null,
  delivered_at: null,
  acknowledged_at: null,
  finished_at: null,
} as const;
const brief = (command: Parameters<typeof storyOf>[0]) =>
  storyOf(command).map(({ state, afterMs, skipped }) =>
    skipped ? `(${state})` : `${state} ${afterMs ?? ''}`.trim(),
  );

it('tells what was reached and what is to come', () => {
  expect(brief(queued)).toEqual(['queued', 'published', 'delivered', 'acknowledged', 'succeeded']);
  expect(brief({ ...queued, state: 'delivered', published_at: at(3), delivered_at: at(8) })).toEqual([
    'queued',
    'published 3',
    'delivered 8',
    'acknowledged',
    'succeeded',
  ]);
});

it('tells what nobody has confirmed', () => {
  const failed = {
    ...queued,
    state: 'failed',
    published_at: at(3),
    acknowledged_at: at(20),
    finished_at: at(30),
  } as const;
  expect(brief(failed)).toEqual(['queued', 'published 3', '(delivered)', 'acknowledged 20', 'failed 30']);
  expect(brief({ ...failed, state: 'acknowledged', finished_at: null })).toEqual([
    'queued',
    'published 3',
    '(delivered)',
    'acknowledged 20',
    'succeeded',
  ]);
});

it('ends where a command ended', () => {
  expect(brief({ ...queued, state: 'cancelled', finished_at: at(900) })).toEqual(['queued', 'cancelled 900']);
  const expired = { ...queued, state: 'expired', published_at: at(3), finished_at: at(60_000) } as const;
  expect(brief(expired)).toEqual(['queued', 'published 3', 'expired 60000']);
});

it.each([
  [0.4, '0 ms'],
  [840, '840 ms'],
  [1240, '1.2 s'],
  [42_000, '42 s'],
  [200_000, '3 min'],
  [90_000_000, '1 d'],
])('writes %d ms as %s', (ms, text) => expect(shortSpan(ms)).toBe(text));

it.each([
  [{ seconds: 30, mode: 'eco', at: { x: 1 } }, 'seconds 30, mode eco, at {"x":1}'],
  [{}, ''],
  [null, ''],
  [[1, 2], '[1,2]'],
  ['two\n lines', 'two lines'],
])('says %j in short', (value, text) => expect(inShort(value)).toBe(text));
