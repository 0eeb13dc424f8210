const PINGREQ = Buffer.from([0xc0, 0]);

/** Sends PINGREQ every half keep-alive; a broker from which nothing at all comes until the next is gone. */
export class KeepAlive {
  readonly #options: { ping(bytes: Buffer): void; gone(): void };
  #timer: NodeJS.Timeout | undefined;
  #hasHeard = true;
  #isDeaf = false;

  constructor(options: { ping(bytes: Buffer): void; gone(): void }) {
    this.#options = options;
  }

  /** @param seconds 0 means none */
  start(seconds: number): void {
    if (seconds > 0) this.#timer = setInterval(this.#beat, seconds * 500);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Bytes came. */
  heard(): void {
    this.#hasHeard = true;
  }

  /** Whether nothing is read at present, so that silence proves nothing. PINGREQs go on, for the broker's sake. */
  set deaf(isDeaf: boolean) {
    this.#isDeaf = isDeaf;
    this.#hasHeard = true;
  }

  readonly #beat = (): void => {
    if (this.#hasHeard || this.#isDeaf) {
      this.#ping();
      return;
    }
    // If it was this process that stood still, the answer lies there and is read before `setImmediate`.
    setImmediate(() => {
      if (this.#hasHeard || this.#isDeaf) this.#ping();
      else this.#options.gone();
    });
  };

  #ping(): void {
    this.#hasHeard = false;
    this.#options.ping(PINGREQ);
  }
}
