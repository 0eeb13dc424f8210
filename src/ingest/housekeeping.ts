import type pg from 'pg';
import { dropOldPartitions, makePartitionsAhead, removeExpired } from '../database/housekeeping.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';

const EVERY_MS = 600_000;

/** Makes months of history ahead, drops those past the retention, and bounds the lists beside it. */
export function housekeeping(options: { pool: pg.Pool; log: Logger; retentionDays: number }): Service {
  const { pool, log, retentionDays } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function keep(): Promise<void> {
    try {
      await makePartitionsAhead(pool);
      const dropped = await dropOldPartitions(pool, retentionDays);
      if (dropped.length > 0) log.info({ dropped }, 'history past its retention removed');
      await removeExpired(pool);
    } catch (error) {
      log.warn({ error: String(error) }, 'housekeeping failed; it is tried again later');
    }
  }

  return {
    name: 'housekeeping',
    async start() {
      await makePartitionsAhead(pool);
      timer = setInterval(() => {
        running ??= keep().finally(() => {
          running = undefined;
        });
      }, EVERY_MS);
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
