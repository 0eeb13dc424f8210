import { expect, it } from 'vitest';
import { unitOf } from './unit.ts';

it.each([
  ['temperature_c', '°C'],
  ['battery_mv', 'mV'],
  ['AM2301.humidity_percent', '%'],
  ['batteryPercent', '%'],
  ['energy-kwh', 'kWh'],
  ['sensor.humidity', '%'],
  ['AM2301.Humidity', '%'],
  ['rssi', 'dBm'],
  ['supply_v', 'V'],
  ['uptimeSeconds', 's'],
])('%s is in %s', (metric, unit) => {
  expect(unitOf(metric)).toBe(unit);
});

it.each(['temperature', 'c', 'v', 'toString', 'state_constructor', '', 'voltage', 'phase_a', 'zone_c'])(
  '%s states no unit',
  (metric) => {
    expect(unitOf(metric)).toBe('');
  },
);
