import { get } from 'sparkplug-payload';
import type { UMetric, UPayload } from 'sparkplug-payload/lib/sparkplugbpayload.js';
import { describe, expect, it, test } from 'vitest';
import type { DecodedReading, QuarantineReason } from '../domain/reading.ts';
import { type DecoderName, decoderFor } from './index.ts';

/** Eclipse Tahu's own encoder writes the payloads. */
const { encodePayload } = get('spBv1.0')!;
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const topic = 'spBv1.0/plant/DDATA/node/device';

function decode(payload: UPayload | Uint8Array, decoder: DecoderName = 'sparkplug_b', on = topic) {
  const bytes = payload instanceof Uint8Array ? payload : encodePayload(payload);
  return decoderFor(decoder)!({ payload: bytes, topic: on, lastLevel: 'device' });
}
const metrics = (...list: object[]) => ({ timestamp: 1763900000000, metrics: list as UMetric[] });

/** A payload of one metric with name `a` and then these bytes. */
function metric(fields: string): Uint8Array {
  const content = hex(`0a 01 61 ${fields}`);
  return Buffer.concat([Buffer.from([0x12, content.length]), content]);
}

describe('sparkplug_b', () => {
  test('reads metrics of every simple type by their names', () => {
    const payload = metrics(
      { name: 'int8', type: 'Int8', value: -5 },
      { name: 'int16', type: 'Int16', value: -500 },
      { name: 'int32', type: 'Int32', value: -500_000 },
      { name: 'int64', type: 'Int64', value: -5_000_000_000 },
      { name: 'uint8', type: 'UInt8', value: 200 },
      { name: 'uint16', type: 'UInt16', value: 60_000 },
      { name: 'uint32', type: 'UInt32', value: 4_000_000_000 },
      { name: 'uint64', type: 'UInt64', value: 9_000_000_000 },
      { name: 'line/float', type: 'Float', value: -0.5 },
      { name: 'double', type: 'Double', value: 21.3 },
      { name: 'boolean', type: 'Boolean', value: true },
      { name: 'string', type: 'String', value: 'größer' },
      { name: 'datetime', type: 'DateTime', value: 1763900000001 },
      { name: 'text', type: 'Text', value: '' },
      { name: 'bytes', type: 'Bytes', value: Uint8Array.of(1, 2, 3) },
    );
    const values = {
      int8: -5,
      int16: -500,
      int32: -500_000,
      int64: -5_000_000_000,
      uint8: 200,
      uint16: 60_000,
      uint32: 4_000_000_000,
      uint64: 9_000_000_000,
      'line/float': -0.5,
      double: 21.3,
      boolean: true,
      string: 'größer',
      datetime: 1763900000001,
      text: '',
      bytes: 'AQID',
    };
    const expected = { ok: true, readings: [{ time: 1763900000000, values }] };
    expect(decode(payload)).toEqual(expected);
    expect(decode(payload, 'auto')).toEqual(expected);
  });

  test('gives each metric its own time, or else the payload’s', () => {
    const payload = metrics(
      { name: 'a', type: 'Int32', value: 1, timestamp: 1763900000001, alias: 7 },
      { name: 'b', type: 'Int32', value: 2 },
      { name: 'a', type: 'Int32', value: 3, isHistorical: true },
      { name: 'a', type: 'Int32', value: 4 },
    );
    const readings: DecodedReading[] = [
      { time: 1763900000001, values: { a: 1 } },
      { time: 1763900000000, values: { b: 2, a: 3 } },
      { time: 1763900000000, values: { a: 4 } },
    ];
    expect(decode(payload)).toEqual({ ok: true, readings });
    const late = Buffer.concat([metric('20 03 50 05'), hex('08 07')]);
    expect(decode(late)).toEqual({ ok: true, readings: [{ time: 7, values: { a: 5 } }] });
  });

  test.each<[string, string, number]>([
    ['an Int8 of 8 bits', '20 01 50 ff 01', -1],
    ['an Int8 of 32 bits', '20 01 50 ff ff ff ff 0f', -1],
    ['a negative integer without its type', '50 ff ff ff ff 0f', -1],
    ['a negative long without its type', '58 ff ff ff ff ff ff ff ff ff 01', -1],
    ['a UInt32 in either field', '20 07 50 ff ff ff ff 0f', 4294967295],
    ['its type after its value', '50 ff 01 20 01', -1],
  ])('reads %s', (_, fields, a) => {
    expect(decode(metric(fields))).toEqual({ ok: true, readings: [{ values: { a } }] });
  });

  test('leaves out what is null or NaN', () => {
    const payload = metrics(
      { name: 'a', type: 'Int32', value: null },
      { name: 'b', type: 'Double', value: Number.NaN },
      { name: 'c', type: 'Boolean', value: false },
    );
    expect(decode(payload)).toMatchObject({ ok: true, readings: [{ values: { c: false } }] });
  });

  test('says what to do about a metric that has an alias and no name', () => {
    expect(decode(metrics({ alias: 12, type: 'Int32', value: 1 }))).toMatchObject({
      ok: false,
      reason: 'not_understood',
      detail: expect.stringMatching(/alias 12 .*names sent with the data/),
    });
  });

  const nested = (levels: number): object =>
    levels === 0
      ? { name: 'a', type: 'Int32', value: 1 }
      : { name: 'a', type: 'Template', value: { metrics: [nested(levels - 1)] } };

  test.each<[string, UPayload | Uint8Array, QuarantineReason]>([
    ['nothing', Buffer.alloc(0), 'empty_payload'],
    ['no metric', { timestamp: 1 }, 'no_values'],
    ['nothing but null', metrics({ name: 'a', type: 'Int32', value: null }), 'no_values'],
    ['a metric without a name', metrics({ type: 'Int32', value: 1 }), 'not_understood'],
    ['an empty name', metrics({ name: '', type: 'Int32', value: 1 }), 'not_understood'],
    ['__proto__', metrics({ name: '__proto__', type: 'Int32', value: 1 }), 'not_understood'],
    ['a metric without a value', metric('20 03'), 'not_understood'],
    [
      'a data set',
      metrics({
        name: 'a',
        type: 'DataSet',
        value: { numOfColumns: 1, types: ['Int32'], columns: ['c'], rows: [[1]] },
      }),
      'not_understood',
    ],
    // decodePayload of sparkplug-payload takes twice as long for each of these levels.
    ['forty templates in one another', metrics(nested(40)), 'not_understood'],
    ['an array', metric('20 18 82 01 04 00000000'), 'not_understood'],
    [
      'a compressed payload',
      { uuid: 'SPBV1.0_COMPRESSED', body: Uint8Array.of(1) } as UPayload,
      'not_understood',
    ],
    ['infinity', metrics({ name: 'a', type: 'Double', value: Number.POSITIVE_INFINITY }), 'not_understood'],
    ['NUL', metrics({ name: 'a', type: 'String', value: '\0' }), 'not_storable'],
    ['a long text', metrics({ name: 'a', type: 'String', value: 't'.repeat(4097) }), 'too_long'],
    ['many bytes', metrics({ name: 'a', type: 'Bytes', value: new Uint8Array(4000) }), 'too_long'],
    ['a text that is not UTF-8', metric('7a 01 ff'), 'not_utf8'],
    ['JSON', Buffer.from('{"a":1}'), 'not_understood'],
    ['a length beyond the end', hex('12 ff ff ff ff 7f 0a'), 'not_understood'],
    ['a length of 2^63', hex('12 ff ff ff ff ff ff ff ff 7f'), 'not_understood'],
    ['a number that goes on', Buffer.concat([hex('08'), Buffer.alloc(1000, 0xff)]), 'not_understood'],
    ['half a number', hex('08 80'), 'not_understood'],
    ['the field 0', hex('00 00'), 'not_understood'],
    ['a group', hex('0b 0b 0b 0b'), 'not_understood'],
    ['a metric that is a number', hex('10 01'), 'not_understood'],
    ['a name that is a number', hex('12 02 08 01'), 'not_understood'],
    ['a double of four bytes', metric('6d 00000000'), 'not_understood'],
    ['half a million empty metrics', Buffer.from('1200'.repeat(500_000), 'hex'), 'not_understood'],
    [
      '513 metrics',
      metrics(...Array.from({ length: 513 }, (__, n) => ({ name: `v${n}`, type: 'Int32', value: n }))),
      'too_many_values',
    ],
    [
      '1001 times',
      metrics(...Array.from({ length: 1001 }, (__, n) => ({ name: 'v', type: 'Int32', value: n }))),
      'too_many_values',
    ],
  ])('refuses %s', (_, payload, reason) => {
    const started = performance.now();
    expect(decode(payload)).toMatchObject({ ok: false, reason });
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('never throws, wherever its bytes end', () => {
    const whole = encodePayload(
      metrics({ name: 'a', type: 'Double', value: 1 }, { name: 'b', type: 'String', value: 'text' }),
    );
    for (let length = 1; length < whole.length; length += 1) decode(whole.subarray(0, length));
  });
});

describe('auto', () => {
  const payload = encodePayload(metrics({ name: 'a', type: 'Int32', value: 1 }));

  it('asks the topic', () => {
    expect(decode(payload, 'auto').ok).toBe(true);
    expect(decode(payload, 'auto', 'devices/a/telemetry').ok).toBe(false);
  });

  test.each([
    '{"online":true,"timestamp":1763900000000}',
    '[{"a":1}]',
    ' {"a":1}',
    '21.5',
    'true',
    '\uFEFF{"a":1}',
  ])('still reads %j on such a topic', (text) => {
    const elsewhere = decode(Buffer.from(text), 'auto', 'devices/device');
    expect(elsewhere.ok).toBe(true);
    expect(decode(Buffer.from(text), 'auto', 'spBv1.0/STATE/device')).toEqual(elsewhere);
  });
});
