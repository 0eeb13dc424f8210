import { useSyncExternalStore } from 'react';

/** The time that one points at, shared by everything that shows the same device. In ms since 1970. */
export class Crosshair {
  #at: number | undefined;
  readonly #listeners = new Set<(by: object) => void>();

  get at(): number | undefined {
    return this.#at;
  }

  /** @param by who points, so that it doesn't follow itself */
  point(at: number | undefined, by: object): void {
    if (at === this.#at) return;
    this.#at = at;
    for (const listener of this.#listeners) listener(by);
  }

  /** @returns ends the subscription */
  subscribe(listener: (by: object) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export function usePointedTime(crosshair: Crosshair): number | undefined {
  return useSyncExternalStore(
    (changed) => crosshair.subscribe(changed),
    () => crosshair.at,
  );
}
