import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { describeSchema } from '../../scripts/schema/describe.ts';
import { migrate, migrationsDirectory } from '../../src/database/migrate.ts';
import { installQueues } from '../../src/database/queues.ts';
import { silentLog } from '../../src/service/log.ts';
import { type TestDatabase, unmigratedDatabase } from '../support/database.ts';
import { host, hostDatabase } from '../support/host-platform.ts';
import { supabasePush } from '../support/supabase-cli.ts';

/** The Supabase CLI and our own `migrate` apply the same files, and each goes on where the other stopped. */

const open: TestDatabase[] = [];
afterEach(() => Promise.all(open.splice(0).map((database) => database.close())));
const opened = async (making: Promise<TestDatabase>) => {
  const database = await making;
  open.push(database);
  return database;
};

const ours = ({ connection }: TestDatabase) => migrate({ connection, log: silentLog });

/** Supabase's server brings pgmq as an extension; without that one, its own SQL makes the same. */
async function withQueues({ connection }: TestDatabase): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await installQueues(client);
  } finally {
    await client.end();
  }
}

async function schemaOf({ connection }: TestDatabase): Promise<string> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await describeSchema(client);
  } finally {
    await client.end();
  }
}

test('`supabase db push` makes of an empty project what `migrate` makes, and `migrate` finds it done', async () => {
  const pushed = await opened(unmigratedDatabase());
  const migrated = await opened(unmigratedDatabase());
  await withQueues(pushed);
  await supabasePush(pushed);
  await ours(migrated);
  expect(await ours(pushed)).toEqual([]);
  expect(await schemaOf(pushed)).toBe(await schemaOf(migrated));

  const history = await pushed.pool.query(
    `select version || '_' || name || '.sql' as file, cardinality(statements) > 0 as kept
       from supabase_migrations.schema_migrations order by version`,
  );
  const files = (await readdir(migrationsDirectory)).sort();
  expect(history.rows).toEqual(files.map((file) => ({ file, kept: true })));
});

test('`supabase db push` finds done what `migrate` did', async () => {
  const database = await opened(unmigratedDatabase());
  await ours(database);
  expect(await supabasePush(database)).toMatch(/up to date/i);
});

test('`supabase db push` keeps the rows of a host platform', async () => {
  const database = await opened(hostDatabase());
  await withQueues(database);
  await supabasePush(database);
  const { rows } = await database.pool.query(
    `select (select count(*)::int from organizations) as organizations, (select count(*)::int from devices) as devices,
            (select count(*)::int from device_telemetry_history) as readings,
            (select count(*)::int from mqtt_credentials where username = $1) as credentials`,
    [host.credential.username],
  );
  expect(rows).toEqual([{ organizations: 2, devices: 4, readings: 8, credentials: 1 }]);
  expect(await ours(database)).toEqual([]);
});

test('the rights that a Supabase project gives are enough: its `postgres` is no superuser', async () => {
  const database = await opened(hostDatabase());
  const { pool, connection } = database;
  const name = connection.database!;
  const role = `${name}_owner`;
  await pool.query(`
    create role ${role} login createrole bypassrls;
    grant anon, authenticated, service_role to ${role} with admin option;
    alter database ${name} owner to ${role};
    alter schema public owner to ${role};
    grant usage on schema auth to ${role};`);
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  for (const table of rows) await pool.query(`alter table ${table.name} owner to ${role}`);
  try {
    const owned = { ...database, connection: { ...connection, user: role } };
    await withQueues(owned);
    await supabasePush(owned);
    expect((await pool.query('select count(*)::int from device_telemetry_history')).rows).toEqual([
      { count: 8 },
    ]);
    expect(await migrate({ connection: { ...connection, user: role }, log: silentLog })).toEqual([]);
  } finally {
    await pool.query(`reassign owned by ${role} to postgres; drop owned by ${role}; drop role ${role}`);
  }
});
