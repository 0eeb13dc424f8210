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
    await migrate({ connection: { ...connection, connectionTimeoutMillis: CONNECT_TIMEOUT_MS }, log });
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
