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
import { pause } from '../service/pause.ts';
import { repeating } from '../service/repeating.ts';
import { deleteExpired } from './retention.ts';

const EVERY_MS = 600_000;

/** For so long readings past a shorter retention are deleted; the next pass goes on. */
const DELETING_MS = 300_000;

/** Of several processes one does it, and says so for as long. */
const LEASE = { name: 'housekeeping', seconds: EVERY_MS / 1000 - 30 };

export interface HousekeepingOptions {
  pool: pg.Pool;
  log: Logger;
  retention: Retention;
}

/**
 * Makes months of history ahead, drops those past the retention, deletes readings past a shorter one, and bounds the
 * lists beside them.
 * @param options.id of the process
 */
export function housekeeping(options: HousekeepingOptions & { id: string }): Service {
  const { pool, log, id } = options;
  const stopping = new AbortController();
  const claim = { names: [LEASE.name], holder: id, seconds: LEASE.seconds };
  const keeping = repeating(
    EVERY_MS,
    async () => {
      if ((await claimLeases(pool, claim)).has(LEASE.name))
        await keepHouse(options, { signal: stopping.signal, deletingMs: DELETING_MS });
    },
    (error) => {
      if (!stopping.signal.aborted)
        log.warn({ error: String(error) }, 'housekeeping failed; it is tried again later');
    },
  );
  return {
    name: 'housekeeping',
    async start() {
      await makePartitionsAhead(pool);
      keeping.start();
    },
    stop() {
      stopping.abort();
      return keeping.stop();
    },
  };
}

/**
 * One pass of it.
 * @param options.deletingMs how long it may delete readings past a shorter retention
 * @throws the signal's reason when it comes before the end; what was removed by then stays removed
 */
export async function keepHouse(
  { pool, log, retention }: HousekeepingOptions,
  { signal, deletingMs }: { signal: AbortSignal; deletingMs: number },
): Promise<void> {
  await makePartitionsAhead(pool);
  const dropped = await dropOldPartitions(pool, retention);
  if (dropped.length > 0) log.info({ dropped }, 'history past its retention removed');
  await removeExpired(pool, signal);
  await recountRows(pool);
  const until = performance.now() + deletingMs;
  // With half of one connection's time: ingest writes to the same tables.
  await deleteExpired(pool, retention, async (tookMs) => {
    await pause(tookMs, signal);
    signal.throwIfAborted();
    return performance.now() < until;
  });
}
