import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Decoded, type QuarantineReason, readingLimits } from '../domain/reading.ts';
import { silentLog } from '../service/log.ts';
import { Expressions, MOST_EXPRESSION_CHARACTERS } from './expressions.ts';

/** Each run that is ended takes 100 ms, and on a busy machine there are more of them. */
vi.setConfig({ testTimeout: 20_000 });

const expressions = new Expressions({ log: silentLog });
beforeAll(() => expressions.start());
afterAll(() => expressions.stop());

interface Sent {
  payload?: string | Uint8Array;
  topic?: string;
  integrationId?: string;
  by?: Expressions;
  isWanted?: () => boolean;
}

let integrations = 0;
function newIntegration(): string {
  integrations += 1;
  return `integration-${integrations}`;
}

function decode(expression: string, sent: Sent = {}): Promise<Decoded> {
  const { payload = '{"a":1}', topic = 'site/attic/telemetry', by = expressions } = sent;
  const lastLevel = topic.slice(topic.lastIndexOf('/') + 1);
  const input = { payload: Buffer.from(payload), topic, lastLevel };
  const { integrationId = newIntegration(), isWanted } = sent;
  return by.decode({ integrationId, expression, input, isWanted });
}

const values = (...readings: object[]) => ({
  ok: true,
  readings: readings.map((reading) => ({ values: reading })),
});

const endlessRegex = '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /(a+)+$/)';
const endlessRecursion = '($f := function() { $f() }; $f())';
/** One allocation beyond the heap’s cap, at which V8 ends the whole process; under load it may be killed before that. */
const memoryBomb =
  '($f := function($x, $n) { $n = 0 ? $x : $f($x & $x, $n - 1) }; $uppercase($f("0123456789abcdef", 24)))';
const ended = { ok: false, reason: expect.stringMatching(/^expression_(timeout|memory)$/) };

describe('what an expression sees and gives', () => {
  test.each<[string, Sent, object]>([
    ['{"t": payload.a}', {}, values({ t: 1 })],
    [
      '{"levels": levels, "topic": topic}',
      { topic: 'x/y' },
      values({ 'levels.0': 'x', 'levels.1': 'y', topic: 'x/y' }),
    ],
    ['{"text": payload}', { payload: 'T=21.5;H=40' }, values({ text: 'T=21.5;H=40' })],
    [
      '{"t": $number($match(payload, /T=([0-9.]+)/).groups[0])}',
      { payload: 'T=21.5;H=40' },
      values({ t: 21.5 }),
    ],
    [
      '{"none": payload = null, "raw": base64}',
      { payload: Uint8Array.of(0xff, 0) },
      values({ none: true, raw: '/wA=' }),
    ],
    [
      '{"hello": $base64decode("aGVsbG8="), "back": $base64encode("hell")}',
      {},
      values({ hello: 'hello', back: 'aGVsbA==' }),
    ],
    ['payload.samples.{"v": x}', { payload: '{"samples":[{"x":1},{"x":2}]}' }, values({ v: 1 }, { v: 2 })],
    [
      '{"ts": payload.at, "values": {"v": payload.a}}',
      { payload: '{"at":1763900000,"a":5}' },
      { ok: true, readings: [{ time: 1763900000, values: { v: 5 } }] },
    ],
    ['{"a": {"b": [1, 2]}}', {}, values({ 'a.b.0': 1, 'a.b.1': 2 })],
    ['{"sum": $eval("1 + 1"), "constructor": 3}', {}, values({ sum: 2, constructor: 3 })],
  ])('%s', async (expression, sent, expected) => {
    expect(await decode(expression, sent)).toEqual(expected);
  });

  test.each<[string, QuarantineReason, string?]>([
    ['payload.nothing', 'no_values'],
    ['null', 'no_values'],
    ['{"a": null}', 'no_values'],
    ['[]', 'no_values'],
    ['payload.a', 'not_understood'],
    ['{"a": 1', 'expression_failed', 'Expected "}" before end of expression (at character 7)'],
    [
      'payload.a + "x"',
      'expression_failed',
      'The right side of the "+" operator must evaluate to a number (at character 11)',
    ],
    ['$error("no\n such sensor")', 'expression_failed', 'no such sensor'],
    ['$unknown()', 'expression_failed', 'Attempted to invoke a non-function'],
    ['{"f": $sum}', 'expression_failed', 'the result holds a function'],
    ['{"f": function($x) { $x }}', 'expression_failed', 'the result holds a function'],
    ['{"f": ($r := /a/; $r)}', 'expression_failed', 'the result holds a function'],
    ['{"n": 1/0}', 'expression_failed', 'the result holds a number that is none'],
    ['($clone := function($x) { $x }; payload ~> |$|{"self": $}|)', 'expression_failed', 'circular'],
    ['{"a": $pad("", 5000)}', 'too_long'],
    ['{"a": $pad("", 1100000)}', 'expression_failed', 'the result is too large'],
    [
      '($f := function($v, $n) { $n = 0 ? $v : $f([[$v, $v]], $n - 1) }; $f([1], 40))',
      'expression_failed',
      'the result is too large',
    ],
    [`[1..${readingLimits.readingsPerMessage + 1}].{"a": $}`, 'too_many_values'],
    ['{"__proto__": {"polluted": true}}', 'not_understood'],
    ['{"a": "\\u0000"}', 'not_storable'],
    ['{"a": "\\ud83d"}', 'not_storable'],
    ['('.repeat(10_000), 'expression_failed'],
    [' '.repeat(MOST_EXPRESSION_CHARACTERS + 1), 'expression_failed', 'characters at most'],
  ])('%.60s is refused', async (expression, reason, detail = '') => {
    expect(await decode(expression)).toEqual({ ok: false, reason, detail: expect.stringContaining(detail) });
  });

  test.each([
    '$.constructor',
    '$sum.implementation',
    'payload.__proto__',
    'process',
    '$lookup($, "__proto__")',
    '$globalThis',
  ])('nothing of the process is found by %s', async (expression) => {
    expect(await decode(expression)).toMatchObject({ ok: false, reason: 'no_values' });
  });

  test.each<[string, string]>([
    ['__proto__', '{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}}}'],
    ['a hundred thousand levels', '['.repeat(100_000)],
    ['half a surrogate pair', '"\\ud83d"'],
    ['nothing', ''],
    ['what JSONata takes for a function', '{"_jsonata_function":true,"_jsonata_lambda":true}'],
  ])('a payload of %s harms neither it nor others', async (_, payload) => {
    const integrationId = newIntegration();
    await decode('$merge([payload, {"b": 1}])', { payload, integrationId });
    expect(
      await decode('{"t": $sum([1, 2]), "found": $exists(payload.a)}', { payload: '{}', integrationId }),
    ).toEqual(values({ t: 3, found: false }));
  });
});

