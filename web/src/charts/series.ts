import type { RawTelemetry, RolledUpTelemetry } from '../../../src/contract/devices.ts';

/** One metric over time, oldest first. Where `values` has null nothing is known: the line is broken there. */
export interface Series {
  /** Seconds since 1970, as uPlot wants them. */
  times: number[];
  /** The value, or the mean of a bucket. */
  values: (number | null)[];
  /** Of a bucket; absent for raw readings. */
  min?: (number | null)[];
  max?: (number | null)[];
}

/** Quiet for longer than so many usual distances between readings is a gap. */
const gapFactor = 4;

/**
 * The numbers of readings, newest first as the API answers, as one series a metric. Booleans and texts have no
 * height (`states.ts`).
 * @param usualSeconds the device's usual distance between reports, if it is known
 */
export function rawSeries(items: readonly RawTelemetry[], usualSeconds = 0): Map<string, Series> {
  const found = new Map<string, Series>();
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const { recorded_at, telemetry } = items[index]!;
    const at = Date.parse(recorded_at) / 1000;
    for (const [metric, value] of Object.entries(telemetry)) {
      if (typeof value !== 'number') continue;
      const series = found.get(metric) ?? { times: [], values: [] };
      found.set(metric, series);
      series.times.push(at);
      series.values.push(value);
    }
  }
  return mapValues(found, (series) =>
    withGaps(series, gapFactor * Math.max(usualDistance(series.times), usualSeconds)),
  );
}

/** Buckets, newest first as the API answers. A bucket that is missing is a gap. */
export function rolledUpSeries(
  items: readonly RolledUpTelemetry[],
  bucketSeconds: number,
): Map<string, Series> {
  const found = new Map<string, Required<Series>>();
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const { bucket, metrics } = items[index]!;
    const at = Date.parse(bucket) / 1000 + bucketSeconds / 2;
    for (const [metric, { mean, min, max }] of Object.entries(metrics)) {
      const series = found.get(metric) ?? { times: [], values: [], min: [], max: [] };
      found.set(metric, series);
      series.times.push(at);
      series.values.push(mean);
      series.min.push(min);
      series.max.push(max);
    }
  }
  return mapValues(found, (series) =>
    withGaps(series, Math.max(2 * bucketSeconds, gapFactor * usualDistance(series.times))),
  );
}

/** The median distance between neighbours, in their own unit; 0 when there are too few to tell. */
export function usualDistance(times: readonly number[]): number {
  if (times.length < 3) return 0;
  const distances = times.slice(1).map((time, index) => time - times[index]!);
  distances.sort((a, b) => a - b);
  return distances[distances.length >> 1]!;
}

/** Breaks the line wherever two neighbours are further apart than `longest` seconds. 0 breaks nothing. */
function withGaps(series: Series, longest: number): Series {
  if (longest <= 0) return series;
  const broken: Series = { times: [], values: [] };
  if (series.min && series.max) Object.assign(broken, { min: [], max: [] });
  series.times.forEach((time, index) => {
    const before = series.times[index - 1];
    if (before !== undefined && time - before > longest) push(broken, before + longest / 2, null, null, null);
    push(broken, time, series.values[index]!, series.min?.[index] ?? null, series.max?.[index] ?? null);
  });
  return broken;
}

function push(
  series: Series,
  time: number,
  value: number | null,
  min: number | null,
  max: number | null,
): void {
  series.times.push(time);
  series.values.push(value);
  series.min?.push(min);
  series.max?.push(max);
}

function mapValues<From, To>(map: ReadonlyMap<string, From>, change: (value: From) => To): Map<string, To> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
