import { expect, it } from 'vitest';
import type { AlertCondition, AlertScope } from '../../../src/contract/alerts.ts';
import { metricsOf } from '../format/metric.ts';
import { listed, ruleInWords, scheduleInWords } from './in-words.ts';

const names = {
  metrics: metricsOf({ metrics: [{ name: 'temp', label: 'temperature', unit: '°C' }] }),
  typeName: () => 'Freezer',
};
const words = (condition: AlertCondition, for_seconds = 0, scope: AlertScope = { kind: 'organization' }) =>
  ruleInWords({ condition, for_seconds, scope }, names);

it.each<[string, AlertCondition, number?, AlertScope?]>([
  [
    'When temperature is above 30 °C for 5 minutes on devices tagged freezer',
    { kind: 'threshold', metric: 'temp', operator: 'gt', value: 30, hysteresis: 0 },
    300,
    { kind: 'matching', tags: ['freezer'] },
  ],
  [
    'When temperature is outside -20 °C to -15.5 °C on devices of the type Freezer, tagged a, b and c, named kiln-*',
    { kind: 'outside', metric: 'temp', low: -20, high: -15.5, hysteresis: 1 },
    0,
    { kind: 'matching', tags: ['a', 'b', 'c'], name: 'kiln-*', device_type_id: 'x' },
  ],
  [
    'When door is not closed on 2 devices',
    { kind: 'equals', metric: 'door', value: 'closed', negate: true },
    0,
    { kind: 'devices', device_ids: ['a', 'b'] },
  ],
  [
    'When temperature falls by 5 °C or more within 90 minutes on any device',
    { kind: 'change', metric: 'temp', by: 5, within_seconds: 5400, direction: 'down' },
  ],
  [
    'When temp > 30 and door = "open" on any device',
    { kind: 'expression', expression: 'temp > 30 and door = "open"' },
  ],
  ['When there is no temperature for 10 minutes on any device', { kind: 'no_data', metric: 'temp' }, 600],
  [
    'When the device is offline for 2 days on one device',
    { kind: 'offline' },
    172_800,
    { kind: 'devices', device_ids: ['a'] },
  ],
  ['When the connection to the broker is down for 45 seconds', { kind: 'link_down' }, 45],
])('says: %s', (said, condition, seconds, scope) => {
  expect(words(condition, seconds, scope)).toBe(said);
});

it('says times of the week and lists', () => {
  const windows = [
    { days: [5, 1, 2, 3, 4], from: '22:00', to: '06:00' },
    { days: [6, 7], from: '00:00', to: '24:00' },
    { days: [1, 3], from: '12:00', to: '13:00' },
  ];
  expect(scheduleInWords({ time_zone: 'Europe/Berlin', windows })).toBe(
    'Mon–Fri 22:00–06:00, Sat, Sun 00:00–24:00, Mon, Wed 12:00–13:00 (Europe/Berlin)',
  );
  expect(listed(['a'])).toBe('a');
});
