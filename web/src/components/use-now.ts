import { useSyncExternalStore } from 'react';
import { serverNow } from '../api/server-clock.ts';

/** One clock for the page: everything that says "12 s ago" ticks together, once a second. */
const listeners = new Set<() => void>();
let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = serverNow();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = serverNow();
    timer = setInterval(tick, 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** Now by the platform's clock, in ms since 1970, in steps of a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
