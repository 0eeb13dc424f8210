/**
 * What events have told of many things since the page began to listen, beside the lists that queries hold. Each row
 * listens to its own, so a thousand events a second redraw only what is on screen, once a frame.
 */
export class LiveValues<Value> {
  readonly #values = new Map<string, Value>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  readonly #most: number;
  readonly #schedule: (flush: () => void) => void;

  /** @param most beyond so many, the one longest unheard of is forgotten, if nobody listens to it */
  constructor(
    most: number,
    schedule: (flush: () => void) => void = (flush) => void requestAnimationFrame(flush),
  ) {
    this.#most = most;
    this.#schedule = schedule;
  }

  get(id: string): Value | undefined {
    return this.#values.get(id);
  }

  /** @returns ends the subscription */
  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }

  put(id: string, value: Value): void {
    this.#values.delete(id);
    this.#values.set(id, value);
    if (this.#values.size > this.#most) this.#forgetOne();
    this.#announce(id);
  }

  /** After a `reset`: what the API says is newer than anything here. */
  clear(): void {
    for (const id of this.#values.keys()) this.#announce(id);
    this.#values.clear();
  }

  #forgetOne(): void {
    for (const id of this.#values.keys()) {
      if (this.#listeners.has(id)) continue;
      this.#values.delete(id);
      return;
    }
  }

  #announce(id: string): void {
    if (!this.#listeners.has(id)) return;
    if (this.#changed.size === 0) this.#schedule(() => this.#flush());
    this.#changed.add(id);
  }

  #flush(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed) for (const listener of this.#listeners.get(id) ?? []) listener();
  }
}
