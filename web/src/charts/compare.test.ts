import { expect, it } from 'vitest';
import { chosenMetrics, metricsOf, mostCompared, parseCompareSearch, toggled } from './compare.ts';

const device = (values: Record<string, number | string | boolean>) => ({
  latest: Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value, recorded_at: '2026-11-23T18:00:00Z' }]),
  ),
});

it('an address holds devices and metrics, each once, and no more than are told apart', () => {
  expect(parseCompareSearch({ devices: 'a', metrics: ['t', 5, 't', '', null, {}], range: '24h' })).toEqual({
    devices: ['a'],
    metrics: ['t', '5'],
    range: '24h',
  });
  expect(parseCompareSearch({ devices: [], metrics: {} })).toEqual({});
  const many = Array.from({ length: 40 }, (_, index) => `d${index}`);
  expect(parseCompareSearch({ devices: many }).devices).toHaveLength(mostCompared);
});

it('begins with the numbers that most devices have', () => {
  const known = metricsOf([
    device({ a: 1, humidity: 50, t: 1, door: true }),
    device({ t: 2, humidity: 40, z: 1, note: 'x' }),
    device({ t: 3, b: 1, c: 2 }),
  ]);
  expect(known.map(({ name, devices }) => `${name} ${devices}`)).toEqual([
    't 3',
    'humidity 2',
    'a 1',
    'b 1',
    'c 1',
    'z 1',
  ]);
  expect(chosenMetrics(undefined, known)).toEqual(['a', 'b', 'humidity', 't']);
  expect(chosenMetrics(['z', 't'], known)).toEqual(['t', 'z']);
});

it('takes one in or out', () => {
  expect(toggled(['a'], 'b', 2)).toEqual(['a', 'b']);
  expect(toggled(['a', 'b'], 'c', 2)).toEqual(['a', 'b']);
  expect(toggled(['a', 'b'], 'a', 2)).toEqual(['b']);
  expect(toggled(['a'], 'a', 2)).toBeUndefined();
});
