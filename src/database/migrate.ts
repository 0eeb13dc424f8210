import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from '../service/log.ts';
import { StartupError } from '../service/startup-error.ts';
import { installQueues } from './queues.ts';
import { supabaseFoundation } from './supabase-foundation.ts';

export interface MigrateOptions {
  /** Of a role that owns the schema: a direct or session-mode connection. */
  connection: pg.ClientConfig;
  log: Logger;
  /** Holds `{version}_{name}.sql`; by default the project's own. */
  directory?: string;
}

interface Migration {
  version: string;
  name: string;
  file: string;
  sql: string;
}

/** Migrations use what came with this release: `security_invoker`, `nulls not distinct`, `merge`. */
const OLDEST_SERVER = 15;

/** The Supabase CLI's own table, so that either may go on where the other stopped. */
const historyTable = `
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
`;

/**
 * Brings a database to the schema of `supabase/migrations`: each file that was not applied yet, in
 * order, in a transaction of its own. Processes that start at the same time wait for each other.
 * @returns the files applied now
 * @throws StartupError naming the file and line, with everything before that file applied
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(options.directory ?? migrationsDirectory);
  const client = new pg.Client({ ...options.connection, application_name: 'netneural migrate' });
  await client.connect();
  try {
    await refuseOldServer(client);
    await underLock(client, async () => {
      await client.query(supabaseFoundation);
      await installQueues(client);
      await client.query(historyTable);
    });
    const applied: string[] = [];
    for (const migration of migrations) {
      const isNew = await underLock(client, () => apply(client, migration));
      if (!isNew) continue;
      options.log.info({ migration: migration.file }, 'schema migrated');
      applied.push(migration.file);
    }
    return applied;
  } finally {
    await client.end();
  }
}

/** The project's own migrations. */
export const migrationsDirectory = join(import.meta.dirname, '../../supabase/migrations');

async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).sort();
  const migrations = files.map(async (file) => {
    const [, version, name] = /^(\d+)_(.+)\.sql$/.exec(file) ?? [];
    if (!version || !name) return undefined;
    return { version, name, file, sql: await readFile(join(directory, file), 'utf8') };
  });
  return (await Promise.all(migrations)).filter((migration) => migration !== undefined);
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`select current_setting('server_version_num')::int / 10000 as major`);
  if (rows[0].major >= OLDEST_SERVER) return;
  throw new StartupError(
    `PostgreSQL ${rows[0].major} is too old, ${OLDEST_SERVER} is the oldest that will do: change DATABASE_URL`,
  );
}

/** In a transaction that no other migration runs beside; whatever a file has set is unset afterwards. */
async function underLock<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('netneural migrate', 0))`);
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    await client.query('reset all').catch(() => {});
  }
}

/** @returns false when it was applied before */
async function apply(client: pg.Client, migration: Migration): Promise<boolean> {
  const { version, name, sql } = migration;
  const known = await client.query('select from supabase_migrations.schema_migrations where version = $1', [
    version,
  ]);
  if (known.rowCount) return false;
  try {
    await client.query(sql);
  } catch (cause) {
    throw failed(migration, cause as pg.DatabaseError);
  }
  await client.query(
    'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, array[$3])',
    [version, name, sql],
  );
  return true;
}

function failed({ file, sql }: Migration, cause: pg.DatabaseError): StartupError {
  const line = cause.position && sql.slice(0, Number(cause.position)).split('\n').length;
  return new StartupError(`migration ${file}${line ? `, line ${line}` : ''}: ${cause.message}`, { cause });
}
