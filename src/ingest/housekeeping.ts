import type pg from 'pg';
import {
  dropOldPartitions,
  makePartitionsAhead,
  type Retention,
  recountRows,
  removeExpired,
} from '../database/housekeeping.ts';
import { claimLeases } from '../database/leases.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { repeating } from '../service/repeating.ts';

const EVERY_MS = 600_000;

/** Of several processes one does it, and says so for as long. */
const LEASE = { name: 'housekeeping', seconds: EVERY_MS / 1000 - 30 };

export interface HousekeepingOptions {
  pool: pg.Pool;
  log: Logger;
  retention: Retention;
}

/**
 * Makes months of history ahead, drops those past the retention, and bounds the lists beside it.
 * @param options.id of the process
 */
export function housekeeping(options: HousekeepingOptions & { id: string }): Service {
  const { pool, log, id } = options;
  const claim = { names: [LEASE.name], holder: id, seconds: LEASE.seconds };
  const keeping = repeating(
    EVERY_MS,
    async () => {
      if ((await claimLeases(pool, claim)).has(LEASE.name)) await keepHouse(options);
    },
    (error) => log.warn({ error: String(error) }, 'housekeeping failed; it is tried again later'),
  );
  return {
    name: 'housekeeping',
    async start() {
      await makePartitionsAhead(pool);
      keeping.start();
    },
    stop: keeping.stop,
  };
}

/**
 * One pass of it.
 * @throws the signal's reason when it comes before the end; what was removed by then stays removed
 */
export async function keepHouse(
  { pool, log, retention }: HousekeepingOptions,
  signal?: AbortSignal,
): Promise<void> {
  await makePartitionsAhead(pool);
  const dropped = await dropOldPartitions(pool, retention);
  if (dropped.length > 0) log.info({ dropped }, 'history past its retention removed');
  await removeExpired(pool, signal);
  await recountRows(pool);
}
