import { describe, expect, it } from 'vitest';
import type { MetricCondition } from '../domain/alert.ts';
import { type CompiledCondition, compileCondition } from '../domain/alert-condition.ts';
import type { ReadingValue } from '../domain/reading.ts';
import { anyRules, DeviceWatch, type WatchedRules } from './device-watch.ts';

const SECOND = 1_000_000;
const id = Buffer.alloc(16, 1);

const hot: MetricCondition = { kind: 'threshold', metric: 't', operator: 'gt', value: 30, hysteresis: 0 };

function watching(...conditions: MetricCondition[]): WatchedRules {
  const byMetric = new Map<string, CompiledCondition[]>();
  for (const compiled of conditions.map(compileCondition)) {
    for (const metric of compiled.metrics) byMetric.set(metric, [...(byMetric.get(metric) ?? []), compiled]);
  }
  return { of: () => byMetric };
}

type Reading = [second: number, values: Record<string, ReadingValue>];

/** A batch of readings. @returns from which second on it matters; undefined: from none */
function batch(watch: DeviceWatch, readings: Reading[], { commits = true } = {}): number | undefined {
  watch.begin();
  for (const [second, values] of readings) {
    watch.look({
      recordedAt: second * SECOND,
      deviceTimestamp: undefined,
      timeMark: undefined,
      values,
      keyHigh: 0,
      keyLow: 0,
    });
  }
  const matterFrom = watch.seen?.matterFrom;
  if (commits) watch.committed();
  return matterFrom === undefined ? undefined : matterFrom / SECOND;
}

describe('of a threshold', () => {
  /** One that has seen a reading that is clear, at 0. */
  function followed(): DeviceWatch {
    const watch = new DeviceWatch(watching(hot), id);
    expect(batch(watch, [[0, { t: 20 }]])).toBe(0);
    return watch;
  }

  it('what is seen for the first time matters, and what goes on so does not', () => {
    const watch = followed();
    expect(
      batch(watch, [
        [1, { t: 21 }],
        [2, { t: 22 }],
      ]),
    ).toBeUndefined();
    expect(watch.seen).toMatchObject({ watchedFrom: 1 * SECOND, matterFrom: undefined });
  });

  it('another zone matters, from that reading on', () => {
    const watch = followed();
    expect(
      batch(watch, [
        [1, { t: 21 }],
        [2, { t: 31 }],
        [3, { t: 20 }],
      ]),
    ).toBe(2);
    expect(batch(watch, [[4, { t: 20 }]])).toBeUndefined();
  });

  it('what is late matters, though it is in the same zone', () => {
    const watch = followed();
    expect(
      batch(watch, [
        [10, { t: 20 }],
        [5, { t: 20 }],
        [11, { t: 20 }],
      ]),
    ).toBe(5);
  });

  it('of metrics that no rule looks at there is nothing to say', () => {
    const watch = followed();
    expect(batch(watch, [[1, { h: 99 }]])).toBeUndefined();
    expect(watch.seen).toBeUndefined();
  });

  it('after a batch that was not committed, it begins anew', () => {
    const watch = followed();
    expect(batch(watch, [[1, { t: 21 }]], { commits: false })).toBeUndefined();
    expect(batch(watch, [[1, { t: 21 }]])).toBe(1);
    expect(batch(watch, [[2, { t: 21 }]])).toBeUndefined();
  });

  it('so it does when it has lost track', () => {
    const watch = followed();
    watch.forget();
    expect(batch(watch, [[1, { t: 21 }]])).toBe(1);
  });

  it('is of its device by its rules, and no other', () => {
    const rules = watching(hot);
    const watch = new DeviceWatch(rules, id);
    expect(watch.isOf(rules, Buffer.from(id))).toBe(true);
    expect(watch.isOf(watching(hot), id)).toBe(false);
    expect(watch.isOf(rules, Buffer.alloc(16, 2))).toBe(false);
  });
});

it('of an expression, what is not known yet matters; both its metrics in one reading are one', () => {
  const watch = new DeviceWatch(watching({ kind: 'expression', expression: 't > 30 and h < 40' }), id);
  expect(batch(watch, [[0, { t: 31 }]])).toBe(0);
  expect(batch(watch, [[1, { t: 31, h: 50 }]])).toBe(1);
  expect(batch(watch, [[2, { t: 31, h: 51 }]])).toBeUndefined();
  expect(batch(watch, [[3, { h: 30 }]])).toBe(3);
});

it('of a change within a minute, what it said before it knew a minute is looked at twice', () => {
  const change: MetricCondition = {
    kind: 'change',
    metric: 't',
    by: 5,
    within_seconds: 60,
    direction: 'any',
  };
  const watch = new DeviceWatch(watching(change), id);
  const told = [0, 10, 20, 30, 40, 50, 60, 70].map((second) => batch(watch, [[second, { t: 20 }]]));
  // A minute and its oldest slice, in halves.
  expect(told).toEqual([0, undefined, undefined, undefined, 0, undefined, undefined, 40]);
});

it('whoever knows no rules says that everything matters', () => {
  const watch = new DeviceWatch(anyRules, id);
  expect(batch(watch, [[0, { any: 1 }]])).toBe(0);
  expect(batch(watch, [[1, { any: 1 }]])).toBe(1);
});
