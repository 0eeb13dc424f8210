import { Refusal } from './flat.ts';
import { base64url } from './text.ts';

/** More than `readTree` takes in any form; this one bounds the stack. */
const MOST_LEVELS = 64;
/** In one string of indefinite length: who streams a text sends a few. */
const MOST_PARTS = 1000;
const INDEFINITE = 31;
const BREAK = 0xff;

/** Tags whose content says it all: a date as text, seconds since 1970, a URI, "this is CBOR". */
const transparentTags = [0, 1, 32, 55799];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The one data item that the bytes are (RFC 8949), in JSON's model: objects without a prototype, arrays, texts,
 * numbers, booleans, null. Integers are rounded to float64 beyond 2^53, byte strings become base64url, integer keys
 * their decimal text; undefined and NaN are null. Time and memory are linear in the bytes: lengths are believed only
 * as the bytes come.
 * @throws Refusal for what is no CBOR, or has no place in JSON's model
 */
export function readItem(bytes: Uint8Array): unknown {
  const reader = new ItemReader(bytes);
  const item = reader.item(1);
  reader.end();
  return item;
}

class ItemReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw malformed(`${left} bytes follow its item`);
  }

  item(depth: number): unknown {
    if (depth > MOST_LEVELS) throw new Refusal('too_deep', `more than ${MOST_LEVELS} levels`);
    const { major, info } = this.#head();
    if (major === 0) return this.#argument(info);
    if (major === 1) return -1 - this.#argument(info);
    if (major === 2) return textOfBytes(this.#octets(info));
    if (major === 3) return this.#text(info);
    if (major === 4) return this.#array(info, depth);
    if (major === 5) return this.#map(info, depth);
    if (major === 6) return this.#tagged(this.#argument(info), depth);
    return this.#simple(info);
  }

  #array(info: number, depth: number): unknown[] {
    const items: unknown[] = [];
    for (let left = this.#count(info); left > 0 && !this.#ends(info); left -= 1) {
      items.push(this.item(depth + 1));
    }
    return items;
  }

  /** Without a prototype, so that no key means anything but itself. Of two with one key the later wins, as in JSON. */
  #map(info: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = Object.create(null);
    for (let left = this.#count(info); left > 0 && !this.#ends(info); left -= 1) {
      const key = this.#key();
      map[key] = this.item(depth + 1);
    }
    return map;
  }

  #key(): string {
    const { major, info } = this.#head();
    if (major === 3) return this.#text(info);
    if (major === 0) return String(this.#argument(info));
    if (major === 1) return String(-1 - this.#argument(info));
    throw new Refusal('not_understood', 'a key in it is neither a text nor an integer');
  }

  #tagged(tag: number, depth: number): unknown {
    if (tag === 2) return this.#bigInteger();
    if (tag === 3) return -1 - this.#bigInteger();
    const content = this.item(depth + 1);
    if (transparentTags.includes(tag)) return content;
    if (tag === 4) return decimalFraction(content);
    throw new Refusal('not_understood', `a value in it has the tag ${tag}, which has no form in JSON`);
  }

  #bigInteger(): number {
    const { major, info } = this.#head();
    if (major !== 2) throw malformed('a big integer in it is not made of bytes');
    return this.#octets(info).reduce((number, byte) => number * 256 + byte, 0);
  }

  #simple(info: number): boolean | number | null {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22 || info === 23) return null;
    if (info < 25 || info > 27) throw malformed('it holds a simple value that means nothing');
    const at = this.#take(2 ** (info - 24));
    const number =
      info === 25
        ? halfFloat(this.#view.getUint16(at))
        : info === 26
          ? this.#view.getFloat32(at)
          : this.#view.getFloat64(at);
    return Number.isNaN(number) ? null : number;
  }

  #text(info: number): string {
    try {
      return this.#chunks(3, info)
        .map((chunk) => utf8.decode(chunk))
        .join('');
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal('not_utf8', 'a text in it is not UTF-8');
    }
  }

  #octets(info: number): Uint8Array {
    const chunks = this.#chunks(2, info);
    if (chunks.length === 1) return chunks[0]!;
    const octets = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      octets.set(chunk, at);
      at += chunk.length;
    }
    return octets;
  }

  /** A string of indefinite length comes as definite ones of its kind. */
  #chunks(kind: number, info: number): Uint8Array[] {
    if (info !== INDEFINITE) return [this.#bytesOf(this.#argument(info))];
    const chunks: Uint8Array[] = [];
    while (!this.#ends(info)) {
      if (chunks.length === MOST_PARTS) throw new Refusal('too_long', `a string of over ${MOST_PARTS} parts`);
      const chunk = this.#head();
      if (chunk.major !== kind) throw malformed('a string in it has parts of another kind');
      chunks.push(this.#bytesOf(this.#argument(chunk.info)));
    }
    return chunks;
  }

  #head(): { major: number; info: number } {
    const first = this.#bytes[this.#take(1)]!;
    return { major: first >> 5, info: first & 0x1f };
  }

  #count(info: number): number {
    return info === INDEFINITE ? Number.POSITIVE_INFINITY : this.#argument(info);
  }

  /** The number that a head announces or is. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info === 24) return this.#view.getUint8(this.#take(1));
    if (info === 25) return this.#view.getUint16(this.#take(2));
    if (info === 26) return this.#view.getUint32(this.#take(4));
    if (info !== 27) throw malformed('a length in it means nothing');
    const at = this.#take(8);
    return this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  /** Whether what `info` left open ends here. */
  #ends(info: number): boolean {
    if (info !== INDEFINITE || this.#bytes[this.#at] !== BREAK) return false;
    this.#at += 1;
    return true;
  }

  #bytesOf(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw malformed('it ends in the middle of an item');
    this.#at += length;
    return at;
  }
}

function malformed(detail: string): Refusal {
  return new Refusal('not_understood', `not CBOR: ${detail}`);
}

function textOfBytes(bytes: Uint8Array): string {
  const text = base64url(bytes);
  if (text === undefined) throw new Refusal('too_long', `a byte string of ${bytes.length} bytes`);
  return text;
}

/** 27.15 as [-2, 2715]: through decimal text, since 2715 × 0.01 isn't 27.15. */
function decimalFraction(content: unknown): number {
  const [exponent, mantissa] = Array.isArray(content) && content.length === 2 ? content : [];
  if (!Number.isSafeInteger(exponent) || !Number.isSafeInteger(mantissa)) {
    throw new Refusal('not_understood', 'a decimal fraction in it is not made of two integers');
  }
  return Number(`${mantissa}e${exponent}`);
}

function halfFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
