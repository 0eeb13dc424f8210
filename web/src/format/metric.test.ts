import { expect, it } from 'vitest';
import { commonMetrics, metricsOf } from './metric.ts';

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

it('types that agree on a metric lend it to what is for devices of any type', () => {
  const [freezer, oven] = [
    {
      metrics: [
        { name: 't', label: 'Temperature', unit: '°C' },
        { name: 'p', label: 'Pressure', unit: 'bar' },
      ],
    },
    {
      metrics: [
        { name: 't', label: 'Temperature', unit: '°C' },
        { name: 'p', label: 'Power', unit: 'W' },
      ],
    },
  ];
  const words = commonMetrics([freezer, oven]);
  expect(words('t')).toEqual({ label: 'Temperature', unit: '°C' });
  expect(words('p')).toEqual(metricsOf(undefined)('p'));
  expect(commonMetrics()('t')).toEqual(metricsOf(undefined)('t'));
});
