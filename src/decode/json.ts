import {
  type Decoded,
  type DecodedReading,
  isStorable,
  type QuarantineReason,
  type ReadingValue,
  readingLimits,
} from '../domain/reading.ts';
import { type Microseconds, parseTime } from '../domain/time.ts';
import type { Decoder } from './decoder.ts';
import { refused, textOf } from './text.ts';

/**
 * JSON objects and arrays of them.
 *
 * - An object is a reading, what it nests flattened: `{"a":{"b":1},"c":[2]}` → `a.b`, `c.0`. Of two
 *   values that come to one name the later wins.
 * - An array of objects is as many readings.
 * - An envelope holds its values in `values`, `data`, `telemetry` or `metrics`, as one object or an array
 *   of samples, and beside it a time, an id, or nothing. Numbers and booleans beside it are values too (a
 *   signal strength); texts, objects and ids describe the message and are not.
 * - `ts`, `timestamp`, `time`, `Time` or `last_seen` is the time where it reads as one; else it is a value.
 *
 * Null says that there is no value and is left out. Nothing else is: what can't be stored (a number
 * beyond float64, which JSON could only write as null; a name that is empty or begins with `__proto__`; more than
 * `readingLimits`; NUL or half a surrogate pair in a name or text) refuses the whole message, so that no part of it
 * is lost or altered unseen. Integers beyond 2^53 are rounded to float64.
 */
export const json: Decoder = ({ payload }) => {
  const text = textOf(payload);
  return typeof text === 'string' ? readJson(text) : text;
};

/** As `json`, of a payload that is text already. */
export function readJson(text: string): Decoded {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refused('not_json', (error as SyntaxError).message);
  }
  const message: Message = { readings: [], repeated: 0, escapes: text.includes('\\') };
  try {
    if (Array.isArray(parsed)) readSamples(parsed, nothingBeside, message, 1);
    else if (isObject(parsed)) readSample(parsed, nothingBeside, message, 1);
    else if (parsed !== null) throw new Refusal('not_understood', `a bare ${typeof parsed} has no name`);
  } catch (error) {
    if (error instanceof Refusal) return refused(error.reason, error.detail);
    throw error;
  }
  if (message.readings.length === 0) return refused('no_values', 'nothing in it, or nothing but null');
  return { ok: true, readings: message.readings };
}

type JsonObject = Record<string, unknown>;
type Values = Record<string, ReadingValue>;

interface Message {
  readings: DecodedReading[];
  /** Values that stood beside samples and were added to each. */
  repeated: number;
  /** Without a backslash in the payload there is no control character and no lone surrogate in any text of it. */
  escapes: boolean;
}

/** What an envelope says of each of its samples. */
interface Beside {
  time: number | string | undefined;
  values: [name: string, value: ReadingValue][];
}
const nothingBeside: Beside = { time: undefined, values: [] };

/** Thrown to leave a payload from any depth. No Error: nobody reads its stack, and hostile senders cause many. */
class Refusal {
  readonly reason: QuarantineReason;
  readonly detail: string;

