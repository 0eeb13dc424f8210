import type { ReadingValue } from '../../../src/domain/reading.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const significant = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

/** A number at six significant digits, whole ones in full; what is beyond either is written with an exponent. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-6)) return value.toExponential(3);
  return Number.isInteger(value) || size >= 1e6 ? whole.format(value) : significant.format(value);
}

/** A count: `12,345`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** Messages per second: whole from 10 on, with one decimal below, so that one a minute is not none. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 10) return whole.format(perSecond);
  if (perSecond > 0 && perSecond < 0.1) return perSecond.toFixed(2);
  return perSecond.toFixed(1);
}

/** A reading's value as text; booleans as the words they are. */
export function formatValue(value: ReadingValue): string {
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'boolean' ? (value ? 'true' : 'false') : value;
}

/** Bytes: `512 bytes`, `4 KiB`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const [size, unit] = bytes < 1_048_576 ? [bytes / 1024, 'KiB'] : [bytes / 1_048_576, 'MiB'];
  return `${Number(size.toFixed(1))} ${unit}`;
}

/** `1 device`, `3 devices`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
