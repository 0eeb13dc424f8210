/** Filters that went while nobody could be told, at most; the oldest are forgotten, and stay in the broker's session. */
const MOST_GONE = 1000;

export interface SubscriptionChange {
  subscribe: readonly string[];
  unsubscribe: readonly string[];
}

/** The filters that are wanted, and those that went and that the broker has not confirmed gone, over all connections. */
export class Subscriptions {
  #wanted: Set<string>;
  readonly #gone = new Set<string>();

  constructor(filters: readonly string[]) {
    this.#wanted = new Set(filters);
  }

  /** @returns what is new and what went */
  set(filters: readonly string[]): SubscriptionChange {
    const before = this.#wanted;
    this.#wanted = new Set(filters);
    const subscribe = [...this.#wanted].filter((filter) => !before.has(filter));
    const unsubscribe = [...before].filter((filter) => !this.#wanted.has(filter));
    for (const filter of subscribe) this.#gone.delete(filter);
    for (const filter of unsubscribe) this.#gone.add(filter);
    for (const filter of this.#gone) {
      if (this.#gone.size <= MOST_GONE) break;
      this.#gone.delete(filter);
    }
    return { subscribe, unsubscribe };
  }

  /** Everything, for a new connection: subscribed again even where the broker has kept the session. */
  all(): SubscriptionChange {
    return { subscribe: [...this.#wanted], unsubscribe: [...this.#gone] };
  }

  /** The broker has answered all that was said to it. */
  answered(): void {
    this.#gone.clear();
  }
}