describe('the examples of docs/payloads.md', () => {
  test('a sensor with a unit and a time without a zone', async () => {
    const expression = `{
      "time": payload.Time & "+01:00",
      "temperature": payload.TempUnit = "F" ? $round((payload.AM2301.Temperature - 32) / 1.8, 1)
                                            : payload.AM2301.Temperature,
      "humidity": payload.AM2301.Humidity
    }`;
    const payload = {
      Time: '2025-11-23T12:13:20',
      AM2301: { Temperature: 70.3, Humidity: 46.1, DewPoint: 9.2 },
      TempUnit: 'F',
    };
    const readings = [{ time: '2025-11-23T12:13:20+01:00', values: { temperature: 21.3, humidity: 46.1 } }];
    expect(await decode(expression, { payload: JSON.stringify(payload) })).toEqual({ ok: true, readings });
  });

  test('samples without times of their own', async () => {
    const expression =
      'payload.co2#$i.{"ts": $$.payload.start + $i * $$.payload.every, "co2": $, "room": $$.levels[1]}';
    const payload = '{"start":1763900000,"every":60,"co2":[612,618,640]}';
    expect(await decode(expression, { payload, topic: 'site/attic/telemetry' })).toEqual({
      ok: true,
      readings: [
        { time: 1763900000, values: { co2: 612, room: 'attic' } },
        { time: 1763900060, values: { co2: 618, room: 'attic' } },
        { time: 1763900120, values: { co2: 640, room: 'attic' } },
      ],
    });
  });
});

describe('order', () => {
  test('of one integration is the order asked, whatever becomes of each', async () => {
    const integrationId = newIntegration();
    const settled: number[] = [];
    const expression = `payload.n % 50 = 7 ? ${endlessRecursion} : payload.n % 50 = 9 ? $error("no") : payload`;
    const asked = [...Array(150).keys()].map(async (n) => {
      const decoded = await decode(expression, { payload: `{"n":${n}}`, integrationId });
      settled.push(n);
      if (n % 50 === 7) expect(decoded).toMatchObject({ reason: 'expression_timeout' });
      else if (n % 50 === 9) expect(decoded).toMatchObject({ reason: 'expression_failed' });
      else expect(decoded).toEqual(values({ n }));
    });
    await Promise.all(asked);
    expect(settled).toEqual([...Array(150).keys()]);
  });

  test('what nobody waits for any more is not run, and costs the others no time', async () => {
    const integrationId = newIntegration();
    let isWanted = true;
    const given = [...Array(300).keys()].map(() =>
      decode(endlessRecursion, { integrationId, isWanted: () => isWanted }),
    );
    isWanted = false;
    const wanted = decode('payload', { integrationId });
    const withdrawn = (await Promise.all(given)).filter(
      (decoded) => !decoded.ok && decoded.reason === 'needs_worker',
    );
    // A batch was taken before.
    expect(withdrawn.length).toBeGreaterThan(200);
    expect(await wanted).toEqual(values({ a: 1 }));
  });

  test('holds while the expression changes, and large messages go in batches of their own', async () => {
    const integrationId = newIntegration();
    const payload = JSON.stringify({ a: 1, filling: ' '.repeat(200_000) });
    const decoded = await Promise.all(
      [...Array(20).keys()].map((n) => decode(`{"n": ${n % 3}}`, { payload, integrationId })),
    );
    expect(decoded).toEqual([...Array(20).keys()].map((n) => values({ n: n % 3 })));
  });
});

