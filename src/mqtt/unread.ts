/**
 * What was read from a connection and is put off, from a packet on for which it is not the time yet: nothing of it is
 * lost, and what follows waits in the socket.
 */
export class Unread {
  #packet: Buffer | undefined;
  #rest: Buffer | undefined;

  /** Bytes that wait. */
  get length(): number {
    return this.#rest?.length ?? 0;
  }

  /** Puts a packet off, within a scanner's sink. @returns what the sink returns to stop */
  putOff(buffer: Buffer, start: number, end: number): false {
    this.#packet = buffer.subarray(start, end);
    return false;
  }

  /**
   * Keeps it and what follows, behind the scanner.
   * @param used bytes of `bytes` that the scanner has used, that packet included
   * @returns whether one was put off
   */
  keep(bytes: Buffer, used: number): boolean {
    const packet = this.#packet;
    if (!packet) return false;
    this.#packet = undefined;
    // One that did not come in pieces lies before what follows it: no copy, since it may be put off many times.
    const isInPlace =
      packet.buffer === bytes.buffer && packet.byteOffset + packet.length === bytes.byteOffset + used;
    this.#rest = isInPlace
      ? bytes.subarray(used - packet.length)
      : Buffer.concat([packet, bytes.subarray(used)]);
    return true;
  }

  /** All that is to be read now: what was put off, then the chunk. */
  before(chunk: Buffer): Buffer {
    const rest = this.#rest;
    if (!rest) return chunk;
    this.#rest = undefined;
    return chunk.length > 0 ? Buffer.concat([rest, chunk]) : rest;
  }
}
