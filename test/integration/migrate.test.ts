import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { silentLog } from '../../src/service/log.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let directory: string;

beforeEach(async () => {
  database = await testDatabase();
  directory = await mkdtemp(join(tmpdir(), 'netneural-migrations-'));
});

afterEach(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

function run(): Promise<string[]> {
  return migrate({ connection: database.connection, log: silentLog, directory });
}

async function versions(): Promise<string[]> {
  const { rows } = await database.pool.query(
    "select version from supabase_migrations.schema_migrations where version like '3%' order by 1",
  );
  return rows.map((row) => row.version);
}

describe('migrate', () => {
  test('applies each file once, in order, and records it as the Supabase CLI does', async () => {
    await writeFile(join(directory, '3001_second.sql'), 'insert into first values (2);');
    await writeFile(
      join(directory, '3000_first.sql'),
      'create table first (n int); insert into first values (1);',
    );
    await writeFile(join(directory, 'notes.txt'), 'not a migration');
    expect(await run()).toEqual(['3000_first.sql', '3001_second.sql']);
    expect(await run()).toEqual([]);
    const { rows } = await database.pool.query('select n from first order by n');
    expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
    const history = await database.pool.query(
      "select * from supabase_migrations.schema_migrations where version = '3001'",
    );
    expect(history.rows).toEqual([
      { version: '3001', name: 'second', statements: ['insert into first values (2);'] },
    ]);
  });

  test('a file that fails is named with its line and leaves nothing behind', async () => {
    await writeFile(join(directory, '3000_good.sql'), 'create table good (n int);');
    await writeFile(
      join(directory, '3001_bad.sql'),
      'create table half (n int);\n\nselect nonsense from half;',
    );
    await expect(run()).rejects.toThrow('migration 3001_bad.sql, line 3: column "nonsense" does not exist');
    expect(await versions()).toEqual(['3000']);
    const { rows } = await database.pool.query(
      "select to_regclass('half') as half, to_regclass('good') as good",
    );
    expect(rows).toEqual([{ half: null, good: 'good' }]);
  });

  test('two processes that start at once apply each file once', async () => {
    await writeFile(join(directory, '3000_slow.sql'), 'create table slow (n int); select pg_sleep(0.2);');
    await writeFile(join(directory, '3001_more.sql'), 'alter table slow add column m int;');
    const applied = await Promise.all([run(), run()]);
    expect(applied.flat().sort()).toEqual(['3000_slow.sql', '3001_more.sql']);
  });

  test('what one file sets does not reach the next', async () => {
    await writeFile(
      join(directory, '3000_sets.sql'),
      "set search_path = ''; create table public.one (n int);",
    );
    await writeFile(join(directory, '3001_relies.sql'), 'alter table one add column m int;');
    expect(await run()).toHaveLength(2);
  });
});

describe('what Supabase brings', () => {
  test('auth.uid(), auth.role() and auth.jwt() read the claims of the transaction', async () => {
    const client = await database.pool.connect();
    try {
      const claims = { sub: '11111111-1111-4111-8111-111111111111', role: 'authenticated' };
      await client.query('begin');
      await client.query("select set_config('request.jwt.claims', $1, true)", [JSON.stringify(claims)]);
      await client.query('set local role authenticated');
      const { rows } = await client.query('select auth.uid() as uid, auth.role() as role, auth.jwt() as jwt');
      expect(rows).toEqual([{ uid: claims.sub, role: 'authenticated', jwt: claims }]);
      await client.query('commit');
      const after = await client.query('select auth.uid() as uid');
      expect(after.rows).toEqual([{ uid: null }]);
    } finally {
      client.release();
    }
  });
});
