import {
  type Decoded,
  type DecodedReading,
  isStorable,
  type QuarantineReason,
  type ReadingValue,
  readingLimits,
} from '../domain/reading.ts';
import { type Refused, refused } from './text.ts';

/** What every decoder builds readings of, and where the limits of one message are kept. */

export type JsonObject = Record<string, unknown>;

/** Thrown to leave a payload from any depth. No Error: nobody reads its stack, and hostile senders cause many. */
export class Refusal {
  readonly reason: QuarantineReason;
  readonly detail: string;

  constructor(reason: QuarantineReason, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

/** What `read` gives, or why it refused. */
export function orRefused<Read>(read: () => Read): Read | Refused {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return refused(error.reason, error.detail);
    throw error;
  }
}

/** The readings of a message. @throws Refusal when there are none */
export function decodedOf(readings: DecodedReading[]): Decoded {
  if (readings.length === 0) throw new Refusal('no_values', 'nothing in it, or nothing but null');
  return { ok: true, readings };
}

/** The values of a reading while they are gathered. */
export interface Flat {
  values: Record<string, ReadingValue>;
  count: number;
  /** Whether a name or text may hold NUL or half a surrogate pair, so that each has to be looked at. */
  escapes: boolean;
}

/** Adds all that an object or array holds, what it nests by names joined with dots. Null is left out. */
export function flatten(
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

/** @throws Refusal for what can't be stored as it is, or is too much */
export function addValue(name: string, value: ReadingValue, into: Flat): void {
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

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function checkDepth(depth: number): void {
  if (depth > readingLimits.depth) throw new Refusal('too_deep', `more than ${readingLimits.depth} levels`);
}

export function checkCount(count: number): void {
  if (count > readingLimits.valuesPerReading) {
    throw new Refusal('too_many_values', `more than ${readingLimits.valuesPerReading} values in a reading`);
  }
}

/** Checked before a reading is added to as many as `readings`. */
export function checkReadings(readings: number): void {
  if (readings >= readingLimits.readingsPerMessage) {
    throw new Refusal('too_many_values', `more than ${readingLimits.readingsPerMessage} readings`);
  }
}
