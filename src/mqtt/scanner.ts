import { bodyOffset, MalformedPacket, PacketTooLarge } from './packet.ts';

/**
 * Called for each whole packet: `buffer[start]` is its first byte, `buffer[body]` the first behind the fixed
 * header, `end` the first behind it. The buffer is only lent for packets that came in pieces, so keep a
 * `subarray` freely but never write to it. Return false to stop: the connection is gone.
 */
export type PacketSink = (buffer: Buffer, start: number, body: number, end: number) => boolean;

/**
 * Called for a packet above the limit once all of it has passed by. `buffer` holds its beginning, up to `end`: fixed
 * header and, of a PUBLISH, topic and packet id; `body` as in PacketSink. `bytes` is the packet's whole length.
 */
export type OversizedSink = (buffer: Buffer, body: number, end: number, bytes: number) => void;

const NOT_YET = -1;
/** Fixed header, a topic of the greatest length behind its own, packet id: what is kept of a packet above the limit. */
const BEGINNING = 5 + 2 + 65_535 + 2;

/**
 * Cuts a byte stream into MQTT packets by their fixed headers alone (3.1.1 section 2.2), in place:
 * only a packet that arrives in pieces is copied, once, and never more than its announced size is held.
 */
export class PacketScanner {
  readonly #limit: number;
  /** The packet that is still arriving, or nothing. */
  #held: Buffer = Buffer.alloc(0);
  #length = 0;
  readonly #oversized: OversizedSink | undefined;
  /** Whole length of the packet above the limit whose beginning is arriving; 0 for none. */
  #announced = 0;
  /** The packet above the limit whose rest is passing by: its beginning, its length, and how much is to come. */
  #passing: { beginning: Buffer; bytes: number; left: number } | undefined;

  /**
   * @param limit bytes of a packet's remaining length, at most
   * @param oversized given, packets above the limit pass by unread, and are told to it; else they are an error
   */
  constructor(limit: number, oversized?: OversizedSink) {
    this.#limit = limit;
    this.#oversized = oversized;
  }

  /** True while the first part of a packet waits for its rest. */
  get partial(): boolean {
    return this.#length > 0 || this.#passing !== undefined;
  }

  /**
   * @returns how many bytes of the chunk were used: all, unless the sink said stop
   * @throws MalformedPacket for a remaining length of more than four bytes
   * @throws PacketTooLarge before the body of such a packet is read
   */
  push(chunk: Buffer, sink: PacketSink): number {
    let at = this.#passing ? this.#pass(chunk, 0) : 0;
    if (this.#length > 0) {
      at = this.#complete(chunk);
      if (at === NOT_YET) return chunk.length;
      const packet = this.#held;
      this.#length = 0;
      this.#held = Buffer.alloc(0);
      if (this.#announced > 0) at = this.#letPass(packet, chunk, at);
      else if (!sink(packet, 0, bodyOffset(packet, 0), packet.length)) return at;
    }
    while (at < chunk.length) {
      const total = this.#totalLength(chunk, at, chunk.length);
      if (total === NOT_YET || at + total > chunk.length) {
        this.#append(chunk, at, chunk.length - at, total);
        return chunk.length;
      }
      at += total;
      if (this.#announced > 0) at = this.#letPass(chunk.subarray(at - total, at), chunk, at);
      else if (!sink(chunk, at - total, bodyOffset(chunk, at - total), at)) return at;
    }
    return at;
  }

  /** The beginning of a packet above the limit is there. @returns where what follows it begins in the chunk */
  #letPass(beginning: Buffer, chunk: Buffer, at: number): number {
    this.#passing = { beginning, bytes: this.#announced, left: this.#announced - beginning.length };
    this.#announced = 0;
    return this.#pass(chunk, at);
  }

  #pass(chunk: Buffer, at: number): number {
    const passing = this.#passing!;
    const count = Math.min(passing.left, chunk.length - at);
    passing.left -= count;
    if (passing.left === 0) {
      this.#passing = undefined;
      const { beginning, bytes } = passing;
      this.#oversized!(beginning, bodyOffset(beginning, 0), beginning.length, bytes);
    }
    return at + count;
  }

  /** Adds to the held packet. @returns bytes taken when it is whole, else NOT_YET: all of the chunk is held */
  #complete(chunk: Buffer): number {
    for (let at = 0; ; ) {
      const total = this.#totalLength(this.#held, 0, this.#length);
      if (total === this.#length) {
        this.#held = this.#held.subarray(0, total);
        return at;
      }
      if (at === chunk.length) return NOT_YET;
      // Without a whole fixed header, one byte at a time until there is one: at most four rounds.
      const want = total === NOT_YET ? 1 : total - this.#length;
      const count = Math.min(want, chunk.length - at);
      this.#append(chunk, at, count, total);
      at += count;
    }
  }

  /** Grows by doubling up to the packet's size, so that announcing much and sending little holds little. */
  #append(chunk: Buffer, from: number, count: number, total: number): void {
    const needed = this.#length + count;
    if (needed > this.#held.length) {
      const most = total === NOT_YET ? 64 : total;
      const grown = Buffer.allocUnsafe(
        Math.min(Math.max(needed, this.#held.length * 2, 64), Math.max(most, needed)),
      );
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#length, from, from + count);
    this.#length = needed;
  }

  /**
   * How long the packet is that begins at `at`, or its beginning if it is to pass by; NOT_YET while its fixed header is
   * incomplete.
   */
  #totalLength(buffer: Buffer, at: number, end: number): number {
    let remaining = 0;
    for (let index = 1; index <= 4; index += 1) {
      if (at + index >= end) return NOT_YET;
      const byte = buffer[at + index]!;
      remaining += (byte & 127) * 2 ** (7 * (index - 1));
      if (byte < 128) {
        if (remaining <= this.#limit) return 1 + index + remaining;
        if (!this.#oversized) throw new PacketTooLarge(remaining, this.#limit);
        this.#announced = 1 + index + remaining;
        return Math.min(this.#announced, BEGINNING);
      }
    }
    throw new MalformedPacket('remaining length of more than four bytes');
  }
}
