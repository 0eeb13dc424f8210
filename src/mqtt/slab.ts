/** Bytes that any one payload may hold on to beside its own. */
const SLAB_BYTES = 8 * 1024;

/**
 * Payloads that outlive the chunk that brought them. A view holds on to its whole chunk, up to 64 KiB of a socket, and a
 * message that waits for long while its neighbours are done would keep all of that. Node's own pool is as large, and
 * memory for each payload alone costs 2 µs; copying into a slab costs 0.2 µs.
 */
export class Slab {
  #slab = Buffer.alloc(0);
  #used = 0;

  /** The bytes from `start` to `end`; a view where that holds on to little, else a copy. */
  keep(buffer: Buffer, start: number, end: number): Buffer {
    const length = end - start;
    const chunkBytes = buffer.buffer.byteLength;
    if (chunkBytes <= SLAB_BYTES || length * 2 >= chunkBytes) return buffer.subarray(start, end);
    if (length * 2 >= SLAB_BYTES) return copied(buffer, start, end);
    if (this.#used + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    buffer.copy(this.#slab, at, start, end);
    return this.#slab.subarray(at, this.#used);
  }
}

function copied(buffer: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - start);
  buffer.copy(copy, 0, start, end);
  return copy;
}
