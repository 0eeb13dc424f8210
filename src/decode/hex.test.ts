import { describe, expect, it, test } from 'vitest';
import { decoderSettings, fieldTemplate } from '../contract/decoders.ts';
import { templateProblem } from '../domain/field-template.ts';
import { decoderFor } from './index.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

function decode(settings: object, payload: Uint8Array | string) {
  const input = { payload: Buffer.from(payload), topic: 'devices/1/up', lastLevel: 'up' };
  return decoderFor('hex', settings)!(input);
}
function value(field: object, payload: Uint8Array): unknown {
  const decoded = decode({ fields: [{ name: 'a', offset: 0, ...field }] }, payload);
  return decoded.ok ? decoded.readings[0]!.values.a : decoded.reason;
}

/** Temperature, humidity, flags and battery of a LoRaWAN sensor. */
const sensor = {
  fields: [
    { name: 'temperature', type: 'int16', offset: 0, scale: 0.1 },
    { name: 'humidity', type: 'uint8', offset: 2, scale: 0.5 },
    { name: 'door', type: 'bool', offset: 3, bit: 7 },
    { name: 'battery', type: 'uint8', offset: 3, bit: 0, bits: 4, scale: 0.1, add: 2 },
    { name: 'count', type: 'uint32', offset: 4, endian: 'little' },
  ],
};
const sent = hex('ff85 61 8e 01020000');
const expected = {
  ok: true,
  readings: [{ values: { temperature: -12.3, humidity: 48.5, door: true, battery: 3.4, count: 513 } }],
};

describe('hex', () => {
  test('reads a sensor’s payload, as bytes or as text', () => {
    expect(decode(sensor, sent)).toEqual(expected);
    for (const text of [
      'ff85618e01020000',
      '0xFF85618E01020000',
      'FF 85 61 8E 01 02 00 00\n',
      'ff:85:61-8e-01:02:00:00',
    ]) {
      expect(decode(sensor, text)).toEqual(expected);
      expect(decode({ ...sensor, encoding: 'hex' }, text)).toEqual(expected);
    }
  });

  test('does not take bytes for text because they look like digits', () => {
    const two = { fields: [{ name: 'a', type: 'uint16', offset: 0 }] };
    expect(decode(two, '12')).toMatchObject({ readings: [{ values: { a: 0x3132 } }] });
    expect(decode(two, '123')).toMatchObject({ readings: [{ values: { a: 0x3132 } }] });
    expect(decode(two, '1234')).toMatchObject({ readings: [{ values: { a: 0x1234 } }] });
    expect(decode({ ...two, encoding: 'bytes' }, '1234')).toMatchObject({
      readings: [{ values: { a: 0x3132 } }],
    });
    expect(decode({ ...two, encoding: 'hex' }, '12')).toMatchObject({ ok: false });
    expect(decode({ ...two, encoding: 'hex' }, '12345')).toMatchObject({ ok: false });
    expect(decode({ ...two, encoding: 'hex' }, 'text')).toMatchObject({ ok: false });
  });

  test.each<[object, string, unknown]>([
    [{ type: 'uint8' }, 'ff', 255],
    [{ type: 'int8' }, 'ff', -1],
    [{ type: 'uint16' }, 'fffe', 65534],
    [{ type: 'int16' }, '8000', -32768],
    [{ type: 'int16', endian: 'little' }, 'feff', -2],
    [{ type: 'uint24' }, '010203', 0x010203],
    [{ type: 'int24' }, 'fffffe', -2],
    [{ type: 'int24', endian: 'little' }, '000080', -8388608],
    [{ type: 'uint32' }, 'ffffffff', 4294967295],
    [{ type: 'int32' }, '80000000', -2147483648],
    [{ type: 'uint64' }, '001fffffffffffff', Number.MAX_SAFE_INTEGER],
    [{ type: 'int64' }, 'ffe0000000000001', Number.MIN_SAFE_INTEGER],
    [{ type: 'uint64' }, '0020000000000000', 'not_understood'],
    [{ type: 'uint64' }, '0020000000000001', 'not_understood'],
    [{ type: 'int64' }, '8000000000000000', 'not_understood'],
    [{ type: 'float32' }, '41ac0000', 21.5],
    [{ type: 'float32', endian: 'little' }, '0000ac41', 21.5],
    [{ type: 'float64' }, '3fb999999999999a', 0.1],
    [{ type: 'float32' }, '7f800000', 'not_understood'],
    [{ type: 'float32' }, '7fc00000', 'no_values'],
    [{ type: 'bool' }, '00', false],
    [{ type: 'bool' }, '10', true],
    [{ type: 'bool', bit: 4 }, '10', true],
    [{ type: 'bool', bit: 3 }, '10', false],
    [{ type: 'uint16', bit: 4, bits: 8 }, '1234', 0x23],
    [{ type: 'uint16', bit: 4 }, '1234', 0x123],
    [{ type: 'uint32', bits: 32 }, 'ffffffff', 4294967295],
    [{ type: 'bcd', length: 2 }, '1234', 1234],
    [{ type: 'bcd', length: 2, endian: 'little', scale: 0.01 }, '3412', 12.34],
    [{ type: 'bcd', length: 1 }, '1a', 'not_understood'],
    [{ type: 'text', length: 4 }, '4f4b0000', 'OK'],
    [{ type: 'text', length: 3 }, '41 00 42', 'not_storable'],
    [{ type: 'text', length: 1 }, 'ff', 'not_utf8'],
    [{ type: 'uint8', scale: 0.1 }, 'd5', 21.3],
    [{ type: 'uint8', scale: 1e308 }, 'd5', 'not_understood'],
    [{ type: 'uint16', offset: 1 }, '0102', 'not_understood'],
    [{ type: 'uint8' }, '', 'empty_payload'],
  ])('reads %j of %s as %j', (field, payload, read) => {
    expect(value(field, hex(payload))).toBe(read);
  });

  it('takes a field called ts for the time', () => {
    const fields = [
      { name: 'ts', type: 'uint32', offset: 0 },
      { name: 'a', type: 'uint8', offset: 4 },
    ];
    expect(decode({ fields }, hex('6922f920 05'))).toEqual({
      ok: true,
      readings: [{ time: 1763899680, values: { a: 5 } }],
    });
  });

  it('leaves the message as it is', () => {
    const payload = Buffer.from('0102', 'hex');
    const little = { fields: [{ name: 'a', type: 'uint16', offset: 0, endian: 'little' }] };
    decoderFor('hex', little)!({ payload, topic: '', lastLevel: '' });
    expect(payload.toString('hex')).toBe('0102');
  });
});

