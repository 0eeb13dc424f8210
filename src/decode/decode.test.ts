import { encode } from 'cborg';
import fc from 'fast-check';
import { get } from 'sparkplug-payload';
import { describe, expect, it, test } from 'vitest';
import { decoderName } from '../contract/decoders.ts';
import { type DecodedReading, type QuarantineReason, readingLimits } from '../domain/reading.ts';
import { type DecoderName, decoderFor, decoderNames } from './index.ts';

const sparkplug = get('spBv1.0')!;

const bytes = (payload: string | Uint8Array) =>
  typeof payload === 'string' ? Buffer.from(payload) : payload;

function decode(decoder: DecoderName, payload: string | Uint8Array, topic = 'devices/123/telemetry') {
  const lastLevel = topic.slice(topic.lastIndexOf('/') + 1);
  return decoderFor(decoder)!({ payload: bytes(payload), topic, lastLevel });
}

function readings(decoder: DecoderName, payload: string, topic?: string): DecodedReading[] {
  const decoded = decode(decoder, payload, topic);
  if (!decoded.ok) throw new Error(`${decoded.reason}: ${decoded.detail}`);
  return decoded.readings;
}

const json = (payload: unknown) => readings('json', JSON.stringify(payload));

describe('what devices and brokers send', () => {
  test.each<{ from: string; topic?: string; payload: string; expected: DecodedReading[] }>([
    {
      from: 'the plain case',
      payload: '{"temperature":21.5,"humidity":40,"door":"closed","alarm":false}',
      expected: [{ values: { temperature: 21.5, humidity: 40, door: 'closed', alarm: false } }],
    },
    {
      from: 'the host platform',
      payload:
        '{"id":"freezer-1","data":{"temperature":-18.2,"co2":612},"timestamp":"2025-11-23T12:13:20+01:00"}',
      expected: [{ time: '2025-11-23T12:13:20+01:00', values: { temperature: -18.2, co2: 612 } }],
    },
    {
      from: 'one value per topic',
      topic: 'house/attic/temperature',
      payload: '19.75',
      expected: [{ values: { temperature: 19.75 } }],
    },
    {
      from: 'Tasmota',
      payload:
        '{"Time":"2025-11-23T12:13:20","AM2301":{"Temperature":21.3,"Humidity":46.1,"DewPoint":9.2},"TempUnit":"C"}',
      expected: [
        {
          time: '2025-11-23T12:13:20',
          values: {
            'AM2301.Temperature': 21.3,
            'AM2301.Humidity': 46.1,
            'AM2301.DewPoint': 9.2,
            TempUnit: 'C',
          },
        },
      ],
    },
    {
      from: 'ThingsBoard',
      payload:
        '[{"ts":1763900000000,"values":{"temperature":20.5}},{"ts":1763900001000,"values":{"temperature":20.6}}]',
      expected: [
        { time: 1763900000000, values: { temperature: 20.5 } },
        { time: 1763900001000, values: { temperature: 20.6 } },
      ],
    },
    {
      from: 'Zigbee2MQTT',
      payload:
        '{"battery":97,"illuminance":34,"linkquality":120,"occupancy":true,"voltage":2990,"update":{"state":"idle"}}',
      expected: [
        {
          values: {
            battery: 97,
            illuminance: 34,
            linkquality: 120,
            occupancy: true,
            voltage: 2990,
            'update.state': 'idle',
          },
        },
      ],
    },
    {
      from: 'Zigbee2MQTT with last_seen',
      payload: '{"battery":97,"last_seen":"2025-11-23T12:13:20+01:00"}',
      expected: [{ time: '2025-11-23T12:13:20+01:00', values: { battery: 97 } }],
    },
  ])('$from', ({ topic, payload, expected }) => {
    expect(readings('auto', payload, topic)).toEqual(expected);
  });
});

