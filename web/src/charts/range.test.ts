import { expect, it } from 'vitest';
import { parseChartSearch, spanOf } from './range.ts';

const now = Date.parse('2026-11-23T18:00:00Z');

it('moves with the time unless zoomed into', () => {
  expect(spanOf(parseChartSearch({ range: '24h' }), now)).toEqual({
    from: now - 86_400_000,
    to: now,
    live: true,
  });
  expect(spanOf(parseChartSearch({ range: '24h', from: now - 5000, to: now - 1000 }), now)).toEqual({
    from: now - 5000,
    to: now - 1000,
    live: false,
  });
});

it('drops what is no range', () => {
  for (const search of [
    {},
    { range: '2y' },
    { from: 'x', to: 5 },
    { from: now, to: now },
    { from: now },
    { from: 1, to: 1e300 },
  ])
    expect(parseChartSearch(search)).toEqual({ range: undefined });
});
