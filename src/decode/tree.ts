import { type Decoded, type DecodedReading, type ReadingValue, readingLimits } from '../domain/reading.ts';
import { type Microseconds, parseTime } from '../domain/time.ts';
import {
  addValue,
  checkCount,
  checkDepth,
  checkReadings,
  decodedOf,
  type Flat,
  flatten,
  isObject,
  type JsonObject,
  orRefused,
  Refusal,
} from './flat.ts';

/** A payload whose syntax was understood, JSON's or another of the same model. */
export interface Document {
  /** Objects, arrays, texts, numbers, booleans and null, no more. */
  root: unknown;
  /** Whether a name or text in it may hold NUL or half a surrogate pair. */
  escapes: boolean;
}

/**
 * The readings of an object, or of an array of objects.
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
export function readTree({ root, escapes }: Document): Decoded {
  const message: Message = { readings: [], repeated: 0, escapes };
  return orRefused(() => {
    if (Array.isArray(root)) readSamples(root, nothingBeside, message, 1);
    else if (isObject(root)) readSample(root, nothingBeside, message, 1);
    else if (root !== null) throw new Refusal('not_understood', `a bare ${typeof root} has no name`);
    return decodedOf(message.readings);
  });
}

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
  checkReadings(message.readings.length);
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
