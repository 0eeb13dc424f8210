import { expect, it } from 'vitest';
import { withArrivals } from './arrivals.ts';
import { bucketPoints, rawPoints } from './series.ts';

const start = Date.UTC(2026, 10, 23, 12);
const iso = (second: number) => new Date(start + second * 1000).toISOString();
const event = (second: number, t: number, received = second) => ({
  device_id: 'd',
  recorded_at: iso(second),
  received_at: iso(received),
  telemetry: { t },
});
const reading = (second: number, t: number) => ({
  ...event(second, t),
  device_timestamp: null,
  time_mark: null,
});
const tile = { from: start, to: start + 600_000, askedAt: start + 100_000, seconds: 0 };

it('readings grow by what is new, each once and in order', () => {
  const readings = [reading(90, 2), reading(80, 1)];
  const answer = { ...tile, resolution: 'raw' as const, readings, points: rawPoints(readings) };
  const arrived = [event(90, 2), event(120, 4), event(85, 3, 121), event(700, 9), event(-5, 9, 130)];
  expect(withArrivals(answer, arrived).points.get('t')!.values).toEqual([1, 3, 2, 4]);
  expect(withArrivals(answer, [event(90, 2)]).readings).toBe(readings);
  expect(withArrivals(answer, [event(700, 9)])).toBe(answer);
});

it('behind buckets stands what came since they were asked for', () => {
  const items = [{ bucket: iso(60), metrics: { t: { count: 3, min: 1, max: 3, mean: 2, last: 3 } } }];
  const points = bucketPoints(items, 60, tile.askedAt / 1000);
  const answer = { ...tile, resolution: '1m' as const, readings: [], points };
  const arrived = [event(75, 7, 75), event(76, 7, 110), event(101, 5), event(110, 6)];
  const t = withArrivals(answer, arrived).points.get('t')!;
  expect(t.values).toEqual([2, 5, 6]);
  expect(t.times).toEqual([80, 101, 110].map((second) => start / 1000 + second));
});
