import { type Decoded, type ReadingValue, readingLimits } from '../domain/reading.ts';
import { ReadingsByTime } from './by-time.ts';
import { parseCbor } from './cbor.ts';
import type { Decoder } from './decoder.ts';
import { isObject, type JsonObject, orRefused, Refusal } from './flat.ts';
import { parseJsonBytes } from './json.ts';
import { cborLabels, fieldTypes, MOST_VERSION, valueFields } from './senml-fields.ts';
import type { Document } from './tree.ts';

/**
 * SenML (RFC 8428), JSON or CBOR, its base fields resolved: a name is `bn` and `n` together, a time the sum of `bt`
 * and `t`. Records of one time are one reading. A sum is a value of its own, `{name}.sum`; units are not kept. No
 * time means the time of receipt. One relative to it (below 2^28) is passed on as it stands and so will be kept and
 * marked: resolved against the clock, a resend would be another reading.
 */
export const senml: Decoder = ({ payload }) => {
  const isCbor = (payload[0] ?? 0) >> 5 === 4;
  const document = isCbor ? parseCbor(payload) : parseJsonBytes(payload);
  if ('reason' in document) return document;
  const { root, escapes } = document;
  return readSenml({ root: isCbor && Array.isArray(root) ? root.map(labelled) : root, escapes });
};

interface Base {
  name: string;
  time: number;
  value: number;
  sum: number | undefined;
}

/** As `senml`, of JSON that is parsed. */
export function readSenml({ root, escapes }: Document): Decoded {
  return orRefused(() => {
    if (!Array.isArray(root)) throw new Refusal('not_understood', 'no SenML: it is not an array of records');
    // A base name is repeated for each record.
    if (root.length > readingLimits.repeatedValues) {
      throw new Refusal('too_many_values', `more than ${readingLimits.repeatedValues} records`);
    }
    const readings = new ReadingsByTime(escapes);
    const base: Base = { name: '', time: 0, value: 0, sum: undefined };
    for (const record of root) {
      if (!isObject(record)) throw new Refusal('not_understood', 'a record is not an object');
      checkFields(record);
      resolve(record, base, readings);
    }
    return readings.decoded();
  });
}

/** The types of all fields are checked by now. */
function resolve(record: JsonObject, base: Base, readings: ReadingsByTime): void {
  base.name = (record.bn as string | undefined) ?? base.name;
  base.time = (record.bt as number | undefined) ?? base.time;
  base.value = (record.bv as number | undefined) ?? base.value;
  base.sum = (record.bs as number | undefined) ?? base.sum;
  const name = base.name + ((record.n as string | undefined) ?? '');
  const value = valueIn(record, base, name);
  const sum = sumOf(record, base, value !== undefined);
  if (value === undefined && sum === undefined) {
    if (['n', 't', 'u', 'ut'].some((field) => field in record)) {
      throw new Refusal('not_understood', `the record ${name || 'without a name'} has no value`);
    }
    return;
  }
  const time = base.time + ((record.t as number | undefined) ?? 0) || undefined;
  if (value !== undefined) readings.add(time, name, value);
  if (sum !== undefined) readings.add(time, name && `${name}.sum`, sum);
}

function valueIn(record: JsonObject, base: Base, name: string): ReadingValue | undefined {
  const [field, second] = valueFields.filter((candidate) => candidate in record);
  if (second !== undefined) throw new Refusal('not_understood', `two values in the record ${name}`);
  if (field === undefined) return undefined;
  return field === 'v' ? base.value + (record.v as number) : (record[field] as string | boolean);
}

/** RFC 8428, 4.1: of a base sum and a sum one may be absent, and counts as 0. */
function sumOf(record: JsonObject, base: Base, hasValue: boolean): number | undefined {
  if (!('s' in record) && (base.sum === undefined || !hasValue)) return undefined;
  return (base.sum ?? 0) + ((record.s as number | undefined) ?? 0);
}

function checkFields(record: JsonObject): void {
  for (const label in record) {
    const type = fieldTypes.get(label);
    if (type !== undefined && typeof record[label] !== type) {
      throw new Refusal('not_understood', `the field ${label} of a record is not a ${type}`);
    }
    // Others are to be ignored, but these say that a record means something else without them.
    if (type === undefined && label.endsWith('_')) {
      throw new Refusal('not_understood', `a record can’t be understood without its field ${label}`);
    }
  }
  const version = record.bver;
  if (typeof version === 'number' && version > MOST_VERSION) {
    throw new Refusal(
      'not_understood',
      `SenML of version ${version}, and ${MOST_VERSION} is the latest known`,
    );
  }
}

function labelled(record: unknown): unknown {
  if (!isObject(record)) return record;
  const entries = Object.entries(record).map(([label, value]) => [cborLabels.get(label) ?? label, value]);
  return Object.fromEntries(entries);
}
