/** An event as a browser would dispatch it. */
export interface ReceivedEvent {
  event: string;
  /** What the browser would return with as Last-Event-ID after it. */
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came is what is being looked at
  data: any;
}

/** Reads Server-Sent Events as the HTML standard says (section 9.2.6), ids without an event included. */
export class EventReader {
  lastEventId = '';
  readonly received: ReceivedEvent[] = [];
  ended = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #waiting = new Set<() => void>();

  constructor(response: Response) {
    this.#reader = response.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    void this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop()!;
        for (const block of blocks) this.#take(block);
        this.#tell();
      }
    } catch {
      // Cut off: what came until then counts.
    }
    this.ended = true;
    this.#tell();
  }

  #take(block: string): void {
    let event = 'message';
    let data: string | undefined;
    for (const line of block.split('\n')) {
      const [field, ...rest] = line.split(': ');
      const value = rest.join(': ');
      if (field === 'id') this.lastEventId = value;
      if (field === 'event') event = value;
      if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    }
    if (data !== undefined) this.received.push({ event, id: this.lastEventId, data: JSON.parse(data) });
  }

  #tell(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when `condition` holds of what was received. */
  async until(condition: () => boolean, ms = 10_000): Promise<void> {
    const deadline = Date.now() + ms;
    while (!condition()) {
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(`not in ${ms} ms; received ${JSON.stringify(this.received).slice(0, 1000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const waiting = this.#waiting;
        waiting.add(done);
        function done() {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
      });
    }
  }

  /** The next `count` events that have not been looked at with this yet. */
  async next(count = 1): Promise<ReceivedEvent[]> {
    const from = this.#looked;
    await this.until(() => this.received.length >= from + count);
    this.#looked = from + count;
    return this.received.slice(from, from + count);
  }
  #looked = 0;

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}