describe('a template', () => {
  const field = { name: 'a', type: 'uint8', offset: 0 };

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'uint8'],
    ['no fields', { fields: [] }],
    ['fields that are none', { fields: [5] }],
    ['fields of null', { fields: [null] }],
    ['513 fields', { fields: Array.from({ length: 513 }, (_, n) => ({ ...field, name: `a${n}` })) }],
    ['an encoding of its own', { fields: [field], encoding: 'base64' }],
    ['a name twice', { fields: [field, field] }],
    ...Object.entries({
      'an empty name': { name: '' },
      'a name that is none': { name: 5 },
      'a long name': { name: 'n'.repeat(256) },
      'a name that can’t be stored': { name: 'a\0' },
      'a name called __proto__': { name: '__proto__' },
      'a type of its own': { type: 'uint128' },
      'a type of Object’s': { type: 'constructor' },
      'an offset below 0': { offset: -1 },
      'half an offset': { offset: 0.5 },
      'a huge offset': { offset: 1e9 },
      'an offset of text': { offset: '0' },
      'a middle endian': { endian: 'middle' },
      'a length of an integer': { length: 2 },
      'a text without length': { type: 'text' },
      'a text of no bytes': { type: 'text', length: 0 },
      'a huge text': { type: 'text', length: 1e9 },
      'more digits than a number has': { type: 'bcd', length: 8 },
      'a bit of a float': { type: 'float32', bit: 1 },
      'a bit of a signed integer': { type: 'int8', bit: 1 },
      'a bit beyond': { bit: 8 },
      'bits beyond': { bit: 4, bits: 5 },
      'bits of a bool': { type: 'bool', bit: 0, bits: 2 },
      'a scale of 0': { scale: 0 },
      'a scale of text': { scale: '0.1' },
      'a scale without end': { scale: Number.POSITIVE_INFINITY },
      'an addition of NaN': { add: Number.NaN },
      'a scale of a bool': { type: 'bool', scale: 2 },
      'an addition to a text': { type: 'text', length: 1, add: 2 },
    }).map(([what, change]): [string, unknown] => [what, { fields: [{ ...field, ...change }] }]),
  ])('with %s is none, neither here nor in the contract', (_, settings) => {
    expect(templateProblem(settings)).toMatch(/./);
    expect(decoderFor('hex', settings)).toBeUndefined();
    expect(fieldTemplate.safeParse(settings).success).toBe(false);
    expect(decoderSettings.safeParse(settings).success).toBe(false);
  });

  it('may be as large as the limits', () => {
    const fields = Array.from({ length: 512 }, (_, n) => ({ ...field, name: `a${n}`, offset: 65_535 }));
    expect(decoderSettings.safeParse({ fields }).success).toBe(true);
    expect(decode({ fields }, Buffer.alloc(65_536, 7))).toMatchObject({ ok: true });
    expect(decode({ fields }, 'aa')).toMatchObject({ ok: false });
  });
});

test('an expression is a setting too, up to its length', () => {
  expect(decoderSettings.safeParse({ expression: 'data.temperature' }).success).toBe(true);
  expect(decoderSettings.safeParse({ expression: '1'.repeat(10_001) }).success).toBe(false);
  expect(decoderSettings.safeParse({ expression: '1', fields: [] }).success).toBe(false);
});
