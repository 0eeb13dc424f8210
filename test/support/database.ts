import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { execute, TEMPLATE } from './test-server.ts';

export interface TestDatabase {
  /** As the superuser `postgres`. */
  pool: pg.Pool;
  connection: pg.PoolConfig;
  /** The same as a URL, for `DATABASE_URL`. */
  url: string;
  /** Ends the pool and drops the database, whoever is still connected. */
  close(): Promise<void>;
}

/** A migrated, empty database of the caller's own: in `beforeAll`, with `close` in `afterAll`. */
export async function testDatabase(): Promise<TestDatabase> {
  const host = inject('postgresHost');
  const database = `test_${randomBytes(6).toString('hex')}`;
  const server: pg.ClientConfig = { host, port: 5432, user: 'postgres', database: 'postgres' };
  await execute(server, `create database ${database} template ${TEMPLATE}`);
  const connection = { ...server, database };
  const pool = new pg.Pool(connection);
  // Dropping the database ends connections that idle in the pool.
  pool.on('error', () => {});
  return {
    pool,
    connection,
    url: `postgresql://postgres@/${database}?host=${encodeURIComponent(host)}`,
    async close() {
      await pool.end();
      await execute(server, `drop database ${database} with (force)`);
    },
  };
}
