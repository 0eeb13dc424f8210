import pg from 'pg';
import { startEmbeddedPostgres } from '../database/embedded/embedded-postgres.ts';
import { migrate } from '../database/migrate.ts';
import type { Logger } from '../service/log.ts';
import { StartupError } from '../service/startup-error.ts';
import type { Config } from './config.ts';

/** A migrated database and a pool on it. */
export interface Database {
  connection: pg.PoolConfig;
  pool: pg.Pool;
  stop(): Promise<void>;
}

/** @throws StartupError when it can't be started, reached or migrated */
export async function openDatabase(config: Config, log: Logger): Promise<Database> {
  const server = config.databaseUrl
    ? undefined
    : await startEmbeddedPostgres({ directory: config.dataDir, log });
  const connection: pg.PoolConfig = server?.connection ?? { connectionString: config.databaseUrl };
  server?.onExit((reason) => log.error({ reason }, 'PostgreSQL ended by itself: restart the platform'));
  try {
    await migrate({ connection, log });
  } catch (error) {
    await server?.stop();
    if (error instanceof StartupError) throw error;
    throw new StartupError(`can't use the database (${(error as Error).message}): check DATABASE_URL`, {
      cause: error,
    });
  }
  const pool = new pg.Pool({ ...connection, max: 20, connectionTimeoutMillis: 5000, keepAlive: true });
  pool.on('error', (error) => log.debug({ error: String(error) }, 'an idle database connection ended'));
  return {
    connection,
    pool,
    async stop() {
      await pool.end();
      await server?.stop();
    },
  };
}
