import type { Overview } from '../../api/types.ts';

export type Minute = Overview['traffic'][number];

/**
 * The last hour minute by minute, oldest first, quiet ones included: the API names only minutes with messages.
 * @param now in ms since 1970; its minute, still running, is the last
 */
export function lastHour(traffic: Minute[], now: number): Minute[] {
  const byMinute = new Map(traffic.map((minute) => [Math.floor(Date.parse(minute.minute) / 60_000), minute]));
  const current = Math.floor(now / 60_000);
  return Array.from({ length: 60 }, (_, index) => {
    const number = current - 59 + index;
    const quiet = {
      minute: new Date(number * 60_000).toISOString(),
      stored: 0,
      duplicate: 0,
      quarantined: 0,
      rejected: 0,
    };
    return byMinute.get(number) ?? quiet;
  });
}

/** The end of a scale that holds `most`: 1, 2 or 5 times a power of ten, at least 5. */
export function scaleEnd(most: number): number {
  if (most <= 5) return 5;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((end) => end >= most)!;
}
