import type pg from 'pg';
import { superviseEmbeddedPostgres } from '../database/embedded/supervised-postgres.ts';
import { migrate } from '../database/migrate.ts';
import { openPool } from '../database/pool.ts';
import type { Logger } from '../service/log.ts';
import { StartupError } from '../service/startup-error.ts';
import type { Config } from './config.ts';

/** A migrated database and a pool on it. */
export interface Database {
  connection: pg.PoolConfig;
  pool: pg.Pool;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** @throws StartupError when it can't be started, reached or migrated */
export async function openDatabase(config: Config, log: Logger): Promise<Database> {
  const server = config.databaseUrl
    ? undefined
    : await superviseEmbeddedPostgres({ directory: config.dataDir, log });
  const connection: pg.PoolConfig = server?.connection ?? { connectionString: config.databaseUrl };
  try {
    await migrate({ connection, log });
  } catch (error) {
    await server?.stop();
    if (error instanceof StartupError) throw error;
    throw new StartupError(`can't use the database (${(error as Error).message}): check DATABASE_URL`, {
      cause: error,
    });
  }
  const pool = openPool(connection, log);
  let stopping: Promise<void> | undefined;
  return {
    connection,
    pool,
    stop() {
      stopping ??= pool.end().then(() => server?.stop());
      return stopping;
    },
  };
}
