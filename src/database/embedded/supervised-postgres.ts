import { setTimeout as delay } from 'node:timers/promises';
import type { PoolConfig } from 'pg';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.ts';

/** An embedded PostgreSQL that stays up: clients that reconnect find it again at the same address. */
export interface SupervisedPostgres {
  connection: PoolConfig;
  /** Stops it for good, also in the middle of a start. Idempotent. */
  stop(): Promise<void>;
}

/** Pauses before another start, in milliseconds: none after a server that had been up for long. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
const LONG_MS = 60_000;

/**
 * Starts PostgreSQL and, whenever it ends by itself (killed for memory, say), starts it again. What it had
 * committed is there again; what it had not is for whoever waits for the commit to repeat.
 * @throws StartupError when the first start fails; later ones are logged and repeated
 */
export async function superviseEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<SupervisedPostgres> {
  const { log } = options;
  const stopping = new AbortController();
  let server: EmbeddedPostgres = await startEmbeddedPostgres(options);
  let restarting: Promise<void> | undefined;
  let startedAt = performance.now();
  let pause = 0;
  const { connection } = server;

  function watch(): void {
    server.onExit((reason) => {
      if (stopping.signal.aborted) return;
      log.error({ reason }, 'PostgreSQL ended by itself: starting it again');
      if (performance.now() - startedAt > LONG_MS) pause = 0;
      restarting = restart();
    });
  }

  async function restart(): Promise<void> {
    // Releases the directory.
    await server.stop();
    while (!stopping.signal.aborted) {
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => {});
      pause = Math.min(Math.max(pause * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
      if (stopping.signal.aborted) return;
      try {
        server = await startEmbeddedPostgres(options);
        startedAt = performance.now();
        log.info({}, 'PostgreSQL is back');
        watch();
        return;
      } catch (error) {
        log.error({ error: String(error) }, 'PostgreSQL could not be started again; it is tried once more');
      }
    }
  }

  watch();
  return {
    connection,
    async stop() {
      stopping.abort();
      await restarting;
      await server.stop();
    },
  };
}
