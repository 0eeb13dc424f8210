import { describe, expect, it } from 'vitest';
import type { MetricCondition, Operator } from './alert.ts';
import { compileCondition, type ReadingValues, type Zone } from './alert-condition.ts';

const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;

/** What each reading says, in seconds. */
function zones(condition: MetricCondition, readings: [second: number, values: ReadingValues][]) {
  const judge = compileCondition(condition).judge();
  return readings.map(([second, values]) => judge.judge(values, second * SECOND));
}

function zoneOf(condition: MetricCondition, t: number | string | boolean): Zone | undefined {
  return zones(condition, [[0, { t }]])[0];
}

describe('a threshold', () => {
  const threshold = (operator: Operator, hysteresis: number) =>
    ({ kind: 'threshold', metric: 't', operator, value: 30, hysteresis }) as const;

  it.each<[Operator, hysteresis: number, value: number, Zone]>([
    ['gt', 0, 30, 'clear'],
    ['gt', 0, 30.1, 'breach'],
    ['gte', 0, 30, 'breach'],
    ['gte', 0, 29.9, 'clear'],
    ['gt', 2, 30, 'between'],
    ['gt', 2, 28.1, 'between'],
    ['gt', 2, 28, 'clear'],
    ['lt', 0, 30, 'clear'],
    ['lte', 0, 30, 'breach'],
    ['lt', 2, 31.9, 'between'],
    ['lt', 2, 32, 'clear'],
  ])('%s 30, %d back: %d is %s', (operator, hysteresis, value, zone) => {
    expect(zoneOf(threshold(operator, hysteresis), value)).toBe(zone);
  });

  it('has nothing to say of a text, or of a reading without the metric', () => {
    expect(zoneOf(threshold('gt', 0), '31')).toBeUndefined();
    expect(zones({ ...threshold('gt', 0), metric: 'constructor' }, [[0, { t: 1 }]])).toEqual([undefined]);
  });
});

it.each<[hysteresis: number, value: number, Zone]>([
  [0, 2, 'clear'],
  [0, 8, 'clear'],
  [0, 1.9, 'breach'],
  [0, 8.1, 'breach'],
  [1, 2, 'between'],
  [1, 3, 'clear'],
  [1, 7, 'clear'],
  [1, 7.1, 'between'],
])('outside 2 to 8, %d back: %d is %s', (hysteresis, value, zone) => {
  expect(zoneOf({ kind: 'outside', metric: 't', low: 2, high: 8, hysteresis }, value)).toBe(zone);
});

it('equals goes by type and value', () => {
  const equals = { kind: 'equals', metric: 't', value: 1, negate: false } as const;
  expect([1, '1', true].map((value) => zoneOf(equals, value))).toEqual(['breach', 'clear', 'clear']);
  expect([1, '1'].map((value) => zoneOf({ ...equals, negate: true }, value))).toEqual(['clear', 'breach']);
});

describe('a change within a minute', () => {
  const by5 = { kind: 'change', metric: 't', by: 5, within_seconds: 60 } as const;
  const said = (direction: 'any' | 'up' | 'down', readings: [number, number][]) =>
    zones(
      { ...by5, direction },
      readings.map(([second, t]) => [second, { t }]),
    ).at(-1);

  it('takes in both ends of the window, and nothing before it', () => {
    expect(
      said('any', [
        [0, 10],
        [60, 15],
      ]),
    ).toBe('breach');
    expect(
      said('any', [
        [0, 10],
        [61, 15],
      ]),
    ).toBe('clear');
    expect(
      said('any', [
        [0, 10],
        [60, 14.9],
      ]),
    ).toBe('clear');
  });

  it('is between any two readings, whatever came in between', () => {
    expect(
      said('any', [
        [0, 10],
        [20, 12],
        [40, 8],
        [50, 13],
      ]),
    ).toBe('breach');
    expect(
      said('any', [
        [0, 10],
        [30, 12],
        [61, 15],
      ]),
    ).toBe('clear');
  });

  it('has a direction', () => {
    expect([
      said('up', [
        [0, 10],
        [10, 15],
      ]),
      said('down', [
        [0, 10],
        [10, 15],
      ]),
    ]).toEqual(['breach', 'clear']);
    expect([
      said('up', [
        [0, 15],
        [10, 10],
      ]),
      said('down', [
        [0, 15],
        [10, 10],
      ]),
    ]).toEqual(['clear', 'breach']);
  });
});

describe('an expression', () => {
  const both: MetricCondition = { kind: 'expression', expression: 't > 30 and h < 40' };

  it('says nothing before it knows enough, and nothing of other metrics', () => {
    expect(
      zones(both, [
        [0, { t: 31 }],
        [1, { h: 35 }],
        [2, { other: 1 }],
        [3, { h: 45 }],
        [4, { t: 20, h: 20 }],
      ]),
    ).toEqual([undefined, 'breach', undefined, 'clear', 'clear']);
  });

  it('knows what was said for a day', () => {
    const day = DAY / SECOND;
    expect(
      zones(both, [
        [0, { t: 31 }],
        [day, { h: 35 }],
      ]),
    ).toEqual([undefined, 'breach']);
    expect(
      zones(both, [
        [0, { t: 31 }],
        [day + 1, { h: 35 }],
      ]),
    ).toEqual([undefined, undefined]);
  });
});
