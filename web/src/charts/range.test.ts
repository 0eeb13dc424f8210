import { describe, expect, it } from 'vitest';
import { panned, parseChartSearch, searchOf, spanOf, zoomed } from './range.ts';

const now = Date.parse('2026-11-23T18:00:00Z');
const hour = 3_600_000;

describe('the address', () => {
  it('moves with the time unless it names two times', () => {
    const live = spanOf(parseChartSearch({ range: '24h' }), now);
    expect(live).toEqual({ from: now - 24 * hour, to: now, live: true });
    const still = parseChartSearch({ range: '24h', from: now - 5000, to: now - 1000 });
    expect(spanOf(still, now)).toEqual({ from: now - 5000, to: now - 1000, live: false });
    expect(spanOf(parseChartSearch({ range: '90m' }), now).from).toBe(now - 1.5 * hour);
  });

  it('drops what is no range', () => {
    for (const search of [
      {},
      { range: '2w' },
      { range: '0s' },
      { range: '11y' },
      { range: 5 },
      { from: 'x', to: 5 },
      { from: now, to: now },
      { from: now },
      { from: 1, to: 1e300 },
      { from: 1, to: now },
    ])
      expect(parseChartSearch(search)).toEqual({ range: undefined });
  });

  it('names two times, or what goes on with the time where the span reaches it', () => {
    const range = '24h';
    const still = { from: now - 3 * hour, to: now - hour };
    expect(searchOf(still, { now, range })).toEqual({ range, ...still });
    expect(searchOf({ from: now - 3 * hour, to: now - 1000 }, { now, range })).toEqual({ range: '10799s' });
    expect(searchOf({ from: now - 24.1 * hour, to: now }, { now })).toEqual({ range: '24h' });
    expect(searchOf({ from: now - hour, to: now }, { now })).toEqual({ range: '1h' });
  });
});

describe('moving', () => {
  const span = { from: now - 10 * hour, to: now - 2 * hour, live: false };

  it('pans by a share of what is shown, and stops at now', () => {
    expect(panned(span, -0.5, now)).toEqual({ from: now - 14 * hour, to: now - 6 * hour, live: false });
    expect(panned(span, 1, now)).toEqual({ from: now - 8 * hour, to: now, live: true });
  });

  it('zooms about a place, within what can be shown', () => {
    expect(zoomed(span, 0.5, 0.25, now)).toEqual({ from: now - 9 * hour, to: now - 5 * hour, live: false });
    expect(zoomed(span, 4, 1, now)).toEqual({ from: now - 34 * hour, to: now - 2 * hour, live: false });
    expect(zoomed(span, 2, 0, now)).toEqual({ from: now - 16 * hour, to: now, live: true });
    const least = zoomed(span, 1e-9, 0.5, now);
    expect(least.to - least.from).toBe(1000);
    const most = zoomed(span, 1e9, 0.5, now);
    expect(most.to - most.from).toBe(3650 * 24 * hour);
    expect(parseChartSearch({ ...searchOf(least, { now }) })).toEqual(searchOf(least, { now }));
    expect(parseChartSearch({ ...searchOf(most, { now }) })).toEqual(searchOf(most, { now }));
  });
});
