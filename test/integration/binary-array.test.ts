import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BinaryArray, column, type ElementType, uuidBytes } from '../../src/database/binary-array.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

/** What we write as PostgreSQL's binary arrays, PostgreSQL reads back the same. */

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** The array's elements as PostgreSQL prints them. */
async function printed<Value>(
  type: ElementType,
  values: readonly (Value | undefined)[],
  add: (this: BinaryArray, value: Value) => void,
): Promise<(string | null)[]> {
  const parameter = column(type, values, (array, value) => array.optional(value, add));
  const { rows } = await database.pool.query<{ text: string | null }>(
    `select element::text as text from unnest($1::${type}[]) with ordinality as list (element, position) order by position`,
    [parameter],
  );
  return rows.map(({ text }) => text);
}

/** The methods, without their array. */
type Adder<Value> = (this: BinaryArray, value: Value) => void;
const by = <Value>(call: (array: BinaryArray, value: Value) => void): Adder<Value> =>
  function (value) {
    call(this, value);
  };

const microseconds = (iso: string) => Date.parse(`${iso.slice(0, 23)}Z`) * 1000 + Number(iso.slice(23) || 0);
const times = [
  '2000-01-01 00:00:00.000',
  '1999-12-31 23:59:59.999999',
  '1970-01-01 00:00:00.000',
  '1969-12-31 23:59:59.999999',
  '1000-01-01 00:00:00.000',
  '2026-11-23 12:13:20.123456',
  '2255-01-01 00:00:00.000001',
];
const texts = ['', 'x', 'ü 温 😀', '{"}\\,null', 'NULL', '\n\t', 'x'.repeat(100_000), '温'.repeat(50_000)];
const uuid = randomUUID();

describe('every type, with nulls between', () => {
  const cases: [type: ElementType, values: unknown[], add: Adder<never>, expected: string[]][] = [
    [
      'int8',
      [
        0,
        1,
        -1,
        2 ** 31,
        -(2 ** 31) - 1,
        2 ** 32,
        -(2 ** 32),
        Number.MAX_SAFE_INTEGER,
        Number.MIN_SAFE_INTEGER,
      ],
      by((array, value: number) => array.integer(value)),
      [
        '0',
        '1',
        '-1',
        '2147483648',
        '-2147483649',
        '4294967296',
        '-4294967296',
        '9007199254740991',
        '-9007199254740991',
      ],
    ],
    [
      'int8',
      [
        [0, 1],
        [0xffffffff, 0xffffffff],
        [0x80000000, 0],
        [0x7fffffff, 0xffffffff],
      ],
      by((array, [high, low]: [number, number]) => array.int8(high, low)),
      ['1', '-1', '-9223372036854775808', '9223372036854775807'],
    ],
    [
      'int4',
      [0, -1, 2 ** 31 - 1, -(2 ** 31)],
      by((array, value: number) => array.int4(value)),
      ['0', '-1', '2147483647', '-2147483648'],
    ],
    [
      'int2',
      [0, -1, 32_767, -32_768],
      by((array, value: number) => array.int2(value)),
      ['0', '-1', '32767', '-32768'],
    ],
    ['bool', [true, false], by((array, value: boolean) => array.bool(value)), ['true', 'false']],
    ['text', texts, by((array, value: string) => array.text(value)), texts],
    ['uuid', [uuid], by((array, value: string) => array.bytes(uuidBytes(value))), [uuid]],
    [
      'bytea',
      [Buffer.alloc(0), Buffer.from([0, 255, 92]), new Uint8Array([1])],
      by((array, value: Uint8Array) => array.bytes(value)),
      ['\\x', '\\x00ff5c', '\\x01'],
    ],
    [
      'jsonb',
      ['{"a":1.50,"b":[null,"ü"]}', '"x"', '1e300', 'null'],
      by((array, value: string) => array.jsonb(value)),
      ['{"a": 1.50, "b": [null, "ü"]}', '"x"', `1${'0'.repeat(300)}`, 'null'],
    ],
  ];
  test.each(cases)('%s', async (type, values, add, expected) => {
    const withNulls = [undefined, ...values.flatMap((value) => [value, undefined])];
    const answer = [null, ...expected.flatMap((text) => [text, null])];
    expect(await printed(type, withNulls as never[], add)).toEqual(answer);
    expect(await printed(type, values as never[], add)).toEqual(expected);
    expect(await printed(type, [undefined, undefined], add)).toEqual([null, null]);
    expect(await printed(type, [], add)).toEqual([]);
  });

  test('timestamptz', async () => {
    const add = by((array: BinaryArray, value: number) => array.timestamp(value));
    const parameter = column('timestamptz', times, (array, iso) => add.call(array, microseconds(iso)));
    const { rows } = await database.pool.query<{ text: string }>(
      `select to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as text from unnest($1::timestamptz[]) at`,
      [parameter],
    );
    expect(rows.map(({ text }) => text)).toEqual(times.map((iso) => iso.padEnd(26, '0')));
    expect(await printed('timestamptz', [undefined], add)).toEqual([null]);
  });
});

test('any texts and any integers, thousands at a time', async () => {
  const strings = fc.sample(
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '').toWellFormed()),
    { numRuns: 3000, seed: 1 },
  );
  expect(
    await printed(
      'text',
      strings,
      by((array, value: string) => array.text(value)),
    ),
  ).toEqual(strings);
  const integers = fc.sample(fc.maxSafeInteger(), { numRuns: 3000, seed: 2 });
  expect(
    await printed(
      'int8',
      integers,
      by((array, value: number) => array.integer(value)),
    ),
  ).toEqual(integers.map((value) => String(value + 0)));
});

test('an empty array is no array of one null', async () => {
  const { rows } = await database.pool.query('select cardinality($1::int8[]) as count', [
    column('int8', [], () => {}),
  ]);
  expect(rows[0]).toEqual({ count: 0 });
});
