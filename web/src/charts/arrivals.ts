import type { RawTelemetry } from '../../../src/contract/devices.ts';
import type { ReadingEvent } from '../../../src/contract/events.ts';
import { type Points, rawPoints, within } from './series.ts';
import type { Answer } from './tile-query.ts';

/** An answer with what events have brought since: of readings they are some more, behind buckets they stand as they are. */
export function withArrivals(answer: Answer, arrived: readonly ReadingEvent[]): Answer {
  const { resolution, readings, points, from, to, askedAt } = answer;
  const since = arrived.filter((event) => {
    const at = Date.parse(event.recorded_at);
    return at >= from && at < to && Date.parse(event.received_at) >= askedAt - clocksDiffer;
  });
  if (since.length === 0) return answer;
  if (resolution === 'raw') {
    const all = withReadings(readings, since);
    return { ...answer, readings: all, points: rawPoints(all) };
  }
  const tails = rawPoints(withReadings([], since));
  return {
    ...answer,
    points: new Map([
      ...points,
      ...[...tails].map(([metric, tail]) => [metric, behind(points.get(metric), tail)] as const),
    ]),
  };
}

/** Readings that come newest first with others that came since, each once. */
export function withReadings(readings: RawTelemetry[], since: readonly ReadingEvent[]): RawTelemetry[] {
  const known = new Set(readings.map(keyOf));
  const added = since.filter((event) => !known.has(keyOf(event)));
  if (added.length === 0) return readings;
  const own = added.map((event) => ({ ...event, device_timestamp: null, time_mark: null }));
  return [...own, ...readings].sort((a, b) => Date.parse(b.recorded_at) - Date.parse(a.recorded_at));
}

/** The platform's clock is known to two seconds (`server-clock.ts`). */
const clocksDiffer = 2000;

function keyOf({ recorded_at, received_at }: { recorded_at: string; received_at: string }): string {
  return `${recorded_at} ${received_at}`;
}

/** Only what is later than the last bucket's point: the rest is counted in it. */
function behind(buckets: Points | undefined, tail: Points): Points {
  if (!buckets) return tail;
  const { times, values, min, max, counts } = within(
    tail,
    buckets.times.at(-1)! + 0.001,
    Number.POSITIVE_INFINITY,
  );
  return {
    times: [...buckets.times, ...times],
    values: [...buckets.values, ...values],
    min: [...buckets.min, ...min],
    max: [...buckets.max, ...max],
    counts: [...buckets.counts, ...counts],
    gap: buckets.gap,
  };
}
