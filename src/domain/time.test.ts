import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { judgeTime, parseTime } from './time.ts';

const iso = (stated: number | string) => {
  const at = parseTime(stated);
  return at === undefined ? undefined : new Date(at / 1000).toISOString();
};

describe('parseTime', () => {
  test.each<[number | string, string]>([
    [1763900000, '2025-11-23T12:13:20.000Z'],
    [1763900000.25, '2025-11-23T12:13:20.250Z'],
    [1763900000000, '2025-11-23T12:13:20.000Z'],
    [1763900000000000, '2025-11-23T12:13:20.000Z'],
    [1763900000000000000, '2025-11-23T12:13:20.000Z'],
    ['1763900000', '2025-11-23T12:13:20.000Z'],
    [' 1763900000.5 ', '2025-11-23T12:13:20.500Z'],
    ['1763900000000000123', '2025-11-23T12:13:20.000Z'],
    ['2025-11-23T12:13:20+01:00', '2025-11-23T11:13:20.000Z'],
    ['2025-11-23T12:13:20-0330', '2025-11-23T15:43:20.000Z'],
    ['2025-11-23T12:13:20.5+01', '2025-11-23T11:13:20.500Z'],
    ['2025-11-23T12:13:20Z', '2025-11-23T12:13:20.000Z'],
    ['2025-11-23T12:13:20', '2025-11-23T12:13:20.000Z'],
    ['2025-11-23 12:13:20.123456', '2025-11-23T12:13:20.123Z'],
    ['2025-11-23 12:13:20 +0100', '2025-11-23T11:13:20.000Z'],
    ['2025-11-23T12:13', '2025-11-23T12:13:00.000Z'],
    ['2025-11-23T12:13Z', '2025-11-23T12:13:00.000Z'],
    ['2025-11-23', '2025-11-23T00:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2025-04-23_07:35:22.214', '2025-04-23T07:35:22.214Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [-1, '1969-12-31T23:59:59.000Z'],
  ])('reads %j as %s', (stated, expected) => {
    expect(iso(stated)).toBe(expected);
  });

  test.each<number | string>([
    '',
    'now',
    '12:30',
    '2025-02-31T00:00:00Z',
    '2025-02-29',
    '1900-02-29',
    '2025-13-01',
    '2025-00-10',
    '2025-04-31',
    '2025-11-23T24:00:00Z',
    '2025-11-23T12:60:00Z',
    '2025-11-23T12:13:61Z',
    '2025-11-23T12:13:20.Z',
    '2025-11-23T12:13:20+1',
    '2025-11-23T12:13:20+16:00',
    '2025-11-23T12:13:20+01:00Z',
    '2025-11-23T12:13:20 CET',
    '2025-11-23X12:13:20',
    '2025-11-23T12',
    '2025-11-23T',
    '0001-01-01T00:00:00Z',
    '1e9',
    '0x10',
    '1.2.3',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1e300,
    1e20,
    '9'.repeat(100_000),
    `2025-11-23T12:13:20.${'1'.repeat(100_000)}`,
  ])('refuses %j', (stated) => {
    expect(parseTime(stated)).toBeUndefined();
  });

  it('keeps microseconds', () => {
    expect(parseTime('2025-11-23T12:13:20.123456789Z')).toBe(1763900000123456);
    expect(parseTime('2025-11-23T12:13:20,000001Z')).toBe(1763900000000001);
    expect(parseTime(1763900000.123456)).toBe(1763900000123456);
  });

  it('reads every instant that JavaScript writes, in every unit', () => {
    const instants = fc.date({
      min: new Date('1980-01-01'),
      max: new Date('5000-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (date) => {
        const at = date.getTime() * 1000;
        expect(parseTime(date.toISOString())).toBe(at);
        expect(parseTime(date.getTime())).toBe(at);
        expect(parseTime(at)).toBe(at);
        expect(parseTime(String(date.getTime()))).toBe(at);
        expect(Math.abs(parseTime(date.getTime() / 1000)! - at)).toBeLessThanOrEqual(16);
      }),
    );
  });
});

describe('judgeTime', () => {
  const receivedAt = Date.UTC(2025, 10, 23, 12) * 1000;
  const oldest = Date.UTC(2024, 10, 23) * 1000;
  const judge = (stated: number | string | undefined, maxAheadMs?: number) =>
    judgeTime({ stated, receivedAt, oldest, maxAheadMs });
  const notBelieved = { recordedAt: receivedAt, timeSource: 'received', tooOld: false };

  it('takes the time of receipt where none is stated', () => {
    expect(judge(undefined)).toEqual({ ...notBelieved, deviceTimestamp: undefined, mark: undefined });
  });

  it('believes a device within its bounds, the bounds included', () => {
    for (const stated of ['2025-11-23T11:59:59Z', '2025-11-23T12:10:00Z', '2024-11-23T00:00:00Z']) {
      const at = parseTime(stated);
      expect(judge(stated)).toEqual({
        recordedAt: at,
        deviceTimestamp: at,
        timeSource: 'device',
        mark: undefined,
        tooOld: false,
      });
    }
  });

  it('keeps what it does not believe, and says why', () => {
    const ahead = '2025-11-23T12:10:00.000001Z';
    expect(judge(ahead)).toEqual({ ...notBelieved, deviceTimestamp: parseTime(ahead), mark: 'ahead' });
    const unset = '1970-01-01T00:00:07Z';
    expect(judge(unset)).toEqual({ ...notBelieved, deviceTimestamp: 7e6, mark: 'before_2000' });
    expect(judge('soon')).toEqual({ ...notBelieved, deviceTimestamp: undefined, mark: 'unreadable' });
  });

  it('takes how far ahead a clock may be from its caller', () => {
    expect(judge('2025-11-23T12:00:02Z', 1000).mark).toBe('ahead');
    expect(judge('2025-11-23T12:00:01Z', 1000).mark).toBeUndefined();
  });

  it('tells what is older than anything kept', () => {
    expect(judge('2024-11-22T23:59:59Z')).toMatchObject({ timeSource: 'device', tooOld: true });
    expect(judge('2000-01-01T00:00:00Z')).toMatchObject({ timeSource: 'device', tooOld: true });
    const late = judgeTime({ stated: undefined, receivedAt, oldest: receivedAt + 1 });
    expect(late).toMatchObject({ timeSource: 'received', tooOld: true });
  });

  it('answers to anything with a time that can be stored', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double(), fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789-:.T+Z _') })),
        (stated) => {
          const { recordedAt, deviceTimestamp } = judge(stated);
          expect(recordedAt).toBeLessThanOrEqual(receivedAt + 600e6);
          expect(Number.isSafeInteger(recordedAt)).toBe(true);
          if (deviceTimestamp !== undefined) {
            expect(Number.isInteger(deviceTimestamp)).toBe(true);
            expect(new Date(deviceTimestamp / 1000).toISOString()).toMatch(/^\d{4}-/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
