import { Refusal } from './flat.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const nothing: Uint8Array = new Uint8Array();

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One field of a protobuf message. What it means is asked for, and refused where it is encoded as something else. */
export class ProtobufField {
  readonly number: number;
  readonly #wire: number;
  readonly #low: number;
  readonly #high: number;
  readonly #bytes: Uint8Array;

  constructor(number: number, wire: number, low: number, high: number, bytes: Uint8Array) {
    this.number = number;
    this.#wire = wire;
    this.#low = low;
    this.#high = high;
    this.#bytes = bytes;
  }

  /** Rounded to float64 beyond 2^53. */
  unsigned(): number {
    this.#expect(VARINT);
    return this.#high * 2 ** 32 + this.#low;
  }

  /** An int64. Rounded to float64 beyond 2^53. */
  signed64(): number {
    this.#expect(VARINT);
    return (this.#high | 0) * 2 ** 32 + this.#low;
  }

  /** The lowest 32 bits as an int32. */
  signed32(): number {
    this.#expect(VARINT);
    return this.#low | 0;
  }

  boolean(): boolean {
    this.#expect(VARINT);
    return this.#low !== 0 || this.#high !== 0;
  }

  float32(): number {
    this.#expect(FIXED32);
    return viewOf(this.#bytes).getFloat32(0, true);
  }

  float64(): number {
    this.#expect(FIXED64);
    return viewOf(this.#bytes).getFloat64(0, true);
  }

  bytes(): Uint8Array {
    this.#expect(LENGTH_DELIMITED);
    return this.#bytes;
  }

  text(): string {
    try {
      return utf8.decode(this.bytes());
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal('not_utf8', 'a text in it is not UTF-8');
    }
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw malformed(`field ${this.number} is of another type`);
  }
}

/**
 * The fields of a protobuf message in their order, unknown ones included; fields of a message in it are those of
 * its bytes. Groups are refused: only proto2's oldest messages have them.
 * @throws Refusal where the bytes are no protobuf
 */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  const reader = new WireReader(bytes);
  while (!reader.isAtEnd()) {
    reader.readVarint();
    const number = reader.low >>> 3;
    const wire = reader.low & 7;
    if (number === 0 || reader.high !== 0) throw malformed('a field has no number');
    let content = nothing;
    if (wire === FIXED64) content = reader.bytes(8);
    else if (wire === FIXED32) content = reader.bytes(4);
    else if (wire === VARINT || wire === LENGTH_DELIMITED) reader.readVarint();
    else throw malformed(`field ${number} is of no known type`);
    if (wire === LENGTH_DELIMITED) content = reader.bytes(reader.high * 2 ** 32 + reader.low);
    yield new ProtobufField(number, wire, reader.low, reader.high, content);
  }
}

class WireReader {
  /** The lower and upper 32 bits of the last varint. */
  low = 0;
  high = 0;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Seven bits a byte, the lowest first, at most ten bytes. */
  readVarint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw malformed('it ends in the middle of a field');
      this.#at += 1;
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high |= bits >>> 4;
      if (shift > 28) high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw malformed('a number in it is longer than 64 bits');
  }

  bytes(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw malformed('it ends in the middle of a field');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function malformed(detail: string): Refusal {
  return new Refusal('not_understood', `not Sparkplug B: ${detail}`);
}
