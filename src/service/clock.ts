import type { Microseconds } from '../domain/time.ts';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Microseconds since 1970, strictly increasing within the process: no two messages that one
   * process receives carry the same receive time, so it tells them apart in keys.
   */
  receiveTime(): Microseconds;
}

/** The system's clock. A step backwards of the system's time makes receive times wait, not repeat. */
export function systemClock(): Clock {
  let last = 0;
  return {
    now: Date.now,
    receiveTime() {
      const now = Math.floor((performance.timeOrigin + performance.now()) * 1000);
      last = now > last ? now : last + 1;
      return last;
    },
  };
}
