import type pg from 'pg';
import { countWaitingCalls } from '../database/command-queue.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { repeating } from '../service/repeating.ts';

const EVERY_MS = 5000;

export interface Backlog extends Service {
  /** Devices with commands that no worker has taken yet, as it was some seconds ago. */
  readonly devices: number;
}

/** Looks how much waits for all workers together. */
export function commandBacklog({ pool, log }: { pool: pg.Pool; log: Logger }): Backlog {
  let devices = 0;
  const looking = repeating(
    EVERY_MS,
    async () => {
      devices = await countWaitingCalls(pool);
    },
    (error) => log.debug({ error: String(error) }, 'what waits for workers could not be counted'),
  );
  return {
    name: 'backlog of commands',
    get devices() {
      return devices;
    },
    start: async () => looking.start(),
    stop: looking.stop,
  };
}
