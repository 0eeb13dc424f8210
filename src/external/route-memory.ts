/** Of all integrations together; about 80 MB. */
const MOST_ROUTES = 200_000;

interface Remembering {
  forgetRoutes(): void;
}

/** How many topics integrations remember together: when it is too many, the integration that began first starts anew. */
export class RouteMemory {
  readonly #counts = new Map<Remembering, number>();
  readonly #most: number;
  #total = 0;

  constructor(most = MOST_ROUTES) {
    this.#most = most;
  }

  /** It remembers one more. */
  added(one: Remembering): void {
    this.#counts.set(one, (this.#counts.get(one) ?? 0) + 1);
    this.#total += 1;
    if (this.#total <= this.#most) return;
    const [oldest] = this.#counts.keys();
    this.forget(oldest!);
  }

  /** It remembers none of them any more. */
  forget(one: Remembering): void {
    this.#total -= this.#counts.get(one) ?? 0;
    this.#counts.delete(one);
    one.forgetRoutes();
  }
}
