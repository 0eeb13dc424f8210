import { expect, it } from 'vitest';
import { formatBytes, formatNumber, formatRate, formatValue, plural } from './value.ts';

it.each([
  [21.5, '21.5'],
  [21.456789, '21.4568'],
  [1013.25, '1,013.25'],
  [-18.2, '-18.2'],
  [0, '0'],
  [1_763_900_000_000, '1,763,900,000,000'],
  [1_234_567.89, '1,234,568'],
  [0.1 + 0.2, '0.3'],
  [1e-9, '1.000e-9'],
  [1e21, '1.000e+21'],
])('writes %d as %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it('writes values of every type', () => {
  expect(formatValue(false)).toBe('false');
  expect(formatValue('closed')).toBe('closed');
});

it('does not call a trickle nothing', () => {
  expect(formatRate(0)).toBe('0.0');
  expect(formatRate(0.0167)).toBe('0.02');
  expect(formatRate(4.26)).toBe('4.3');
  expect(formatRate(1234.5)).toBe('1,235');
});

it('counts bytes and things', () => {
  expect(formatBytes(1)).toBe('1 byte');
  expect(formatBytes(4096)).toBe('4 KiB');
  expect(formatBytes(1_572_864)).toBe('1.5 MiB');
  expect(plural(1, 'device')).toBe('1 device');
  expect(plural(1200, 'device')).toBe('1,200 devices');
});
