import { isObject, type JsonObject } from './flat.ts';

/** The fields of a SenML record: their types, their labels in CBOR, and how records are told from other JSON. */

/** RFC 8428, 4.4: what `bver` is where it is absent. */
export const MOST_VERSION = 10;

/** RFC 8428, 4.3 and table 4: label in JSON, label in CBOR, type. */
const fields: readonly (readonly [label: string, inCbor: number, type: 'string' | 'number' | 'boolean'])[] = [
  ['bver', -1, 'number'],
  ['bn', -2, 'string'],
  ['bt', -3, 'number'],
  ['bu', -4, 'string'],
  ['bv', -5, 'number'],
  ['bs', -6, 'number'],
  ['n', 0, 'string'],
  ['u', 1, 'string'],
  ['v', 2, 'number'],
  ['vs', 3, 'string'],
  ['vb', 4, 'boolean'],
  ['s', 5, 'number'],
  ['t', 6, 'number'],
  ['ut', 7, 'number'],
  ['vd', 8, 'string'],
];
export const fieldTypes = new Map(fields.map(([label, , type]) => [label, type]));
export const cborLabels = new Map(fields.map(([label, inCbor]) => [String(inCbor), label]));

/** A record has one of them, or a sum. */
export const valueFields = ['v', 'vs', 'vb', 'vd'];

/** Fields that other JSON hardly has by chance together with `n` and a value. */
const telling = ['bver', 'bn', 'bt', 'bu', 'bv', 'bs', 'u'];

/**
 * Whether parsed JSON is SenML beyond doubt: nothing but its fields with their types, each record with a name and a
 * value (or of base fields only), and a base field or unit somewhere. Other arrays of objects stay what they were.
 */
export function isSenml(root: unknown): boolean {
  if (!Array.isArray(root) || root.length === 0 || !root.every(isRecord)) return false;
  const records = root as JsonObject[];
  if (!records.some((record) => 's' in record || valueFields.some((field) => field in record))) return false;
  const isNamed = Boolean(records[0]!.bn) || records.every((record) => record.n);
  return isNamed && records.some((record) => telling.some((label) => label in record));
}

function isRecord(sample: unknown): boolean {
  if (!isObject(sample)) return false;
  const labels = Object.keys(sample);
  if (labels.some((label) => typeof sample[label] !== fieldTypes.get(label))) return false;
  const values = labels.filter((label) => valueFields.includes(label)).length;
  if (values === 0) return labels.includes('s') || labels.every((label) => label.startsWith('b'));
  return values === 1;
}
