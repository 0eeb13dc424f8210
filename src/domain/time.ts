/**
 * Instants, and what to believe of a time that a device states. Devices without a battery-backed
 * clock state anything: 1970, the year 2106, uptime. What isn't believed is kept, and marked.
 */

/** Microseconds since 1970, as a float64: exact until the year 2255. PostgreSQL's own resolution. */
export type Microseconds = number;

/** Why a stated time wasn't believed. */
export type TimeMark = 'ahead' | 'before_2000' | 'unreadable';

export interface JudgedTime {
  /** The time to chart by: the device's when believed, else the time of receipt. */
  recordedAt: Microseconds;
  /** What the device said, believed or not. Absent when it said nothing readable. */
  deviceTimestamp: Microseconds | undefined;
  timeSource: 'device' | 'received';
  mark: TimeMark | undefined;
  /** True when `recordedAt` lies before the oldest that is kept. */
  tooOld: boolean;
}

/** How far ahead of the time of receipt a device's clock may be, in milliseconds. */
export const DEFAULT_MAX_AHEAD_MS = 600_000;

const YEAR_2000: Microseconds = Date.UTC(2000, 0) * 1000;
/** Four-digit years only: PostgreSQL, ISO 8601 and JavaScript all write and read those alike. */
const EARLIEST: Microseconds = Date.UTC(1000, 0) * 1000;
const LATEST: Microseconds = Date.UTC(10_000, 0) * 1000 - 1;

/**
 * Decides by which time a reading is charted.
 * @param oldest start of the longest retention; older readings have no partition to go to
 */
export function judgeTime(time: {
  stated: number | string | undefined;
  receivedAt: Microseconds;
  oldest: Microseconds;
  maxAheadMs?: number;
}): JudgedTime {
  const { stated, receivedAt, oldest, maxAheadMs = DEFAULT_MAX_AHEAD_MS } = time;
  const received = (deviceTimestamp?: Microseconds, mark?: TimeMark): JudgedTime => ({
    recordedAt: receivedAt,
    deviceTimestamp,
    timeSource: 'received',
    mark,
    // Only for what is replayed: it was received long before now.
    tooOld: receivedAt < oldest,
  });
  if (stated === undefined) return received();
  const said = parseTime(stated);
  if (said === undefined) return received(undefined, 'unreadable');
  if (said > receivedAt + maxAheadMs * 1000) return received(said, 'ahead');
  if (said < YEAR_2000) return received(said, 'before_2000');
  return {
    recordedAt: said,
    deviceTimestamp: said,
    timeSource: 'device',
    mark: undefined,
    tooOld: said < oldest,
  };
}

/**
 * Reads a time as devices write it: a number of seconds, milli-, micro- or nanoseconds since 1970,
 * told apart by magnitude; the same as text; or ISO 8601 (`2025-11-23T12:13:20.5+01:00`), where a space or
 * `_` may stand for the `T` (V-Mark), and no zone means UTC.
 * @returns undefined for what is no time (31 February included) or lies outside the years 1000 to 9999
 */
export function parseTime(stated: number | string): Microseconds | undefined {
  const at = typeof stated === 'number' ? sinceEpoch(stated) : parseText(stated);
  return at >= EARLIEST && at <= LATEST ? at : undefined;
}

/** The units' ranges meet in the year 5138, and in 1973 a unit lower: no real clock is near either. */
function sinceEpoch(number: number): Microseconds {
  const size = Math.abs(number);
  if (size < 1e11) return Math.round(number * 1e6);
  if (size < 1e14) return Math.round(number * 1e3);
  if (size < 1e17) return Math.round(number);
  if (size < 1e20) return Math.round(number / 1e3);
  return Number.NaN;
}

/** Longer than any form below; what is longer isn't looked at. */
const MAX_TIME_CHARACTERS = 40;
const DASH = 0x2d;

function parseText(stated: string): Microseconds {
  if (stated.length > MAX_TIME_CHARACTERS) return Number.NaN;
  const text = stated.trim();
  if (text.charCodeAt(4) === DASH) return parseIso(text);
  return /^-?\d{1,20}(?:\.\d{1,9})?$/.test(text) ? sinceEpoch(Number(text)) : Number.NaN;
}

/** ISO 8601 by position. Whatever is missing or no digit becomes NaN, which every comparison below refuses. */
function parseIso(text: string): Microseconds {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (text.charCodeAt(7) !== DASH || !isDate(year, month, day)) return Number.NaN;
  const midnight = Date.UTC(year, month - 1, day) * 1000;
  if (text.length === 10) return midnight;

  if (!'T_ t'.includes(text.charAt(10))) return Number.NaN;
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (text.charAt(13) !== ':' || !(hour <= 23 && minute <= 59)) return Number.NaN;
  let at = 16;
  let second = 0;
  let fraction = 0;
  if (text.charAt(at) === ':') {
    second = digits(text, at + 1, 2);
    at += 3;
    const point = text.charAt(at);
    if (point === '.' || point === ',') {
      const end = endOfDigits(text, at + 1);
      if (end === at + 1) return Number.NaN;
      fraction = digits(text.slice(at + 1, end).padEnd(6, '0'), 0, 6);
      at = end;
    }
  }
  // 60 is a leap second, which falls on the next minute's first as in PostgreSQL.
  if (!(second <= 60)) return Number.NaN;
  const offset = zoneMinutes(text, at);
  return midnight + ((hour * 60 + minute - offset) * 60 + second) * 1e6 + fraction;
}

/** Minutes east of UTC that stand at the end of a time; NaN if what stands there is no zone. */
function zoneMinutes(text: string, at: number): number {
  if (at === text.length) return 0;
  let from = at;
  if (text.charAt(from) === ' ') from += 1;
  const sign = text.charAt(from);
  if (sign === 'Z' || sign === 'z') return from + 1 === text.length ? 0 : Number.NaN;
  if (sign !== '+' && sign !== '-') return Number.NaN;
  const hours = digits(text, from + 1, 2);
  from += 3;
  let minutes = 0;
  if (from < text.length) {
    if (text.charAt(from) === ':') from += 1;
    minutes = digits(text, from, 2);
    from += 2;
  }
  if (from !== text.length || !(hours <= 15 && minutes <= 59)) return Number.NaN;
  return sign === '-' ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

function isDate(year: number, month: number, day: number): boolean {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999, and Go's zero time is in the year 1.
  if (!(year >= 1000 && month >= 1 && month <= 12 && day >= 1)) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days =
    month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return day <= days;
}

/** The number that `count` digits make, or NaN if one of them is no digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at += 1;
  return at;
}
