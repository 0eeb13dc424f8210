import { vi } from 'vitest';

/** Repeats `check` until it throws no more, for what becomes true by itself and says so nowhere. */
export function eventually<Result>(check: () => Result | Promise<Result>, timeout = 5000): Promise<Result> {
  return vi.waitFor(check, { timeout, interval: 20 });
}
