import { bodyOffset, MalformedPacket, PacketTooLarge } from './packet.ts';

/**
 * Called for each whole packet: `buffer[start]` is its first byte, `buffer[body]` the first behind the fixed
 * header, `end` the first behind it. The buffer is only lent for packets that came in pieces, so keep a
 * `subarray` freely but never write to it. Return false to stop: the connection is gone.
 */
export type PacketSink = (buffer: Buffer, start: number, body: number, end: number) => boolean;

const NOT_YET = -1;

/**
 * Cuts a byte stream into MQTT packets by their fixed headers alone (3.1.1 section 2.2), in place:
 * only a packet that arrives in pieces is copied, once, and never more than its announced size is held.
 */
export class PacketScanner {
  readonly #limit: number;
  /** The packet that is still arriving, or nothing. */
  #held: Buffer = Buffer.alloc(0);
  #length = 0;

  /** @param limit bytes of a packet's remaining length, at most */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True while the first part of a packet waits for its rest. */
  get partial(): boolean {
    return this.#length > 0;
  }

  /**
   * @returns how many bytes of the chunk were used: all, unless the sink said stop
   * @throws MalformedPacket for a remaining length of more than four bytes
   * @throws PacketTooLarge before the body of such a packet is read
   */
  push(chunk: Buffer, sink: PacketSink): number {
    let at = 0;
    if (this.#length > 0) {
      at = this.#complete(chunk);
      if (at === NOT_YET) return chunk.length;
      const packet = this.#held;
      this.#length = 0;
      this.#held = Buffer.alloc(0);
      if (!sink(packet, 0, bodyOffset(packet, 0), packet.length)) return at;
    }
    while (at < chunk.length) {
      const total = this.#totalLength(chunk, at, chunk.length);
      if (total === NOT_YET || at + total > chunk.length) {
        this.#append(chunk, at, chunk.length - at, total);
        return chunk.length;
      }
      at += total;
      if (!sink(chunk, at - total, bodyOffset(chunk, at - total), at)) return at;
    }
    return at;
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

  /** The whole packet's length, or NOT_YET while its fixed header is incomplete. */
  #totalLength(buffer: Buffer, at: number, end: number): number {
    let remaining = 0;
    for (let index = 1; index <= 4; index += 1) {
      if (at + index >= end) return NOT_YET;
      const byte = buffer[at + index]!;
      remaining += (byte & 127) * 2 ** (7 * (index - 1));
      if (byte < 128) {
        if (remaining > this.#limit) throw new PacketTooLarge(remaining, this.#limit);
        return 1 + index + remaining;
      }
    }
    throw new MalformedPacket('remaining length of more than four bytes');
  }
}
