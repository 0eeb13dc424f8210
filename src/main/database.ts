import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import {
  type SupervisedPostgres,
  superviseEmbeddedPostgres,
} from '../database/embedded/supervised-postgres.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import type { Logger } from '../service/log.ts';
import { StartupError } from '../service/startup-error.ts';
import { within } from '../service/within.ts';
import type { Config } from './config.ts';
import { dataDirError } from './data-dir.ts';

/** How long a database that the operator names may take to answer at the start. */
const CONNECT_TIMEOUT_MS = 10_000;
/** PostgreSQL's word for: come again in a moment. How long it may say so, and how often it is asked. */
const CANNOT_CONNECT_NOW = '57P03';
const STARTING_MS = 60_000;
const RETRY_MS = 500;
/** How long connections that are still at work may take to come back to the pool at a stop. */
const CLOSE_MS = 2000;

/** A migrated database and a pool on it. */
export interface Database {
  connection: pg.PoolConfig;
  pool: pg.Pool;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** @throws StartupError when it can't be started, reached or migrated */
export async function openDatabase(config: Config, log: Logger): Promise<Database> {
  const server = config.databaseUrl ? undefined : await openEmbedded(config.dataDir, log);
  const connection: pg.PoolConfig = server?.connection ?? { connectionString: config.databaseUrl };
  try {
    const migrating = { ...connection, connectionTimeoutMillis: CONNECT_TIMEOUT_MS };
    await onceItHasStarted(log, () => migrate({ connection: migrating, log }));
  } catch (error) {
    await server?.stop();
    if (error instanceof StartupError) throw error;
    throw new StartupError(`can't use the database (${reason(error)}): check DATABASE_URL`, { cause: error });
  }
  const pool = openPool(connection, log);
  let stopping: Promise<void> | undefined;
  async function stop(): Promise<void> {
    await within(CLOSE_MS, pool.end()).catch(() => {});
    await server?.stop();
  }
  return {
    connection,
    pool,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** A server that says that it is starting, or recovers from a crash, is waited for: it is the right one. */
async function onceItHasStarted<Result>(log: Logger, work: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + STARTING_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: string }).code !== CANNOT_CONNECT_NOW || performance.now() > deadline)
        throw error;
      log.info({ reason: (error as Error).message }, 'waiting for the database');
      await pause(RETRY_MS);
    }
  }
}

/** @throws StartupError also for whatever the file system has against DATA_DIR */
async function openEmbedded(directory: string, log: Logger): Promise<SupervisedPostgres> {
  try {
    return await superviseEmbeddedPostgres({ directory, log });
  } catch (error) {
    throw dataDirError(directory, error);
  }
}

/** A name with several addresses fails with an error that has no words of its own. */
function reason(error: unknown): string {
  const { message } = error instanceof AggregateError ? error.errors[0] : (error as Error);
  return message === 'timeout expired' ? 'it did not answer in time' : message;
}
