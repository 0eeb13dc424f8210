import type { TestDatabase } from './database.ts';
import { execute } from './test-server.ts';

/** Takes the database away from everybody, and gives it back: connections break and new ones are refused. */
export async function databaseAway({ connection }: TestDatabase): Promise<() => Promise<void>> {
  const server = { ...connection, database: 'postgres' };
  const { database } = connection;
  await execute(server, `alter database ${database} allow_connections false`);
  await execute(
    server,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
  );
  return () => execute(server, `alter database ${database} allow_connections true`);
}

/**
 * Holds what every batch must write, so that none can be committed; resolves when one waits for it.
 * @returns to let it go
 */
export async function stallStore({ pool }: TestDatabase, begin: () => void): Promise<() => Promise<void>> {
  const client = await pool.connect();
  await client.query('begin; lock table device_state in access exclusive mode');
  begin();
  for (;;) {
    const { rows } = await pool.query(
      `select 1 from pg_locks where relation = 'device_state'::regclass and not granted
        and database = (select oid from pg_database where datname = current_database())`,
    );
    if (rows.length > 0) break;
  }
  return async () => {
    await client.query('commit');
    client.release();
  };
}
