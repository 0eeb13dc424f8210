import { describe, expect, it } from 'vitest';
import { bucketPoints, coarsened, nearest, rawPoints, seriesOf, usualDistance, within } from './series.ts';

const start = Date.UTC(2026, 10, 23, 12);

function reading(second: number, telemetry: Record<string, number | string | boolean>) {
  return { recorded_at: new Date(start + second * 1000).toISOString(), telemetry };
}
const readingsAt = (...seconds: number[]) =>
  rawPoints(seconds.map((second) => reading(second, { t: second })).reverse()).get('t')!;
const bucket = (minute: number) => ({
  bucket: new Date(start + minute * 60_000).toISOString(),
  metrics: { t: { count: 2, min: minute - 1, max: minute + 1, mean: minute, last: minute } },
});
const later = start / 1000 + 86_400;

describe('readings', () => {
  it('are oldest first, by metric, without booleans and texts', () => {
    const points = rawPoints([
      reading(2, { t: 3, door: true }),
      reading(1, { t: 2 }),
      reading(0, { t: 1, note: 'x' }),
    ]);
    expect([...points.keys()]).toEqual(['t']);
    expect(points.get('t')).toMatchObject({ values: [1, 2, 3], min: [1, 2, 3], max: [1, 2, 3] });
  });

  it('break the line where the device was quiet', () => {
    const points = readingsAt(0, 10, 20, 30, 300, 310);
    expect(seriesOf([points], 0).values).toEqual([0, 10, 20, 30, null, 300, 310]);
    expect(seriesOf([points], 100).values).toEqual([0, 10, 20, 30, 300, 310]);
  });
});

describe('buckets', () => {
  it('keep extremes beside the mean, and break the line where one is missing', () => {
    const points = bucketPoints([bucket(9), bucket(2), bucket(1), bucket(0)], 60, later).get('t')!;
    const t = seriesOf([points], 0);
    expect(t.values).toEqual([0, 1, 2, null, 9]);
    expect(t.min).toEqual([-1, 0, 1, null, 8]);
    expect(t.max).toEqual([1, 2, 3, null, 10]);
    expect(t.times[0]).toBe(start / 1000 + 30);
  });

  it('stand in the middle of what there is of them yet', () => {
    const points = bucketPoints([bucket(1), bucket(0)], 60, start / 1000 + 70).get('t')!;
    expect(points.times).toEqual([start / 1000 + 30, start / 1000 + 65]);
  });
});

describe('pieces', () => {
  it('run on as one line, by the wider of their gaps', () => {
    const buckets = bucketPoints([bucket(2), bucket(1), bucket(0)], 60, later).get('t')!;
    const soon = readingsAt(200, 201, 202, 203);
    expect(seriesOf([buckets, soon], 0).values).toEqual([0, 1, 2, 200, 201, 202, 203]);
    const late = readingsAt(2000, 2001, 2002, 2003);
    expect(seriesOf([buckets, late], 0).values).toEqual([0, 1, 2, null, 2000, 2001, 2002, 2003]);
  });

  it('are cut from a time on and before another', () => {
    const points = readingsAt(0, 10, 20, 30);
    const at = start / 1000;
    expect(within(points, at + 10, at + 30).values).toEqual([10, 20]);
    expect(within(points, at, at + 31)).toBe(points);
    expect(within(points, at + 100, at + 200).times).toEqual([]);
  });
});

it('the nearest known is found on either side, and over a gap', () => {
  const times = [0, 10, 20, 30];
  expect(nearest({ times, values: [1, 2, 3, 4] }, 14)).toBe(1);
  expect(nearest({ times, values: [1, 2, null, 4] }, 19)).toBe(1);
  expect(nearest({ times, values: [1, 2, null, 4] }, 21)).toBe(3);
  expect(nearest({ times, values: [1, 2, 3, 4] }, 99)).toBe(3);
  expect(nearest({ times: [], values: [] }, 5)).toBeUndefined();
});

it('the usual distance is the middle one', () => {
  expect(usualDistance([0, 1, 2, 3, 100])).toBe(1);
  expect(usualDistance([0, 5])).toBe(0);
});

it('readings beside buckets are made as coarse as these', () => {
  const points = readingsAt(0, 20, 61, 119, 300);
  expect(coarsened(points, 60)).toMatchObject({
    values: [10, 90, 300],
    min: [0, 61, 300],
    max: [20, 119, 300],
    counts: [2, 2, 1],
    times: [30, 90, 300].map((second) => start / 1000 + second),
  });
  const minutes = bucketPoints([bucket(61), bucket(2), bucket(0)], 60, later).get('t')!;
  const hours = coarsened({ ...minutes, counts: [1, 3, 1] }, 3600);
  expect(hours).toMatchObject({ values: [1.5, 61], min: [-1, 60], max: [3, 62], counts: [4, 1] });
});

it('a device that reports more often from some time on has no gaps before that', () => {
  const seldom = Array.from({ length: 20 }, (_, index) => index * 1800);
  const often = Array.from({ length: 60 }, (_, index) => 19 * 1800 + index * 30);
  expect(seriesOf([readingsAt(...seldom, ...often.slice(1))], 0).values).not.toContain(null);
  const silent = readingsAt(...seldom, ...often.slice(1, 30), ...often.slice(40));
  expect(seriesOf([silent], 0).values.filter((value) => value === null)).toHaveLength(1);
});