/** What must never reach a batch: each is quarantined, or stored in a form that harms nothing. */
test.each<[string, string | Uint8Array, QuarantineReason | DecodedReading]>([
  ['nothing', '', 'empty_payload'],
  ['half an object', '{', 'not_json'],
  ['null', 'null', 'no_values'],
  ['an empty array', '[]', 'no_values'],
  ['an empty object', '{}', 'no_values'],
  ['nothing but null', '{"a":null,"b":{"c":[null,{}]}}', 'no_values'],
  ['a time and no value', '{"ts":1763900000000}', 'no_values'],
  ['three control bytes', Uint8Array.of(0, 1, 2), 'not_understood'],
  ['NaN', '{"temperature":NaN}', 'not_json'],
  ['five hundred levels', `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`, 'too_deep'],
  ['a hundred thousand levels', '['.repeat(100_000), 'not_json'],
  ['__proto__', '{"__proto__":{"admin":true}}', 'not_understood'],
  ['NUL in a name', '{"t\\u0000":1}', 'not_storable'],
  ['a line feed in a name', '{"t\\n":1}', { values: { 't\n': 1 } }],
  ['NUL in a text', '{"x":"a\\u0000\\n"}', 'not_storable'],
  ['half a surrogate pair', '{"x":"\\ud83d"}', 'not_storable'],
  ['half a surrogate pair in a name', '{"\\ude00":1}', 'not_storable'],
  ['a whole surrogate pair', '{"x":"\\ud83d\\ude00"}', { values: { x: '😀' } }],
  ['a number beyond float64', '{"x":1e400,"y":1}', 'not_understood'],
  ['three thousand digits', `{"x":${'9'.repeat(3000)}}`, 'not_understood'],
  ['no UTF-8', Uint8Array.of(0xff, 0xfe, ...bytes('{"a":1}')), 'not_utf8'],
  ['an encoded surrogate', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'not_utf8'],
  ['a value without a name', '{"":1}', 'not_understood'],
  ['a bare text', '"just text"', 'not_understood'],
  ['numbers without names', '[1,2,3]', 'not_understood'],
  ['a name of 256', JSON.stringify({ ['n'.repeat(256)]: 1 }), 'too_long'],
  ['a text of 4097', JSON.stringify({ a: 't'.repeat(4097) }), 'too_long'],
  [
    '513 values',
    JSON.stringify(Object.fromEntries([...Array(513).keys()].map((n) => [`v${n}`, n]))),
    'too_many_values',
  ],
  ['an array of 100,000 in a value', JSON.stringify({ a: Array(100_000).fill(null) }), 'too_many_values'],
  ['1001 readings', JSON.stringify(Array(1001).fill({ a: 1 })), 'too_many_values'],
])('%s ends as it should', (_, payload, expected) => {
  const decoded = decode('auto', payload);
  if (typeof expected === 'string') expect(decoded).toMatchObject({ ok: false, reason: expected });
  else expect(decoded).toEqual({ ok: true, readings: [expected] });
});

