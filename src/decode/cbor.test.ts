import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type DecodedReading, type QuarantineReason, readingLimits } from '../domain/reading.ts';
import { readItem } from './cbor-item.ts';
import { type DecoderName, decoderFor } from './index.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const decode = (payload: Uint8Array, decoder: DecoderName = 'cbor') =>
  decoderFor(decoder)!({ payload, topic: 'devices/c1/telemetry', lastLevel: 'telemetry' });

/** A map with one entry, `a`. */
const a = (item: string) => hex(`a1 61 61 ${item}`);

describe('cbor', () => {
  test('reads what a device sends, by name and by itself', () => {
    const sample = Buffer.from('omt0ZW1wZXJhdHVyZflNYGFuBw==', 'base64');
    const expected = { ok: true, readings: [{ values: { temperature: 21.5, n: 7 } }] };
    expect(decode(sample)).toEqual(expected);
    expect(decode(sample, 'auto')).toEqual(expected);
    expect(decode(Buffer.concat([hex('d9d9f7'), sample]), 'auto')).toEqual(expected);
  });

  test('treats maps and arrays as json treats objects and arrays', () => {
    for (const payload of [
      [
        { ts: 1763900000, values: { a: 1 } },
        { ts: 1763900001, values: { a: 2 } },
      ],
      { id: 7, rssi: -70, timestamp: '2025-11-23T12:13:20Z', data: { t: { c: 21.5 }, on: [true, null] } },
      { constructor: 1, toString: 'x' },
    ]) {
      const asJson = decode(Buffer.from(JSON.stringify(payload)), 'json');
      expect(decode(encode(payload))).toEqual(asJson);
      expect(asJson.ok).toBe(true);
    }
  });

  test.each<[string, Uint8Array, DecodedReading]>([
    ['integer keys', hex('a2 01 02 20 03'), { values: { 1: 2, '-1': 3 } }],
    [
      'open lengths',
      hex('bf 61 61 9f 01 02 ff 7f 61 62 61 63 ff 03 ff'),
      { values: { 'a.0': 1, 'a.1': 2, bc: 3 } },
    ],
    [
      'undefined and NaN, which are no value',
      hex('a3 61 61 f7 61 62 f9 7e00 61 63 01'),
      { values: { c: 1 } },
    ],
    ['a date as text', a('c0 6a 323032352d31312d3233'), { values: { a: '2025-11-23' } }],
    ['seconds since 1970', hex('a2 62 7473 c1 1a 6922f920 61 61 01'), { time: 1763899680, values: { a: 1 } }],
    ['a decimal fraction', a('c4 82 21 19 0a9b'), { values: { a: 27.15 } }],
    ['a big integer', a('c2 49 01 00 00 00 00 00 00 00 00'), { values: { a: 2 ** 64 } }],
    ['a negative big integer', a('c3 41 09'), { values: { a: -10 } }],
    [
      '64 bits',
      hex('a2 61 61 1b 0000 0001 0000 0000 61 62 3b ffff ffff ffff ffff'),
      { values: { a: 2 ** 32, b: -(2 ** 64) } },
    ],
    [
      'half, single and double floats',
      hex('a3 61 61 f9 3555 61 62 fa c2c80000 61 63 fb 3fb999999999999a'),
      { values: { a: 0.333251953125, b: -100, c: 0.1 } },
    ],
    ['the smallest half float', a('f9 8001'), { values: { a: -(2 ** -24) } }],
    ['bytes', a('44 fbff 0001'), { values: { a: '-_8AAQ' } }],
    ['a key twice: the later wins', hex('a2 61 61 01 61 61 02'), { values: { a: 2 } }],
  ])('reads %s', (_, payload, expected) => {
    expect(decode(payload)).toEqual({ ok: true, readings: [expected] });
  });

  test.each<[string, Uint8Array, QuarantineReason]>([
    ['nothing', hex(''), 'empty_payload'],
    ['half a map', hex('a2 61 61 01'), 'not_understood'],
    ['a length without its bytes', hex('a1 61 61 19 01'), 'not_understood'],
    ['four billion array elements', hex('9a ffffffff 01'), 'not_understood'],
    ['2^63 map entries', hex('bb 8000000000000000 61 61 01'), 'not_understood'],
    ['a text of 2^64 bytes', a('7b ffffffffffffffff 61'), 'not_understood'],
    ['a byte string of 4 GiB', a('5a ffffffff 61'), 'not_understood'],
    ['a map that never ends', hex('bf 61 61 01'), 'not_understood'],
    ['a hundred thousand open arrays', Buffer.alloc(100_000, 0x9f), 'too_deep'],
    ['a hundred thousand tags', Buffer.alloc(100_000, 0xc1), 'too_deep'],
    ['a lone break', hex('ff'), 'not_understood'],
    ['a break in the place of a value', hex('bf 61 61 ff'), 'not_understood'],
    ['a text with a part of bytes', a('7f 41 61 ff'), 'not_understood'],
    ['an open text in an open text', a('7f 7f 61 61 ff ff'), 'not_understood'],
    ['a reserved length', a('1c'), 'not_understood'],
    ['an integer without an end', a('1f'), 'not_understood'],
    ['two items', hex('a1 61 61 01 a1 61 61 01'), 'not_understood'],
    ['a text that is not UTF-8', a('62 c3 28'), 'not_utf8'],
    ['half a surrogate pair', a('63 ed a0 80'), 'not_utf8'],
    ['NUL', a('61 00'), 'not_storable'],
    ['a map as a key', hex('a1 a0 01'), 'not_understood'],
    ['a simple value of nobody’s', a('f8 ff'), 'not_understood'],
    ['infinity', a('f9 7c00'), 'not_understood'],
    ['__proto__', encode(new Map([['__proto__', new Map([['admin', true]])]])), 'not_understood'],
    ['a megabyte of empty parts', a(`7f ${'60'.repeat(1 << 20)} ff`), 'too_long'],
    ['a bare number', hex('01'), 'not_understood'],
    ['null', hex('f6'), 'no_values'],
    ['a megabyte of one number', a(`c2 5a 00100000 ${'ff'.repeat(1 << 20)}`), 'not_understood'],
    ['a big integer of text', a('c2 61 61'), 'not_understood'],
    ['a fraction of a fraction', a('c4 82 21 f9 3555'), 'not_understood'],
    ['a byte string of 4 kB', a(`59 1000 ${'00'.repeat(4096)}`), 'too_long'],
    // What libraries take for regular expressions, sets, maps, records of their own, packed and shared values.
    ['a regular expression', a('d8 1b 82 66 526567457870 66 28612b292b24'), 'not_understood'],
    ['a record definition', hex('d9 dfff 83 19 e000 81 61 61 01'), 'not_understood'],
    ['packed values', hex('d8 33 84 81 01 80 80 c6 00'), 'not_understood'],
    ['a value that holds itself', hex('d8 1c a1 61 61 d8 1d 00'), 'not_understood'],
    ['a typed array', a(`d8 56 58 20 ${'00'.repeat(32)}`), 'not_understood'],
    [
      'too many values',
      encode(Object.fromEntries(Array.from({ length: 513 }, (__, n) => [`v${n}`, n]))),
      'too_many_values',
    ],
    [
      'too many readings',
      encode(Array(readingLimits.readingsPerMessage + 1).fill({ a: 1 })),
      'too_many_values',
    ],
  ])('refuses %s', (_, payload, reason) => {
    const started = performance.now();
    expect(decode(payload)).toMatchObject({ ok: false, reason });
    expect(performance.now() - started).toBeLessThan(500);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('reads what another implementation writes', () => {
    const item = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, true, false),
        // It writes -0 as 0.
        fc.double({ noNaN: true }).map((number) => number + 0),
        fc.maxSafeInteger(),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('tree'), { maxLength: 30 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 30 }),
      ),
    })).tree;
    fc.assert(
      fc.property(item, (value) => {
        expect(readItem(encode(value))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends with a refusal wherever its bytes end', () => {
    const whole = encode({ ts: 1763900000, values: [{ a: 1.5, b: 'text', c: [1, 1000, 2 ** 40] }] });
    expect(decode(whole).ok).toBe(true);
    for (let length = 1; length < whole.length; length += 1) {
      expect(decode(whole.subarray(0, length))).toMatchObject({ ok: false });
    }
  });
});

describe('auto', () => {
  test.each([
    ['integer keys, which other binary formats have by chance', 'a1 00 05'],
    ['half a map', 'a2 61 61 01'],
    ['an array', '82 01 02'],
    ['no bytes of a known kind', 'ff fe 01'],
  ])('does not take for CBOR: %s', (_, payload) => {
    expect(decode(hex(payload), 'auto')).toMatchObject({ ok: false, reason: 'not_utf8' });
  });
});
