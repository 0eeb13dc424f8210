import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type DeviceRange, deleteExpiredReadings, expiredReadings } from '../database/retention.ts';

/** Before and after all ids. */
const FIRST = '00000000-0000-0000-0000-000000000000';
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Deletes readings of organizations and device types that keep them for a shorter time than the platform. Whoever has
 * little time begins at some device, so that in the end each has its turn.
 * @param options.retentionDays of the platform
 * @param between runs after each step, with what it took in milliseconds
 * @returns false when `between` said that the time is up
 */
export async function deleteExpired(
  pool: pg.Pool,
  { retentionDays }: { retentionDays: number },
  between: (tookMs: number) => Promise<boolean>,
): Promise<boolean> {
  let goesOn = true;
  const step = async <Result>(work: Promise<Result>): Promise<Result> => {
    const begun = performance.now();
    const result = await work;
    goesOn = await between(performance.now() - begun);
    return result;
  };
  const start = randomUUID();
  const ranges: DeviceRange[] = [
    { after: start, last: LAST },
    { after: FIRST, last: start },
  ];
  for (let range = ranges.shift(); range && goesOn; range = ranges.shift()) {
    const { expired, rest } = await step(expiredReadings(pool, { range, retentionDays }));
    if (rest) ranges.unshift(rest);
    for (const readings of expired) {
      while (goesOn && (await step(deleteExpiredReadings(pool, readings)))) {}
    }
  }
  return goesOn;
}
