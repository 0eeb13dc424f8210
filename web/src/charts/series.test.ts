import { describe, expect, it } from 'vitest';
import { rawSeries, rolledUpSeries, usualDistance } from './series.ts';

const start = Date.UTC(2026, 10, 23, 12);

function reading(second: number, telemetry: Record<string, number | string | boolean>) {
  const recorded_at = new Date(start + second * 1000).toISOString();
  return { recorded_at, received_at: recorded_at, device_timestamp: null, time_mark: null, telemetry };
}

describe('rawSeries', () => {
  it('is oldest first, one a metric, without booleans and texts', () => {
    const series = rawSeries([
      reading(2, { t: 3, door: true }),
      reading(1, { t: 2 }),
      reading(0, { t: 1, note: 'x' }),
    ]);
    expect([...series.keys()]).toEqual(['t']);
    expect(series.get('t')!.values).toEqual([1, 2, 3]);
  });

  it('breaks the line where the device was quiet', () => {
    const seconds = [0, 10, 20, 30, 300, 310];
    const series = rawSeries(seconds.map((second) => reading(second, { t: second })).reverse());
    expect(series.get('t')!.values).toEqual([0, 10, 20, 30, null, 300, 310]);
  });

  it('takes no silence for a gap that is usual for the device', () => {
    const seconds = [0, 10, 20, 30, 300, 310];
    const series = rawSeries(seconds.map((second) => reading(second, { t: second })).reverse(), 100);
    expect(series.get('t')!.values).toEqual(seconds);
  });
});

describe('rolledUpSeries', () => {
  it('keeps extremes beside the mean and breaks at missing buckets', () => {
    const bucket = (minute: number) => ({
      bucket: new Date(start + minute * 60_000).toISOString(),
      metrics: { t: { count: 2, min: minute - 1, max: minute + 1, mean: minute, last: minute } },
    });
    const t = rolledUpSeries([bucket(9), bucket(2), bucket(1), bucket(0)], 60).get('t')!;
    expect(t.values).toEqual([0, 1, 2, null, 9]);
    expect(t.min).toEqual([-1, 0, 1, null, 8]);
    expect(t.max).toEqual([1, 2, 3, null, 10]);
    expect(t.times[0]).toBe(start / 1000 + 30);
  });
});

it('the usual distance is the middle one', () => {
  expect(usualDistance([0, 1, 2, 3, 100])).toBe(1);
  expect(usualDistance([0, 5])).toBe(0);
});
