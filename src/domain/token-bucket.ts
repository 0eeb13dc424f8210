/**
 * Tokens that come back at a rate, up to so many. May be overdrawn: what is taken beyond is a debt, for which nothing is
 * to be had until it is paid. Times are milliseconds by a clock that nobody sets.
 */
export class TokenBucket {
  #tokens = Number.POSITIVE_INFINITY;
  #rate = Number.POSITIVE_INFINITY;
  #depth = Number.POSITIVE_INFINITY;
  #at = 0;

  /** @param rate tokens a second; Infinity: there is always enough */
  fill(tokens: number, rate: number, depth: number, now: number): void {
    this.#tokens = Math.min(tokens, depth);
    this.#rate = rate;
    this.#depth = depth;
    this.#at = now;
  }

  take(count: number): void {
    this.#tokens -= count;
  }

  /** Whether there are some, without looking at the clock: those that came back lately may not be among them. */
  get hasSome(): boolean {
    return this.#tokens > 0;
  }

  /** Tokens that are there now. */
  level(now: number): number {
    // Infinite ones stay so; an infinite rate times no time at all would be no number.
    if (this.#rate !== Number.POSITIVE_INFINITY && now > this.#at) {
      this.#tokens = Math.min(this.#tokens + (this.#rate * (now - this.#at)) / 1000, this.#depth);
      this.#at = now;
    }
    return this.#tokens;
  }

  /** Milliseconds until there is one. */
  waitMs(now: number): number {
    const missing = 1 - this.level(now);
    return missing <= 0 ? 0 : (missing * 1000) / this.#rate;
  }
}