  constructor(reason: QuarantineReason, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

function readSamples(samples: unknown[], beside: Beside, message: Message, depth: number): void {
  for (const sample of samples) {
    if (!isObject(sample)) throw new Refusal('not_understood', 'an array of something other than objects');
    readSample(sample, beside, message, depth);
  }
}

function readSample(sample: JsonObject, beside: Beside, message: Message, depth: number): void {
  checkDepth(depth);
  const container = containerOf(sample);
  const inside = container === undefined ? undefined : besideOf(sample, container, beside);
  if (container === undefined || inside === undefined) addReading(sample, beside, message, depth);
  else if (Array.isArray(sample[container])) readSamples(sample[container], inside, message, depth + 1);
  else readSample(sample[container] as JsonObject, inside, message, depth + 1);
}

const containerNames = ['values', 'data', 'telemetry', 'metrics'];

/** The one name among `containerNames` that holds an object or samples; with two, none is the container. */
function containerOf(sample: JsonObject): string | undefined {
  let found: string | undefined;
  for (const name of containerNames) {
    const content = sample[name];
    if (typeof content !== 'object' || content === null) continue;
    if (Array.isArray(content) && !content.every(isObject)) continue;
    if (found !== undefined) return undefined;
    found = name;
  }
  return found;
}

const idName = /^id$|_id$|Id$|ID$/;

/** What stands beside the container, on top of what stood beside this sample; undefined if it makes no envelope. */
function besideOf(sample: JsonObject, container: string, outer: Beside): Beside | undefined {
  const values = [...outer.values];
  let alone = true;
  let described = false;
  for (const name in sample) {
    if (name === container) continue;
    alone = false;
    const content = sample[name];
    if (idName.test(name) || (timeNames.includes(name) && isTimeLike(content))) described = true;
    else if (typeof content === 'number' || typeof content === 'boolean') values.push([name, content]);
  }
  if (!alone && !described) return undefined;
  checkCount(values.length);
  const time = timeNames.map((name) => sample[name]).find(isTimeLike);
  return { time: time ?? outer.time, values };
}

function addReading(sample: JsonObject, beside: Beside, message: Message, depth: number): void {
  if (message.readings.length >= readingLimits.readingsPerMessage) {
    throw new Refusal('too_many_values', `more than ${readingLimits.readingsPerMessage} readings`);
  }
  message.repeated += beside.values.length;
  if (message.repeated > readingLimits.repeatedValues) {
    throw new Refusal('too_many_values', `${beside.values.length} values beside so many samples`);
  }
  const reading: Flat = { values: {}, count: 0, escapes: message.escapes };
  for (const [name, value] of beside.values) addValue(name, value, reading);
  const timeName = timeNameOf(sample);
  flatten(sample, '', timeName, reading, depth);
  if (reading.count === 0) return;
  const time = timeName === undefined ? beside.time : (sample[timeName] as number | string);
  message.readings.push({ time, values: reading.values });
}

interface Flat {
  values: Values;
  count: number;
  escapes: boolean;
}

function flatten(
  from: JsonObject | unknown[],
  prefix: string,
  skip: string | undefined,
  into: Flat,
  depth: number,
): void {
  checkDepth(depth);
  if (Array.isArray(from)) checkCount(from.length);
  for (const key in from) {
    if (key === skip) continue;
    const content = (from as JsonObject)[key];
    if (typeof content === 'object') {
      if (content !== null) flatten(content as JsonObject, `${prefix}${key}.`, undefined, into, depth + 1);
    } else {
      addValue(prefix + key, content as ReadingValue, into);
    }
  }
}

function addValue(name: string, value: ReadingValue, into: Flat): void {
  if (name.length === 0) throw new Refusal('not_understood', 'a value without a name');
  if (name.startsWith('__proto__')) throw new Refusal('not_understood', 'a value can’t be named __proto__');
  if (name.length > readingLimits.nameCharacters) {
    throw new Refusal('too_long', `a name of ${name.length} characters`);
  }
  into.count += 1;
  checkCount(into.count);
  if (into.escapes && !isStorable(name)) throw new Refusal('not_storable', 'in a name');
  checkValue(name, value, into.escapes);
  into.values[name] = value;
}

function checkValue(name: string, value: ReadingValue, escapes: boolean): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Refusal('not_understood', `the number in ${name} is too large`);
  }
  if (typeof value !== 'string') return;
  if (value.length > readingLimits.textCharacters) {
    throw new Refusal('too_long', `a text of ${value.length} characters in ${name}`);
  }
  if (escapes && !isStorable(value)) throw new Refusal('not_storable', `in ${name}`);
}

/** In the order in which they are preferred. */
const timeNames = ['ts', 'timestamp', 'time', 'Time', 'last_seen'];
/** A small number by another name is a duration, or a time of day. */
const LEAST_TIME: Microseconds = Date.UTC(1973, 0) * 1000;

/** The name of the value that is a flat object's time. `ts` and `timestamp` may be any number: a clock that isn't set says 0. */
function timeNameOf(sample: JsonObject): string | undefined {
  for (const name of timeNames) {
    const stated = sample[name];
    if (!isTimeLike(stated)) continue;
    const at = parseTime(stated);
    if (at === undefined) continue;
    const isDate = typeof stated === 'string' && stated.includes('-', 4);
    if (at >= LEAST_TIME || isDate || name === 'ts' || name === 'timestamp') return name;
  }
  return undefined;
}

function isTimeLike(value: unknown): value is number | string {
  return typeof value === 'number' || typeof value === 'string';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkDepth(depth: number): void {
  if (depth > readingLimits.depth) throw new Refusal('too_deep', `more than ${readingLimits.depth} levels`);
}

function checkCount(count: number): void {
  if (count > readingLimits.valuesPerReading) {
    throw new Refusal('too_many_values', `more than ${readingLimits.valuesPerReading} values in a reading`);
  }
}
