import { describe, expect, test } from 'vitest';
import type { QuarantineReason } from '../domain/reading.ts';
import { parseTime } from '../domain/time.ts';
import { type DecoderName, decoderFor } from './index.ts';

const topic = '$sys/version/1/devices/2400390030314701/product/VM/service/properties/up';
const decode = (payload: unknown, decoder: DecoderName = 'vmark') =>
  decoderFor(decoder)!({ payload: Buffer.from(JSON.stringify(payload)), topic, lastLevel: 'up' });

const report = {
  device: '2400390030314701',
  handle: 'properties_report',
  paras: { temperature: 4.1, CO2: 590 },
  time: '2025-04-23_07:35:22.214',
  product: 'VM',
  service: 'env',
};

describe.each<DecoderName>(['vmark', 'auto'])('%s', (decoder) => {
  test('reads a hub’s report, its time as UTC', () => {
    const decoded = decode(report, decoder);
    expect(decoded).toEqual({
      ok: true,
      readings: [{ time: '2025-04-23_07:35:22.214', values: { temperature: 4.1, CO2: 590 } }],
    });
    expect(parseTime('2025-04-23_07:35:22.214')).toBe(Date.UTC(2025, 3, 23, 7, 35, 22, 214) * 1000);
  });

  test('takes what is in paras for values, whatever it is called', () => {
    const paras = { time: 1763900000, data: { x: 1 }, open: null };
    expect(decode({ ...report, paras }, decoder)).toMatchObject({
      readings: [{ time: report.time, values: { time: 1763900000, 'data.x': 1 } }],
    });
  });

  test.each<[string, object, QuarantineReason]>([
    ['no values', { paras: {} }, 'no_values'],
    ['a time that is an object', { time: {} }, 'not_understood'],
    ['NUL', { paras: { a: '\0' } }, 'not_storable'],
    ['a value named __proto__', { paras: JSON.parse('{"__proto__":1}') }, 'not_understood'],
  ])('refuses %s', (_, change, reason) => {
    expect(decode({ ...report, ...change }, decoder)).toMatchObject({ ok: false, reason });
  });
});

test.each([[null], [5], [[]], [{}], [{ paras: 5 }], [{ paras: [1] }]])('vmark refuses %j', (payload) => {
  expect(decode(payload)).toMatchObject({ ok: false, reason: 'not_understood' });
});

test.each([[{ paras: { a: 1 } }], [{ ...report, handle: 5 }], [{ ...report, paras: 5 }]])(
  'auto leaves %j to json',
  (payload) => {
    expect(decode(payload, 'json').ok).toBe(true);
    expect(decode(payload, 'auto')).toEqual(decode(payload, 'json'));
  },
);
