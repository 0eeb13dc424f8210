import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { describeSchema } from '../../scripts/schema/describe.ts';
import { migrate } from '../../src/database/migrate.ts';
import { silentLog } from '../../src/service/log.ts';
import { execute } from '../support/test-server.ts';

test('supabase/schema.sql shows the schema that the migrations make (npm run schema writes it)', async () => {
  const server = { host: inject('postgresHost'), port: 5432, user: 'postgres', database: 'postgres' };
  // Not a copy of the template, which grants what Supabase grants by default.
  const connection = { ...server, database: 'schema_dump' };
  await execute(server, 'create database schema_dump');
  const client = new pg.Client(connection);
  try {
    await migrate({ connection, log: silentLog });
    await client.connect();
    const written = await readFile(join(import.meta.dirname, '../../supabase/schema.sql'), 'utf8');
    expect(await describeSchema(client)).toBe(written);
  } finally {
    await client.end();
    await execute(server, 'drop database schema_dump with (force)');
  }
});
