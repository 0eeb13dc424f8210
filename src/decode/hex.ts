import { bytesOf, type FieldTemplate, type TemplateField } from '../domain/field-template.ts';
import type { Decoder } from './decoder.ts';
import { orRefused, Refusal } from './flat.ts';
import { refused } from './text.ts';
import { readTree } from './tree.ts';

/**
 * Binary payloads, as bytes or as hexadecimal text, by a template that says what stands where. Its values are treated
 * as those of a flat JSON object, a time among them included. A payload that ends before a field does is refused;
 * bytes that no field names are nobody's.
 */
export function hexBy(template: FieldTemplate): Decoder {
  const needed = Math.max(...template.fields.map((field) => field.offset + bytesOf(field)));
  return ({ payload }) => {
    if (payload.length === 0) return refused('empty_payload', 'nothing was sent');
    return orRefused(() => {
      const bytes = bytesIn(payload, template.encoding, needed);
      const values: Record<string, unknown> = Object.create(null);
      for (const field of template.fields) values[field.name] = valueIn(field, bytes);
      return readTree({ root: values, escapes: true });
    });
  };
}

/**
 * Bytes that happen to be hexadecimal digits throughout would be taken for text in one message and not in the next.
 * So they count as text only if there are two for each byte of the template.
 */
function bytesIn(payload: Uint8Array, encoding: FieldTemplate['encoding'], needed: number): Uint8Array {
  if (encoding === 'bytes' || (encoding === undefined && payload.length < 2 * needed)) return payload;
  const bytes = fromHex(payload);
  if (bytes && (encoding === 'hex' || bytes.length >= needed)) return bytes;
  if (encoding === 'hex') throw new Refusal('not_understood', 'not an even number of hexadecimal digits');
  return payload;
}

/** @returns undefined for anything but pairs of digits, `0x` before them and space, `:` or `-` between them */
function fromHex(payload: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(payload.length >> 1);
  let digits = 0;
  for (let at = payload[0] === 0x30 && isX(payload[1]) ? 2 : 0; at < payload.length; at += 1) {
    const character = payload[at]!;
    if (separators.includes(character)) continue;
    const digit = digitOf(character);
    if (digit === undefined) return undefined;
    const index = digits >> 1;
    bytes[index] = bytes[index]! * 16 + digit;
    digits += 1;
  }
  return digits % 2 === 0 ? bytes.subarray(0, digits / 2) : undefined;
}

/** Space, tab, line ends, `:` and `-`. */
const separators = [0x20, 0x09, 0x0a, 0x0d, 0x3a, 0x2d];
const isX = (character: number | undefined) => character === 0x78 || character === 0x58;

function digitOf(character: number): number | undefined {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const letter = character | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}

/** A field's value; null where the device says that it has none. */
function valueIn(field: TemplateField, payload: Uint8Array): number | string | boolean | null {
  const end = field.offset + bytesOf(field);
  if (end > payload.length) {
    throw new Refusal(
      'not_understood',
      `${field.name} ends at byte ${end}, and the payload has ${payload.length}`,
    );
  }
  // A copy: what is reversed here is the message that will be stored.
  const bytes = new Uint8Array(payload.subarray(field.offset, end));
  if (field.endian === 'little') bytes.reverse();
  if (field.type === 'text') return textIn(bytes, field.name);
  if (field.type === 'bool')
    return (field.bit === undefined ? bytes[0]! : bytes[0]! & (1 << field.bit)) !== 0;
  const number = numberIn(bytes, field);
  return Number.isNaN(number) ? null : scaled(number, field);
}

function numberIn(bytes: Uint8Array, field: TemplateField): number {
  const view = new DataView(bytes.buffer);
  if (field.type === 'float32') return view.getFloat32(0);
  if (field.type === 'float64') return view.getFloat64(0);
  if (field.type === 'bcd') return bcdIn(bytes, field.name);
  const unsigned = bytes.reduce((number, byte) => number * 256 + byte, 0);
  const isNegative = field.type.startsWith('int') && bytes[0]! >= 0x80;
  const number = isNegative ? -1 - bytes.reduce((rest, byte) => rest * 256 + (255 - byte), 0) : unsigned;
  if (!Number.isSafeInteger(number)) {
    throw new Refusal('not_understood', `the integer in ${field.name} is beyond 2^53`);
  }
  const part = Math.floor(number / 2 ** (field.bit ?? 0));
  return field.bits === undefined ? part : part % 2 ** field.bits;
}

/** Two decimal digits a byte. */
function bcdIn(bytes: Uint8Array, name: string): number {
  let number = 0;
  for (const byte of bytes) {
    if ((byte & 0x0f) > 9 || byte >> 4 > 9) {
      throw new Refusal('not_understood', `${name} is no decimal number: a half-byte of it is above 9`);
    }
    number = number * 100 + (byte >> 4) * 10 + (byte & 0x0f);
  }
  return number;
}

/** To 15 digits, so that 213 × 0.1 is 21.3. */
function scaled(number: number, { scale, add }: TemplateField): number {
  if (scale === undefined && add === undefined) return number;
  return Number((number * (scale ?? 1) + (add ?? 0)).toPrecision(15));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Devices fill a text up with NUL. */
function textIn(bytes: Uint8Array, name: string): string {
  try {
    return utf8.decode(bytes).replace(/\0+$/, '');
  } catch {
    throw new Refusal('not_utf8', `the text in ${name} is not UTF-8`);
  }
}
