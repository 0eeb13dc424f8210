import { encode } from 'cborg';
import { describe, expect, it, test } from 'vitest';
import { type DecodedReading, type QuarantineReason, readingLimits } from '../domain/reading.ts';
import { type DecoderName, decoderFor } from './index.ts';

function decode(payload: unknown, decoder: DecoderName = 'senml') {
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload));
  return decoderFor(decoder)!({ payload: bytes, topic: 'devices/wx/telemetry', lastLevel: 'telemetry' });
}

const sample = [
  { bn: 'urn:dev:ow:10e2073a0108006:', bt: 1763900000, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
  { n: 'current', t: -1, v: 1.2 },
  { n: 'current', v: 1.3 },
];
const resolved: DecodedReading[] = [
  {
    time: 1763900000,
    values: { 'urn:dev:ow:10e2073a0108006:voltage': 120.1, 'urn:dev:ow:10e2073a0108006:current': 1.3 },
  },
  { time: 1763899999, values: { 'urn:dev:ow:10e2073a0108006:current': 1.2 } },
];

describe('senml', () => {
  test('resolves base fields, and makes one reading of each time', () => {
    expect(decode(sample)).toEqual({ ok: true, readings: resolved });
  });

  test('reads CBOR with the labels of RFC 8428', () => {
    const labels: Record<string, number> = { bver: -1, bn: -2, bt: -3, bu: -4, n: 0, u: 1, v: 2, t: 6 };
    const records = sample.map(
      (record) => new Map(Object.entries(record).map(([label, value]) => [labels[label], value])),
    );
    expect(decode(encode(records))).toEqual({ ok: true, readings: resolved });
    const bytes = encode([
      new Map<number, unknown>([
        [0, 'tag'],
        [8, Buffer.from([1, 2, 3])],
      ]),
    ]);
    expect(decode(bytes)).toEqual({ ok: true, readings: [{ values: { tag: 'AQID' } }] });
  });

  test.each<[string, object[], DecodedReading[]]>([
    [
      'every kind of value',
      [
        { bn: 'a:' },
        { n: 'n', v: -1.5 },
        { n: 's', vs: 'open' },
        { n: 'b', vb: false },
        { n: 'd', vd: 'AQID' },
      ],
      [{ values: { 'a:n': -1.5, 'a:s': 'open', 'a:b': false, 'a:d': 'AQID' } }],
    ],
    [
      'a base value and a base sum',
      [
        { bn: 'a', bv: 20, bs: 100, v: 1.5 },
        { n: 'b', s: 5 },
        { v: 0, bs: 0 },
      ],
      [{ values: { a: 21.5, 'a.sum': 100, 'ab.sum': 105 } }, { values: { a: 20, 'a.sum': 0 } }],
    ],
    [
      'a base name that changes',
      [
        { bn: 'a:', n: 'x', v: 1 },
        { bn: 'b:', n: 'x', v: 2 },
      ],
      [{ values: { 'a:x': 1, 'b:x': 2 } }],
    ],
    [
      'a time relative to now, for it to be marked',
      [
        { n: 'a', v: 1 },
        { n: 'a', t: -5, v: 2 },
      ],
      [{ values: { a: 1 } }, { time: -5, values: { a: 2 } }],
    ],
    ['fields it does not know', [{ n: 'a', v: 1, colour: 'red' }], [{ values: { a: 1 } }]],
  ])('reads %s', (_, records, expected) => {
    expect(decode(records)).toEqual({ ok: true, readings: expected });
  });

  test.each<[string, unknown, QuarantineReason]>([
    ['an object', { n: 'a', v: 1 }, 'not_understood'],
    ['a number', 5, 'not_understood'],
    ['no records', [], 'no_values'],
    ['a record that is none', [[1]], 'not_understood'],
    ['null as a record', [null], 'not_understood'],
    ['a value of text', [{ n: 'a', v: '1' }], 'not_understood'],
    ['a value of null', [{ n: 'a', v: null }], 'not_understood'],
    ['a name of a number', [{ n: 5, v: 1 }], 'not_understood'],
    ['a time of text', [{ n: 'a', v: 1, t: 'now' }], 'not_understood'],
    ['two values', [{ n: 'a', v: 1, vb: true }], 'not_understood'],
    ['no value', [{ n: 'a', u: 'V' }], 'not_understood'],
    ['no name', [{ v: 1 }], 'not_understood'],
    ['no name for a sum', [{ s: 1 }], 'not_understood'],
    ['a later version', [{ bver: 11, n: 'a', v: 1 }], 'not_understood'],
    ['a field that must be understood', [{ n: 'a', v: 1, cal_: 2 }], 'not_understood'],
    ['__proto__', [{ bn: '__proto__', n: 'a', v: 1 }], 'not_understood'],
    ['numbers beyond float64', Buffer.from('[{"n":"a","bv":1e308,"v":1e308}]'), 'not_understood'],
    ['a name made too long', [{ bn: 'b'.repeat(200), n: 'n'.repeat(56), v: 1 }], 'too_long'],
    ['NUL', [{ n: 'a', vs: '\0' }], 'not_storable'],
    ['no JSON', Buffer.from('{'), 'not_json'],
    ['half an array in CBOR', Buffer.from([0x82, 0xa1]), 'not_understood'],
    [
      '1001 times',
      Array.from({ length: 1001 }, (__, t) => ({ n: 'a', bt: 1763900000, t, v: 1 })),
      'too_many_values',
    ],
    [
      '513 values of a time',
      Array.from({ length: 513 }, (__, n) => ({ n: `v${n}`, v: 1 })),
      'too_many_values',
    ],
    ['10,001 records', Array(readingLimits.repeatedValues + 1).fill({ bn: 'a' }), 'too_many_values'],
  ])('refuses %s', (_, payload, reason) => {
    expect(decode(payload)).toMatchObject({ ok: false, reason });
  });
});

describe('auto', () => {
  it('knows SenML by its form', () => {
    expect(decode(sample, 'auto')).toEqual({ ok: true, readings: resolved });
    expect(decode([{ n: 'a', u: 'Cel', v: 1 }], 'auto')).toEqual(decode([{ n: 'a', u: 'Cel', v: 1 }]));
  });

  test.each([
    [[{ n: 1, v: 230 }]],
    [[{ t: 21.5, u: 230 }]],
    [[{ n: 'pump', v: 230, t: 21.5 }]],
    [[{ n: 'pump', u: 'V', v: 230, running: true }]],
    [[{ n: 'pump', u: 'V' }]],
    [[{ u: 'V', v: 1 }]],
    [[{ n: 'pump', u: 'V', v: '230' }]],
    [[{ n: 'pump', u: 'V', v: 230 }, { temperature: 5 }]],
    [{ n: 'pump', u: 'V', v: 230 }],
    [[{ bn: 'a' }]],
  ])('leaves %j to json', (payload) => {
    const asJson = decode(payload, 'json');
    expect(asJson.ok).toBe(true);
    expect(decode(payload, 'auto')).toEqual(asJson);
  });
});
