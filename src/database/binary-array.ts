/**
 * PostgreSQL arrays in their binary form, built straight into one growing buffer. `pg` sends a Buffer parameter
 * as binary, so a batch is written once
 * here and the server parses no text.
 *
 * Format: `array_recv` in PostgreSQL's arrayfuncs.c: dimensions, null flag, element type, length, lower bound;
 * then each element's length (-1 for null) and bytes.
 */

/** Type OIDs, stable since PostgreSQL 8.3 (`pg_type.dat`). */
const oids = {
  int8: 20,
  int4: 23,
  int2: 21,
  text: 25,
  bytea: 17,
  bool: 16,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
} as const;

export type ElementType = keyof typeof oids;

const HEADER_BYTES = 20;
/** Microseconds from 1970 to PostgreSQL's epoch, 2000-01-01. */
const POSTGRES_EPOCH = 946_684_800_000_000;
const TWO_TO_32 = 4_294_967_296;
const JSONB_VERSION = 1;

export class BinaryArray {
  readonly #type: ElementType;
  #buffer: Buffer;
  #at = HEADER_BYTES;
  #count = 0;
  #nulls = 0;

  constructor(type: ElementType, initialBytes = 4096) {
    this.#type = type;
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.#count;
  }

  null(): void {
    this.#reserve(4);
    this.#buffer.writeInt32BE(-1, this.#at);
    this.#at += 4;
    this.#count += 1;
    this.#nulls = 1;
  }

  /** The value by one of the methods below, or null: `array.optional(row.note, array.text)`. */
  optional<Value>(value: Value | undefined, add: (this: BinaryArray, value: Value) => void): void {
    if (value === undefined) this.null();
    else add.call(this, value);
  }

  /** 16 bytes of a uuid, or any bytes of a bytea. */
  bytes(value: Uint8Array): void {
    this.#open(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** A 64-bit integer from its two halves, taken as unsigned 32-bit. */
  int8(high: number, low: number): void {
    this.#open(8);
    this.#at = this.#buffer.writeInt32BE(high | 0, this.#at);
    this.#at = this.#buffer.writeInt32BE(low | 0, this.#at);
  }

  /** An integer within ±2^53. */
  integer(value: number): void {
    // `>>> 0` is modulo 2^32 for negative and large values too: two's complement.
    this.int8(Math.floor(value / TWO_TO_32), value >>> 0);
  }

  int4(value: number): void {
    this.#open(4);
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
  }

  int2(value: number): void {
    this.#open(2);
    this.#at = this.#buffer.writeInt16BE(value, this.#at);
  }

  bool(value: boolean): void {
    this.#open(1);
    this.#buffer[this.#at] = value ? 1 : 0;
    this.#at += 1;
  }

  /** @param microseconds since 1970, within ±2^53 */
  timestamp(microseconds: number): void {
    this.integer(microseconds - POSTGRES_EPOCH);
  }

  text(value: string): void {
    this.#string(value, 0);
  }

  /** @param json valid JSON without NUL characters or lone surrogates, which jsonb refuses */
  jsonb(json: string): void {
    this.#string(json, 1);
  }

  /** The finished parameter; the array is not to be added to afterwards. */
  finish(): Buffer {
    const buffer = this.#buffer;
    buffer.writeInt32BE(this.#count === 0 ? 0 : 1, 0);
    buffer.writeInt32BE(this.#nulls, 4);
    buffer.writeInt32BE(oids[this.#type], 8);
    buffer.writeInt32BE(this.#count, 12);
    buffer.writeInt32BE(1, 16);
    return buffer.subarray(0, this.#count === 0 ? 12 : this.#at);
  }

  #string(value: string, versionBytes: 0 | 1): void {
    // UTF-8 needs at most three bytes for a UTF-16 unit.
    this.#reserve(4 + versionBytes + value.length * 3);
    const start = this.#at + 4;
    if (versionBytes === 1) this.#buffer[start] = JSONB_VERSION;
    const written = this.#buffer.write(value, start + versionBytes) + versionBytes;
    this.#buffer.writeInt32BE(written, this.#at);
    this.#at = start + written;
    this.#count += 1;
  }

  #open(bytes: number): void {
    this.#reserve(4 + bytes);
    this.#at = this.#buffer.writeInt32BE(bytes, this.#at);
    this.#count += 1;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

/** A batch's column: `column('text', topics, (array, topic) => array.text(topic))`. */
export function column<Row>(
  type: ElementType,
  rows: readonly Row[],
  add: (array: BinaryArray, row: Row) => void,
): Buffer {
  const array = new BinaryArray(type, HEADER_BYTES + rows.length * 24);
  for (const row of rows) add(array, row);
  return array.finish();
}

/** The 16 bytes of a uuid's text. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
