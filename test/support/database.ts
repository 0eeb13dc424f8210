import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { execute, supabaseProject, TEMPLATE } from './test-server.ts';

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
export function testDatabase(): Promise<TestDatabase> {
  return createDatabase(TEMPLATE);
}

/** A database as a new Supabase project has it, not migrated. */
export async function unmigratedDatabase(): Promise<TestDatabase> {
  const database = await createDatabase('template0');
  await execute(database.connection, supabaseProject);
  return database;
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const host = inject('postgresHost');
  const database = `test_${randomBytes(6).toString('hex')}`;
  const server: pg.ClientConfig = { host, port: 5432, user: 'postgres', database: 'postgres' };
  await execute(server, `create database ${database} template ${template}`);
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
