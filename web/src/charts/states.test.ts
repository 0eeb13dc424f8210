import { expect, it } from 'vitest';
import { stateAt, statesOf } from './states.ts';

const reading = (second: number, telemetry: Record<string, number | string | boolean>) => ({
  recorded_at: new Date(second * 1000).toISOString(),
  received_at: new Date(second * 1000).toISOString(),
  device_timestamp: null,
  time_mark: null,
  telemetry,
});
const newestFirst = (...readings: ReturnType<typeof reading>[]) => readings.toReversed();

it('runs equal values together, and the last one on until now', () => {
  const states = statesOf(
    newestFirst(
      reading(0, { door: 'closed', t: 1 }),
      reading(10, { door: 'closed', t: 1 }),
      reading(20, { door: 'open', t: 2 }),
      reading(30, { door: 'closed', t: 2 }),
    ),
    { until: 35_000 },
  );
  expect([...states.keys()]).toEqual(['door']);
  expect(states.get('door')).toEqual({
    values: ['closed', 'open'],
    stretches: [
      { from: 0, to: 20_000, value: 'closed' },
      { from: 20_000, to: 30_000, value: 'open' },
      { from: 30_000, to: 35_000, value: 'closed' },
    ],
  });
  expect(stateAt(states.get('door')!, 25_000)?.value).toBe('open');
  expect(stateAt(states.get('door')!, 36_000)).toBeUndefined();
});

it('knows nothing in a silence, and ends a state when the next report was due', () => {
  const readings = newestFirst(
    reading(0, { on: true }),
    reading(10, { on: true }),
    reading(20, { on: true }),
    reading(100, { on: true }),
  );
  const on = statesOf(readings, { until: 300_000 }).get('on')!;
  expect(on.stretches).toEqual([
    { from: 0, to: 30_000, value: 'true' },
    { from: 100_000, to: 140_000, value: 'true' },
  ]);
  const patient = statesOf(readings, { until: 110_000, usualMs: 60_000 }).get('on')!;
  expect(patient.stretches).toEqual([{ from: 0, to: 110_000, value: 'true' }]);
});
