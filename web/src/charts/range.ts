/** The ranges of time that a device's charts share, as they stand in the address. */
export const ranges = [
  { name: '15m', label: '15 min', ms: 15 * 60_000 },
  { name: '1h', label: '1 h', ms: 3_600_000 },
  { name: '6h', label: '6 h', ms: 6 * 3_600_000 },
  { name: '24h', label: '24 h', ms: 24 * 3_600_000 },
  { name: '7d', label: '7 d', ms: 7 * 86_400_000 },
  { name: '30d', label: '30 d', ms: 30 * 86_400_000 },
] as const;
export type RangeName = (typeof ranges)[number]['name'];

/** `range` ends now and moves on; `from` and `to` (ms since 1970) are what was zoomed into, and stand still. */
export interface ChartSearch {
  range?: RangeName;
  from?: number;
  to?: number;
}

/** A span of time in ms since 1970; a live one ends now. */
export interface Span {
  from: number;
  to: number;
  live: boolean;
}

export const defaultRange: RangeName = '1h';
/** Less than this can't be zoomed into. */
const shortest = 1000;

export function parseChartSearch(search: Record<string, unknown>): ChartSearch {
  const range = ranges.find(({ name }) => name === search.range)?.name;
  const from = Number(search.from);
  const to = Number(search.to);
  const zoomed = from > 0 && to >= from + shortest && to < 8.64e15;
  return zoomed ? { range, from: Math.round(from), to: Math.round(to) } : { range };
}

export function rangeMs(search: ChartSearch): number {
  return ranges.find(({ name }) => name === (search.range ?? defaultRange))!.ms;
}

/** The span that an address means at the time `now`. */
export function spanOf(search: ChartSearch, now: number): Span {
  if (search.from !== undefined && search.to !== undefined)
    return { from: search.from, to: search.to, live: false };
  return { from: now - rangeMs(search), to: now, live: true };
}
