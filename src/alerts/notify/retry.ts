const FIRST_MS = 5000;
const LONGEST_MS = 3_600_000;
/** The waits between so many are about a day. */
export const MOST_ATTEMPTS = 32;
/** Of a wait, so that what failed together is not tried together. */
const JITTER = 0.2;

/**
 * How long to wait after an attempt that failed: 5 s, doubling up to an hour, give or take a fifth.
 * @param attempts made so far
 * @param chance from 0 to 1
 * @returns milliseconds; undefined: it is given up
 */
export function retryDelay(
  {
    attempts,
    isFinal,
    retryAfterMs = 0,
  }: { attempts: number; isFinal: boolean; retryAfterMs?: number | undefined },
  chance: number = Math.random(),
): number | undefined {
  if (isFinal || attempts >= MOST_ATTEMPTS) return undefined;
  const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1));
  return Math.max(retryAfterMs, Math.round(wait * (1 - JITTER + 2 * JITTER * chance)));
}
