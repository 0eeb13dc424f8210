const FIRST_MS = 5000;
const LONGEST_MS = 60_000;

/**
 * When a channel may be told next: at once if it has been quiet; then what follows is gathered for 5 s, 10 s and so on up
 * to a minute, for as long as something comes in each of these windows. In memory only: whoever takes over begins anew.
 */
export class Pace {
  readonly #windows = new Map<string, { ms: number; until: number }>();

  mayTell(channel: string, now: number): boolean {
    return (this.#windows.get(channel)?.until ?? 0) <= now;
  }

  told(channel: string, now: number): void {
    const ms = Math.min(LONGEST_MS, (this.#windows.get(channel)?.ms ?? FIRST_MS / 2) * 2);
    this.#windows.set(channel, { ms, until: now + ms });
  }

  /** Forgets windows in which nothing came: after whoever may be told has been. */
  sweep(now: number): void {
    for (const [channel, { until }] of this.#windows) if (until <= now) this.#windows.delete(channel);
  }

  clear(): void {
    this.#windows.clear();
  }
}
