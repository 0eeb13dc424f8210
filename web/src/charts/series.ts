import type { RawTelemetry, RolledUpTelemetry } from '../../../src/contract/devices.ts';

/** What one answer tells of a metric, oldest first. Times in seconds since 1970, as uPlot wants them. */
export interface Points {
  times: number[];
  /** The value, or the mean of a bucket. */
  values: number[];
  /** The extremes of a bucket; of a reading the value itself. */
  min: number[];
  max: number[];
  /** How many readings each stands for. */
  counts: number[];
  /** Up to so many seconds between two of them are no gap: two buckets; 0 for readings. */
  gap: number;
}

/** One metric as it is drawn. Where `values` has null nothing is known: the line is broken there. */
export interface Series {
  times: number[];
  values: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
}

/** Quiet for longer than so many usual distances between readings is a gap. */
const gapFactor = 4;

/** The numbers of readings that come newest first, by metric. Booleans and texts have no height (`states.ts`). */
export function rawPoints(items: readonly Pick<RawTelemetry, 'recorded_at' | 'telemetry'>[]) {
  const found = new Map<string, Points>();
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const { recorded_at, telemetry } = items[index]!;
    const at = Date.parse(recorded_at) / 1000;
    for (const [metric, value] of Object.entries(telemetry)) {
      if (typeof value === 'number')
        add(pointsIn(found, metric), { at, value, min: value, max: value, count: 1 });
    }
  }
  return found;
}

/**
 * Buckets that come newest first, by metric. Each stands in the middle of its time.
 * @param until when it was asked, in seconds since 1970: the bucket that goes on is only as long as that
 */
export function bucketPoints(items: readonly RolledUpTelemetry[], seconds: number, until: number) {
  const found = new Map<string, Points>();
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const { bucket, metrics } = items[index]!;
    const start = Date.parse(bucket) / 1000;
    const at = start + Math.max(Math.min(seconds, until - start), 0) / 2;
    for (const [metric, { mean, min, max, count }] of Object.entries(metrics))
      add(pointsIn(found, metric), { at, value: mean, min, max, count });
  }
  for (const points of found.values()) points.gap = 2 * seconds;
  return found;
}

function pointsIn(found: Map<string, Points>, metric: string): Points {
  const known = found.get(metric);
  if (known) return known;
  const made = { times: [], values: [], min: [], max: [], counts: [], gap: 0 };
  found.set(metric, made);
  return made;
}

interface Point {
  at: number;
  value: number;
  min: number;
  max: number;
  count: number;
}

function add(to: Points, { at, value, min, max, count }: Point): void {
  push(to, at, value, min, max);
  to.counts.push(count);
}

/**
 * The same as buckets of so many seconds, for pieces beside others that are as coarse: side by side, a dense line and the
 * mean of a day look like two different things.
 */
export function coarsened(points: Points, seconds: number): Points {
  const made: Points = { times: [], values: [], min: [], max: [], counts: [], gap: 0 };
  let bucket = Number.NaN;
  points.times.forEach((at, index) => {
    const [value, min, max] = [points.values[index]!, points.min[index]!, points.max[index]!];
    const count = points.counts[index]!;
    const last = made.times.length - 1;
    if (Math.floor(at / seconds) !== bucket) {
      bucket = Math.floor(at / seconds);
      add(made, { at: (bucket + 0.5) * seconds, value, min, max, count });
      return;
    }
    const all = made.counts[last]! + count;
    made.values[last]! += ((value - made.values[last]!) * count) / all;
    made.min[last] = Math.min(made.min[last]!, min);
    made.max[last] = Math.max(made.max[last]!, max);
    made.counts[last] = all;
  });
  // The bucket that goes on reaches as far as what there is of it.
  const end = points.times.at(-1) ?? 0;
  if (made.times.length > 0) made.times[made.times.length - 1] = Math.min(made.times.at(-1)!, end);
  made.gap = 2 * seconds;
  return made;
}

/** The median distance between neighbours, in their own unit; 0 when there are too few to tell. */
export function usualDistance(times: readonly number[]): number {
  if (times.length < 3) return 0;
  const distances = times.slice(1).map((time, index) => time - times[index]!);
  distances.sort((a, b) => a - b);
  return distances[distances.length >> 1]!;
}

/** Those from `from` on and before `to`, in seconds since 1970. */
export function within(points: Points, from: number, to: number): Points {
  const first = firstFrom(points.times, from);
  const end = firstFrom(points.times, to);
  if (first === 0 && end === points.times.length) return points;
  const cut = (column: number[]) => column.slice(first, end);
  const { times, values, min, max, counts, gap } = points;
  return { times: cut(times), values: cut(values), min: cut(min), max: cut(max), counts: cut(counts), gap };
}

/** The first index whose time is `at` or later; as many as there are when none is. */
export function firstFrom(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Pieces that follow one another as one line, broken where nothing is known.
 * @param usualSeconds the device's usual distance between reports, if it is known
 */
export function seriesOf(pieces: readonly Points[], usualSeconds: number): Series {
  const times = pieces.flatMap((piece) => piece.times);
  const series: Series = { times: [], values: [], min: [], max: [] };
  let at = 0;
  let before = 0;
  for (const { values, min, max, gap } of pieces) {
    for (let index = 0; index < values.length; index += 1) {
      const least = Math.max(gap, before, gapFactor * usualSeconds);
      before = gap;
      if (isGap(times, at, least)) push(series, (times[at - 1]! + times[at]!) / 2, null, null, null);
      push(series, times[at]!, values[index]!, min[index]!, max[index]!);
      at += 1;
    }
  }
  return series;
}

/** So many distances on either side say what is usual just there: devices change how often they report. */
const around = 5;

/** Whether it was quiet before a reading for much longer than about that time. */
function isGap(times: readonly number[], index: number, least: number): boolean {
  const distance = (of: number) => times[of]! - times[of - 1]!;
  if (index < 1 || distance(index) <= least) return false;
  const isLikeBeside = (of: number) =>
    of >= 1 && of < times.length && distance(index) <= gapFactor * distance(of);
  if (isLikeBeside(index - 1) && isLikeBeside(index + 1)) return false;
  const usual = usualDistance(times.slice(Math.max(index - 1 - around, 0), index + 1 + around));
  // Of two or three readings nobody can say what is usual.
  return (usual > 0 || least > 0) && distance(index) > gapFactor * usual;
}

function push<Value>(
  to: { times: number[]; values: Value[]; min: Value[]; max: Value[] },
  time: number,
  value: Value,
  min: Value,
  max: Value,
): void {
  to.times.push(time);
  to.values.push(value);
  to.min.push(min);
  to.max.push(max);
}

/** The index of what is known nearest to a time in seconds since 1970; undefined where nothing is. */
export function nearest({ times, values }: Pick<Series, 'times' | 'values'>, at: number): number | undefined {
  const after = firstFrom(times, at);
  const candidates = [after - 2, after - 1, after, after + 1].filter((index) => values[index] != null);
  return candidates.sort((a, b) => Math.abs(times[a]! - at) - Math.abs(times[b]! - at))[0];
}
