/**
 * The platform's clock. A viewer's own may be off by minutes, and "12 s ago" would be wrong by as much; every
 * answer's Date header says what time it really is.
 */
let offsetMs = 0;

/** Takes the time of an answer's `Date` header, which counts whole seconds: less than two apart is no difference. */
export function adjustClock(dateHeader: string | null): void {
  const difference = Date.parse(dateHeader ?? '') - Date.now();
  if (Number.isFinite(difference)) offsetMs = Math.abs(difference) < 2000 ? 0 : difference;
}

/** Now, in ms since 1970, by the platform's clock. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}
