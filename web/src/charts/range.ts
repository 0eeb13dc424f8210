/** The ranges of time that are offered, by the name that stands in the address. */
export const presets = [
  { name: '15m', label: '15 min' },
  { name: '1h', label: '1 h' },
  { name: '24h', label: '24 h' },
  { name: '7d', label: '7 d' },
  { name: '30d', label: '30 d' },
  { name: '1y', label: '1 year' },
] as const;

/**
 * `range` ends now and moves on: a number and its unit, `90m`. `from` and `to` (ms since 1970) stand still; `range`
 * beside them is what is gone back to.
 */
export interface ChartSearch {
  range?: string;
  from?: number;
  to?: number;
}

/** A span of time in ms since 1970; a live one ends now. */
export interface Span {
  from: number;
  to: number;
  live: boolean;
}

export const defaultRange = '1h';

const DAY_MS = 86_400_000;
const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS, y: 365 * DAY_MS };
/** Less than this can't be zoomed into, and no more than roll-ups are kept is shown. */
const shortest = 1000;
const longest = 10 * 365 * DAY_MS;

export function parseChartSearch(search: Record<string, unknown>): ChartSearch {
  const range = typeof search.range === 'string' && lengthOf(search.range) ? search.range : undefined;
  const from = Math.round(Number(search.from));
  const to = Math.round(Number(search.to));
  const stands = from > 0 && to - from >= shortest && to - from <= longest && to < 8.64e15;
  return stands ? { range, from, to } : { range };
}

/** @returns ms, or undefined for what is no range */
function lengthOf(range: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhdy])$/.exec(range) ?? [];
  const ms = Number(count) * (units[unit ?? ''] ?? 0);
  return ms >= shortest && ms <= longest ? ms : undefined;
}

/** The span that an address means at the time `now`. */
export function spanOf(search: ChartSearch, now: number): Span {
  if (search.from !== undefined && search.to !== undefined)
    return { from: search.from, to: search.to, live: false };
  return { from: now - lengthOf(search.range ?? defaultRange)!, to: now, live: true };
}

/** What stands in the address for a span: one that reaches now goes on with the time. */
export function searchOf(
  span: Omit<Span, 'live'>,
  { now, range }: { now: number; range?: string },
): ChartSearch {
  const length = span.to - span.from;
  if (span.to >= now - length / 200) return { range: rangeOf(length) };
  return { range, from: Math.round(span.from), to: Math.round(span.to) };
}

function rangeOf(length: number): string {
  const preset = presets.find(({ name }) => Math.abs(lengthOf(name)! / length - 1) < 0.01);
  return preset?.name ?? `${Math.max(Math.round(length / 1000), 1)}s`;
}

/** @param share of the span's length; below 0 for earlier */
export function panned(span: Span, share: number, now: number): Span {
  const shift = (span.to - span.from) * share;
  return bounded(span.from + shift, span.to + shift, now);
}

/**
 * @param factor above 1 shows more
 * @param at what stays in its place, from 0, the left end, to 1, the right end
 */
export function zoomed(span: Span, factor: number, at: number, now: number): Span {
  const length = span.to - span.from;
  const wanted = Math.min(Math.max(length * factor, shortest), longest);
  const from = span.from + (length - wanted) * at;
  return bounded(from, from + wanted, now);
}

/** Nothing is known beyond now: what reaches there is shifted back. */
function bounded(from: number, to: number, now: number): Span {
  const beyond = Math.max(to - now, 0);
  return { from: from - beyond, to: to - beyond, live: to >= now };
}