describe('json', () => {
  it('takes as much as the limits allow', () => {
    const widest = Object.fromEntries(
      [...Array(readingLimits.valuesPerReading).keys()].map((n) => [`v${n}`, n]),
    );
    expect(json(widest)).toEqual([{ values: widest }]);
    expect(json(Array(readingLimits.readingsPerMessage).fill({ a: 1 }))).toHaveLength(1000);
    const longest = { ['n'.repeat(readingLimits.nameCharacters)]: 't'.repeat(readingLimits.textCharacters) };
    expect(json(longest)).toEqual([{ values: longest }]);
    const deepest = (levels: number): object => (levels === 1 ? { a: 1 } : { a: deepest(levels - 1) });
    expect(json(deepest(readingLimits.depth))).toEqual([{ values: { [Array(16).fill('a').join('.')]: 1 } }]);
    expect(decode('json', JSON.stringify(deepest(readingLimits.depth + 1)))).toMatchObject({
      reason: 'too_deep',
    });
  });

  it('flattens objects and arrays; of two with one name the later wins', () => {
    expect(json({ a: { b: { c: 1 }, d: [2, { e: 3 }] } })[0]!.values).toEqual({
      'a.b.c': 1,
      'a.d.0': 2,
      'a.d.1.e': 3,
    });
    expect(json({ a: { b: 1 }, 'a.b': 2 })[0]!.values).toEqual({ 'a.b': 2 });
    expect(json({ 'a.b': 2, a: { b: 1 } })[0]!.values).toEqual({ 'a.b': 1 });
  });

  it('leaves null out and keeps everything else, empty texts and names of Object’s own included', () => {
    expect(json({ a: null, b: 0, c: '', d: false, constructor: 1, toString: 2 })[0]!.values).toStrictEqual({
      b: 0,
      c: '',
      d: false,
      constructor: 1,
      toString: 2,
    });
  });

  test.each(['values', 'data', 'telemetry', 'metrics'])('reads the envelope %s', (container) => {
    const expected = [{ time: 1763900000, values: { a: 1 } }];
    expect(json({ ts: 1763900000, [container]: { a: 1 } })).toEqual(expected);
    expect(json({ timestamp: 1763900000, [container]: { a: 1 } })).toEqual(expected);
    expect(json({ [container]: { a: 1 }, time: 1763900000 })).toEqual(expected);
    expect(json({ [container]: { a: 1 } })).toEqual([{ values: { a: 1 } }]);
    expect(json({ device_id: 7, [container]: { a: 1 } })).toEqual([{ values: { a: 1 } }]);
    expect(json({ ts: 5, [container]: [{ ts: 6, a: 1 }, { a: 2 }] })).toEqual([
      { time: 6, values: { a: 1 } },
      { time: 5, values: { a: 2 } },
    ]);
  });

  it('passes on a time that an envelope states and nobody can read, for it to be marked', () => {
    expect(json({ ts: 'yesterday', values: { a: 1 } })).toEqual([{ time: 'yesterday', values: { a: 1 } }]);
  });

  it('keeps what is measured beside an envelope’s values, and drops what describes the message', () => {
    const described = {
      id: 9,
      deviceId: 'x',
      type: 'freezer',
      meta: { fw: 2 },
      rssi: -70,
      charging: true,
      ts: 5,
    };
    expect(json({ ...described, values: { a: 1 } })).toEqual([
      { time: 5, values: { rssi: -70, charging: true, a: 1 } },
    ]);
    expect(json({ ts: 5, rssi: -70, values: [{ a: 1 }, { rssi: -71 }] })).toEqual([
      { time: 5, values: { rssi: -70, a: 1 } },
      { time: 5, values: { rssi: -71 } },
    ]);
  });

  it('is not misled by a value that is called like a container', () => {
    expect(json({ temperature: 5, data: { x: 1 } })).toEqual([{ values: { temperature: 5, 'data.x': 1 } }]);
    expect(json({ ts: 5, data: 21.5 })).toEqual([{ time: 5, values: { data: 21.5 } }]);
    expect(json({ ts: 5, values: [1, 2] })).toEqual([{ time: 5, values: { 'values.0': 1, 'values.1': 2 } }]);
    expect(json({ ts: 5, data: { x: 1 }, metrics: { y: 2 } })).toEqual([
      { time: 5, values: { 'data.x': 1, 'metrics.y': 2 } },
    ]);
  });

  test.each<[object, DecodedReading]>([
    [
      { a: 1, ts: 0 },
      { time: 0, values: { a: 1 } },
    ],
    [
      { a: 1, timestamp: '1763900000123' },
      { time: '1763900000123', values: { a: 1 } },
    ],
    [
      { a: 1, Time: '1970-01-01T00:00:07' },
      { time: '1970-01-01T00:00:07', values: { a: 1 } },
    ],
    [{ a: 1, time: 90 }, { values: { a: 1, time: 90 } }],
    [{ a: 1, time: '12:30' }, { values: { a: 1, time: '12:30' } }],
    [{ a: 1, last_seen: null }, { values: { a: 1 } }],
    [
      { ts: 5, time: 90, a: 1 },
      { time: 5, values: { time: 90, a: 1 } },
    ],
    [{ ts: true, a: 1 }, { values: { ts: true, a: 1 } }],
    [{ a: { ts: 1763900000 } }, { values: { 'a.ts': 1763900000 } }],
  ])('finds the time in %j', (payload, expected) => {
    expect(json(payload)).toEqual([expected]);
  });

  it('leaves out samples that say nothing', () => {
    expect(json([{ a: null }, { a: 1 }, {}])).toEqual([{ values: { a: 1 } }]);
  });

  it('reads past a byte order mark', () => {
    expect(readings('json', '\uFEFF{"a":1}')).toEqual([{ values: { a: 1 } }]);
  });

  it('is not slowed down by many numbers beside many envelopes', () => {
    const beside = Object.fromEntries([...Array(10_000).keys()].map((n) => [`n${n}`, n]));
    const payload = JSON.stringify({ ...beside, ts: 5, values: Array(10_000).fill({ id: 1, data: [] }) });
    const started = performance.now();
    expect(decode('json', payload)).toMatchObject({ ok: false, reason: 'too_many_values' });
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('value', () => {
  test.each<[string, number | string | boolean]>([
    ['19.75', 19.75],
    [' -3\n', -3],
    ['+5', 5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['007', 7],
    ['True', true],
    ['false', false],
    ['open', 'open'],
    ['"open"', 'open'],
    ['"unfinished', '"unfinished'],
    ['0x10', '0x10'],
    ['12:30', '12:30'],
  ])('reads %j', (payload, expected) => {
    expect(readings('value', payload, 'house/attic/temperature')).toEqual([
      { values: { temperature: expected } },
    ]);
  });

  test.each<[string | Uint8Array, QuarantineReason]>([
    ['', 'empty_payload'],
    [' ', 'no_values'],
    ['null', 'no_values'],
    ['NaN', 'no_values'],
    ['-inf', 'no_values'],
    ['9'.repeat(400), 'not_understood'],
    ['{"a":1}', 'not_understood'],
    [Uint8Array.of(0, 1, 2), 'not_understood'],
    [Uint8Array.of(0xff), 'not_utf8'],
    ['t'.repeat(4097), 'too_long'],
  ])('refuses %j', (payload, reason) => {
    expect(decode('value', payload)).toMatchObject({ ok: false, reason });
  });

  it('has a name where the topic gives none', () => {
    expect(readings('value', '1', 'org_1/devices/a/telemetry')).toEqual([{ values: { value: 1 } }]);
    expect(readings('value', '1', 'a/')).toEqual([{ values: { value: 1 } }]);
    expect(decode('value', '1', 'a/__proto__')).toMatchObject({ reason: 'not_understood' });
    expect(decode('value', '1', `a/${'n'.repeat(256)}`)).toMatchObject({ reason: 'too_long' });
  });
});

describe('auto', () => {
  test.each(['open', '"open"', '12:30', '<xml/>'])('does not guess at the text %j', (payload) => {
    expect(decode('auto', payload)).toMatchObject({ ok: false, reason: 'not_understood' });
  });
});

describe('every decoder', () => {
  it('is known by its name and by no other', () => {
    for (const name of decoderNames) expect(decoderFor(name, template)).toBeTypeOf('function');
    for (const name of ['', 'xml', 'constructor', '__proto__']) expect(decoderFor(name)).toBeUndefined();
    for (const settings of [undefined, null, {}, { fields: [] }]) {
      expect(decoderFor('hex', settings)).toBeUndefined();
    }
    expect([...decoderNames, 'expression'].sort()).toEqual([...decoderName.options].sort());
  });

  const template = {
    fields: [
      { name: 'n', type: 'int16', offset: 0, endian: 'little', scale: 0.1 },
      { name: 't', type: 'text', offset: 2, length: 2 },
      { name: 'f', type: 'float32', offset: 1 },
    ],
  };
  const topics = fc.constantFrom('a/', 'spBv1.0/group/DDATA/node/');
  const sparkplugPayload = sparkplug.encodePayload({
    timestamp: 1763900000000,
    metrics: [
      { name: 'a', type: 'Double', value: 21.5 },
      { name: 'b', type: 'String', value: 'text', timestamp: 1763900000001 },
      { name: 'c', type: 'Int64', value: 5 },
    ],
  });
  const key = fc.oneof(
    fc.constantFrom(
      'ts',
      'time',
      'id',
      'values',
      'data',
      'paras',
      'bn',
      'n',
      'v',
      's',
      't',
      '__proto__',
      'constructor',
      '\0',
      '',
    ),
    fc.string({ unit: 'binary' }),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(null, true, 1, 1763900000, 1e308, '\0', '\ud83d'),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.array(tie('tree'), { maxLength: 5 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 6 }),
    ),
  }));
  const garbled = (payload: Uint8Array, at: number, byte: number) =>
    payload.map((was, index) => (index === at % payload.length ? byte : was));
  const payloads = fc.oneof(
    tree.map((value) => bytes(JSON.stringify(value))),
    tree.map((value) => encode(value)),
    fc.tuple(tree.map(encode), fc.nat(), fc.nat(255)).map((change) => garbled(...change)),
    fc.tuple(fc.constant(sparkplugPayload), fc.nat(), fc.nat(255)).map((change) => garbled(...change)),
    tree.map((value) => bytes(JSON.stringify(value).replace('1', '1e999'))),
    fc.uint8Array({ maxLength: 200 }),
    fc.string().map(bytes),
  );

  test.each(decoderNames)(
    '%s never throws, and lets nothing through that the database refuses',
    (decoder) => {
      fc.assert(
        fc.property(payloads, topics, fc.string({ unit: 'binary' }), (payload, topic, lastLevel) => {
          const before = Buffer.from(payload).toString('hex');
          const decoded = decoderFor(decoder, template)!({
            payload,
            topic: `${topic}${lastLevel}`,
            lastLevel,
          });
          expect(Buffer.from(payload).toString('hex')).toBe(before);
          if (!decoded.ok) {
            expect(decoded.detail).toSatisfy((text: string) => text.isWellFormed() && !text.includes('\0'));
            return;
          }
          expect(decoded.readings.length).toBeGreaterThan(0);
          expect(decoded.readings.length).toBeLessThanOrEqual(readingLimits.readingsPerMessage);
          for (const { values } of decoded.readings) {
            const count = Object.keys(values).length;
            expect(count > 0 && count <= readingLimits.valuesPerReading).toBe(true);
            const stored = JSON.stringify(values);
            // But for -0, which JSON writes as 0.
            expect(Object.is(JSON.stringify(JSON.parse(stored)), stored)).toBe(true);
            expect(stored).not.toMatch(/\\u0000|\\ud[89a-f]|:null/);
            for (const name of Object.keys(values)) {
              expect(name.length).toBeGreaterThan(0);
              expect(name.length).toBeLessThanOrEqual(readingLimits.nameCharacters);
              expect(name.isWellFormed()).toBe(true);
            }
          }
        }),
        { numRuns: 3000 },
      );
    },
  );
});