describe('an expression that goes too far', () => {
  test.each<[string, QuarantineReason]>([
    [endlessRegex, 'expression_timeout'],
    [endlessRecursion, 'expression_timeout'],
    ['{"then": /a/}', 'expression_timeout'],
  ])('%s is ended', async (expression, reason) => {
    expect(await decode(expression)).toMatchObject({ ok: false, reason });
    expect(await decode('{"a": 1}')).toEqual(values({ a: 1 }));
  });

  test.each([
    memoryBomb,
    '[1..9999999]',
    '$uppercase($pad("a", 400000000))',
    '($f := function() { 1 + $f() }; $f())',
    '($f := function($x) { $f($append($x, $x)) }; $f([1]))',
  ])('%s is ended one way or the other', async (expression) => {
    expect(await decode(expression)).toMatchObject(ended);
    expect(await decode('{"a": 1}')).toEqual(values({ a: 1 }));
  });

  test('takes no other integration’s messages with it, and none of its own but those at fault', async () => {
    const bomber = newIntegration();
    const others = [newIntegration(), newIntegration(), newIntegration()];
    const bombs = [...Array(30).keys()].map((n) =>
      decode(`payload.n = 20 ? ${memoryBomb} : payload`, { payload: `{"n":${n}}`, integrationId: bomber }),
    );
    const innocent = others.flatMap((integrationId) =>
      [...Array(300).keys()].map((n) => decode('payload', { payload: `{"n":${n}}`, integrationId })),
    );
    for (const [n, decoded] of (await Promise.all(innocent)).entries())
      expect(decoded).toEqual(values({ n: n % 300 }));
    for (const [n, decoded] of (await Promise.all(bombs)).entries()) {
      if (n === 20) expect(decoded).toMatchObject(ended);
      else expect(decoded).toEqual(values({ n }));
    }
  });

  test('waits its turn with the rest of what it sent, and is then on hold', async () => {
    const hostile = newIntegration();
    const settled: string[] = [];
    const note = (who: string) => (decoded: Decoded) => {
      settled.push(who);
      return decoded;
    };
    const refused = [...Array(50).keys()].map(() =>
      decode(endlessRegex, { integrationId: hostile }).then(note('hostile')),
    );
    await decode('payload').then(note('other'));
    expect(settled.filter((who) => who === 'hostile').length).toBeLessThan(3);
    const decoded = await Promise.all(refused);
    expect(new Set(decoded.map((one) => !one.ok && one.reason))).toEqual(new Set(['expression_timeout']));
    const notRun = decoded.filter((one) => !one.ok && one.detail.startsWith('not run'));
    expect(notRun).toHaveLength(45);
    expect(await decode('payload', { integrationId: hostile })).toEqual(values({ a: 1 }));
  });
});

describe('start and stop', () => {
  test('before and after there is nowhere to run', async () => {
    const by = new Expressions({ log: silentLog });
    await by.stop();
    expect(await decode('payload', { by })).toMatchObject({ reason: 'needs_worker' });
    await by.start();
    expect(await decode('payload', { by })).toEqual(values({ a: 1 }));
    await Promise.all([by.stop(), by.stop()]);
    expect(await decode('payload', { by })).toMatchObject({ reason: 'needs_worker' });
  });

  test('what waits is decoded first', async () => {
    const by = new Expressions({ log: silentLog });
    await by.start();
    const integrationId = newIntegration();
    const asked = [...Array(500).keys()].map((n) =>
      decode('payload', { by, integrationId, payload: `{"n":${n}}` }),
    );
    await by.stop();
    expect(await Promise.all(asked)).toEqual([...Array(500).keys()].map((n) => values({ n })));
  });

  test('what takes too long is given back', async () => {
    const by = new Expressions({ log: silentLog });
    await by.start();
    const asked = [...Array(80).keys()].map(() => decode(endlessRegex, { by }));
    const started = performance.now();
    await by.stop();
    expect(performance.now() - started).toBeLessThan(6000);
    const reasons = (await Promise.all(asked)).map((decoded) => !decoded.ok && decoded.reason);
    expect(reasons.at(-1)).toBe('needs_worker');
    for (const reason of reasons) expect(['expression_timeout', 'needs_worker']).toContain(reason);
  });
});
