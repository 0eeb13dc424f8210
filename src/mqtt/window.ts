/**
 * What was handed on and is not done with yet, over all connections of a consumer: one that loses its connection again
 * and again while its user can't store anything would otherwise take the same messages in with each.
 */
export class Window {
  readonly #mostMessages: number;
  readonly #mostBytes: number;
  #messages = 0;
  #bytes = 0;
  /** Called once when it is no longer full. One listener will do: there is one connection at a time. */
  whenRoom: (() => void) | undefined;

  constructor(mostMessages: number, mostBytes: number) {
    this.#mostMessages = mostMessages;
    this.#mostBytes = mostBytes;
  }

  /** True when no more should be read. A broker that keeps to Receive Maximum comes to its limit, but not above. */
  get full(): boolean {
    return this.#messages > this.#mostMessages || this.#bytes > this.#mostBytes;
  }

  take(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    if (!this.whenRoom || this.full) return;
    const wake = this.whenRoom;
    this.whenRoom = undefined;
    wake();
  }
}
