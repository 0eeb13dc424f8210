import { expect, test } from 'vitest';
import type { AlertCondition } from './alert.ts';
import { alertInWords, conditionInWords, wordingOf } from './alert-words.ts';

const words = wordingOf([{ name: 't', label: 'Temperature', unit: '°C' }]);

test.each<[AlertCondition, number, string]>([
  [
    { kind: 'threshold', metric: 't', operator: 'gt', value: 30, hysteresis: 0 },
    300,
    'Temperature is above 30 °C for 5 minutes',
  ],
  [
    { kind: 'threshold', metric: 'x', operator: 'lte', value: -1.5, hysteresis: 0 },
    0,
    'x is at or below -1.5',
  ],
  [
    { kind: 'outside', metric: 't', low: 2, high: 8, hysteresis: 0 },
    90,
    'Temperature is outside 2 °C to 8 °C for 90 seconds',
  ],
  [{ kind: 'equals', metric: 'door', value: 'open', negate: true }, 0, 'door is not open'],
  [
    { kind: 'change', metric: 't', by: 5, within_seconds: 3600, direction: 'down' },
    0,
    'Temperature falls by 5 °C or more within 1 hour',
  ],
  [{ kind: 'expression', expression: 't > 30 and h < 40' }, 60, 't > 30 and h < 40 for 1 minute'],
  [{ kind: 'no_data' }, 600, 'No reading for 10 minutes'],
  [{ kind: 'no_data', metric: 't' }, 86_400, 'No Temperature for 1 day'],
  [{ kind: 'offline' }, 0, 'The device is offline'],
  [{ kind: 'link_down' }, 60, 'The connection to the broker is down for 1 minute'],
])('%o for %i s: %s', (condition, seconds, expected) => {
  expect(conditionInWords(condition, seconds, words)).toBe(expected);
});

test('an alert says what was found first', () => {
  const above: AlertCondition = { kind: 'threshold', metric: 't', operator: 'gt', value: 30, hysteresis: 0 };
  expect(alertInWords(above, 300, 31.25, words)).toBe('Temperature is 31.25 °C: above 30 °C for 5 minutes');
  expect(alertInWords({ ...above, metric: 'x' }, 0, 0.1 + 0.2)).toBe('x is 0.3: above 30');
  const jump: AlertCondition = { kind: 'change', metric: 't', by: 5, within_seconds: 60, direction: 'any' };
  expect(alertInWords(jump, 0, 21, words)).toBe(
    'Temperature is 21 °C: changes by 5 °C or more within 1 minute',
  );
  expect(alertInWords({ kind: 'offline' }, 60, undefined)).toBe('The device is offline for 1 minute');
});
