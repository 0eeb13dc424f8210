import type pg from 'pg';
import { countWaitingCalls } from '../database/command-queue.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';

const EVERY_MS = 5000;

export interface Backlog extends Service {
  /** Devices with commands that no worker has taken yet, as it was some seconds ago. */
  readonly devices: number;
}

/** Looks how much waits for all workers together. */
export function commandBacklog({ pool, log }: { pool: pg.Pool; log: Logger }): Backlog {
  let devices = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function look(): Promise<void> {
    try {
      devices = await countWaitingCalls(pool);
    } catch (error) {
      log.debug({ error: String(error) }, 'what waits for workers could not be counted');
    }
  }

  return {
    name: 'backlog of commands',
    get devices() {
      return devices;
    },
    async start() {
      timer = setInterval(() => {
        running ??= look().finally(() => {
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
