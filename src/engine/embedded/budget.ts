/** What one message costs beyond its topic and payload: 100,000 retained ones of 100 bytes took 90 MB. */
const OVERHEAD_BYTES = 800;

export interface Bound {
  /** As it is named to people: `session`, `organization`, `total`. */
  name: string;
  messages: number;
  bytes: number;
}

/** Bytes that a message is counted with. */
export function messageBytes(topic: string, payload: Uint8Array): number {
  return topic.length + payload.length + OVERHEAD_BYTES;
}

/** How much is held at one level, within a level above it: a session's queue, its organization's, everybody's. */
export class Budget {
  readonly #bound: Bound;
  readonly #above: Budget | undefined;
  #messages = 0;
  #bytes = 0;

  constructor(bound: Bound, above?: Budget) {
    this.#bound = bound;
    this.#above = above;
  }

  get messages(): number {
    return this.#messages;
  }

  /** The name of the first bound that one more message of so many bytes would exceed. */
  exceededBy(bytes: number): string | undefined {
    const full = this.#messages >= this.#bound.messages || this.#bytes + bytes > this.#bound.bytes;
    return full ? this.#bound.name : this.#above?.exceededBy(bytes);
  }

  /** Counts a message in, here and above, whether or not it fits: what is in the database is not dropped on loading. */
  take(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
    this.#above?.take(bytes);
  }

  give(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    this.#above?.give(bytes);
  }
}
