import { expect, it } from 'vitest';
import { metricsOf } from './metric.ts';

it('takes the type’s words, and the key’s where it has none', () => {
  const metrics = metricsOf({
    metrics: [
      { name: 't1', label: 'Temperature', unit: '°C' },
      { name: 'battery_mv', label: 'Battery' },
    ],
  });
  expect(metrics('t1')).toEqual({ label: 'Temperature', unit: '°C' });
  expect(metrics('battery_mv')).toEqual({ label: 'Battery', unit: 'mV' });
  expect(metrics('humidity')).toEqual({ label: 'humidity', unit: '%' });
  expect(metricsOf(undefined)('t1')).toEqual({ label: 't1', unit: '' });
});
