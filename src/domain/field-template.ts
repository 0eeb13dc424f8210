import { isStorable, readingLimits } from './reading.ts';

/** What stands where in a device's binary payload: the settings of the decoder `hex`. */

/** Bytes that a value of each type takes; undefined where the field says its `length`. */
const typeBytes = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint24: 3,
  int24: 3,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float32: 4,
  float64: 8,
  bool: 1,
  bcd: undefined,
  text: undefined,
} as const;
export type FieldType = keyof typeof typeBytes;
export const fieldTypes = Object.keys(typeBytes) as FieldType[];

export interface TemplateField {
  /** What the value is called. `ts` or `timestamp` is the time, as in JSON. */
  name: string;
  type: FieldType;
  /** Bytes before it. */
  offset: number;
  /** Bytes of a `text` or `bcd`. */
  length?: number;
  /** Order of the bytes; `big`, the network's, unless it says otherwise. */
  endian?: 'big' | 'little';
  /** Lowest bit of a `bool` or of a part of an unsigned integer, 0 being the byte's or integer's lowest. */
  bit?: number;
  /** How many bits, from `bit` on, are the value of an unsigned integer. */
  bits?: number;
  /** A number is multiplied by this, */
  scale?: number;
  /** and then this is added. */
  add?: number;
}

export interface FieldTemplate {
  fields: readonly TemplateField[];
  /** Whether payloads are bytes or hexadecimal text. Unless it says so, text is known by holding twice the bytes. */
  encoding?: 'bytes' | 'hex';
}

export const templateLimits = {
  fields: readingLimits.valuesPerReading,
  offset: 65_535,
  textBytes: 1024,
  /** 14 digits, exact in a float64. */
  bcdBytes: 7,
} as const;

/** Bytes that a field of a template takes. */
export function bytesOf(field: TemplateField): number {
  return typeBytes[field.type] ?? field.length ?? 0;
}

export function isFieldTemplate(settings: unknown): settings is FieldTemplate {
  return templateProblem(settings) === undefined;
}

/** Why settings are no template that a payload can be read by, as a sentence's rest; undefined if they are one. */
export function templateProblem(settings: unknown): string | undefined {
  if (!isRecord(settings) || !Array.isArray(settings.fields)) return 'a template needs a list of fields';
  const { fields, encoding } = settings as { fields: unknown[]; encoding?: unknown };
  if (!isOneOf(encoding, [undefined, 'bytes', 'hex'])) return 'encoding is bytes or hex';
  if (fields.length === 0 || fields.length > templateLimits.fields) {
    return `a template has 1 to ${templateLimits.fields} fields`;
  }
  const names = new Set<unknown>();
  for (const [index, field] of fields.entries()) {
    const problem = isRecord(field) ? fieldProblem(field) : 'is not an object';
    if (problem !== undefined) return `field ${index}: ${problem}`;
    const { name } = field as { name: string };
    if (names.has(name)) return `field ${index}: another is called ${name}`;
    names.add(name);
  }
  return undefined;
}

function fieldProblem(field: Record<string, unknown>): string | undefined {
  const { name, type, offset, endian, scale, add } = field;
  if (typeof name !== 'string' || name.length === 0 || name.length > readingLimits.nameCharacters) {
    return `its name has 1 to ${readingLimits.nameCharacters} characters`;
  }
  if (!isStorable(name) || name.startsWith('__proto__')) return 'its name can’t be stored';
  if (!isOneOf(type, fieldTypes)) return `its type is one of ${fieldTypes.join(', ')}`;
  if (!isInteger(offset, 0, templateLimits.offset)) return `its offset is 0 to ${templateLimits.offset}`;
  if (!isOneOf(endian, [undefined, 'big', 'little'])) return 'its endian is big or little';
  if (!isFactor(scale) || scale === 0 || !isFactor(add)) return 'scale (not 0) and add are numbers';
  const isNumber = type !== 'bool' && type !== 'text';
  if (!isNumber && (scale !== undefined || add !== undefined)) return 'scale and add are for numbers';
  return lengthProblem(field) ?? bitProblem(field as unknown as TemplateField);
}

function lengthProblem({ type, length }: Record<string, unknown>): string | undefined {
  if (type !== 'text' && type !== 'bcd') {
    return length === undefined ? undefined : 'length is for text and bcd';
  }
  const longest = type === 'text' ? templateLimits.textBytes : templateLimits.bcdBytes;
  return isInteger(length, 1, longest) ? undefined : `its length is 1 to ${longest} bytes`;
}

function bitProblem({ type, bit, bits }: TemplateField): string | undefined {
  if (bit === undefined && bits === undefined) return undefined;
  const isPartial = ['uint8', 'uint16', 'uint24', 'uint32'].includes(type);
  if (type !== 'bool' && !isPartial) return 'bit is for bool and for uint8 to uint32';
  if (type === 'bool' && bits !== undefined) return 'a bool is one bit';
  const width = 8 * (typeBytes[type] ?? 0);
  const lowest = bit ?? 0;
  if (!isInteger(lowest, 0, width - 1)) return `its bit is 0 to ${width - 1}`;
  if (bits !== undefined && !isInteger(bits, 1, width - lowest)) {
    return `it has 1 to ${width - lowest} bits from bit ${lowest} on`;
  }
  return undefined;
}

function isFactor(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && Number.isFinite(value));
}

function isInteger(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isOneOf(value: unknown, choices: readonly unknown[]): boolean {
  return choices.includes(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
