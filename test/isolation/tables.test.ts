import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { fixture } from './table-fixture.ts';
import { callable, type Fixture, type Least, tableRules } from './table-rules.ts';

/** Every caller there can be, by what they are in organization A. None of them is anything in B but `owner of B`. */
const callers = {
  owner: 'owner',
  admin: 'admin',
  member: 'member',
  viewer: 'viewer',
  'API key with admin': 'admin',
  'API key with viewer': 'viewer',
  'revoked API key': 'none',
  'expired API key': 'none',
  'owner of B': 'none',
  'user of no organization': 'none',
  'nobody with claims': 'none',
  anon: 'none',
} as const;
type CallerName = keyof typeof callers;

const ranks = ['none', 'viewer', 'member', 'admin', 'owner', 'nobody'];
const reaches = (role: string, least: Least) => ranks.indexOf(role) >= ranks.indexOf(least);
const operations = ['select', 'insert', 'update', 'delete'] as const;

let database: TestDatabase;
let a: Fixture;
let b: Fixture;
const claims = {} as Record<CallerName, object | undefined>;

beforeAll(async () => {
  database = await testDatabase();
  a = await fixture(database.pool);
  b = await fixture(database.pool);
  const user = async (organization: string, role: string) => {
    const userId = randomUUID();
    await database.pool.query(
      'insert into organization_members (organization_id, user_id, role) values ($1, $2, $3)',
      [organization, userId, role],
    );
    return { sub: userId, role: 'authenticated' };
  };
  const key = async (role: string, state: string) => {
    const { rows } = await database.pool.query(
      `insert into organization_api_keys (organization_id, name, role, key_prefix, key_sha256, revoked_at, expires_at)
       values ($1, 'k', $2, 'nnk_', decode(md5(random()::text), 'hex'),
         case $3 when 'revoked' then now() end, case $3 when 'expired' then now() - interval '1 second' end) returning id`,
      [a.organization, role, state],
    );
    return { api_key_id: rows[0].id, role: 'authenticated' };
  };
  for (const role of ['owner', 'admin', 'member', 'viewer'] as const)
    claims[role] = await user(a.organization, role);
  claims['API key with admin'] = await key('admin', 'good');
  claims['API key with viewer'] = await key('viewer', 'good');
  claims['revoked API key'] = await key('admin', 'revoked');
  claims['expired API key'] = await key('admin', 'expired');
  claims['owner of B'] = await user(b.organization, 'owner');
  claims['user of no organization'] = { sub: randomUUID(), role: 'authenticated' };
  claims['nobody with claims'] = { role: 'authenticated' };
});
afterAll(() => database.close());

/** Rows that a statement saw or changed; 'refused' when PostgreSQL said no, or that there is nothing. Nothing of it stays. */
async function attempt(caller: CallerName, sql: string): Promise<number | 'refused'> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query(`set local role ${caller === 'anon' ? 'anon' : 'authenticated'}`);
    await client.query(`select set_config('request.jwt.claims', $1, true)`, [
      claims[caller] ? JSON.stringify(claims[caller]) : '',
    ]);
    return (await client.query(sql)).rowCount ?? 0;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    if (error.code === '42501' || error.message === 'there is no such device') return 'refused';
    throw error;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

function statement(table: string, operation: (typeof operations)[number], of: Fixture): string {
  const rule = tableRules[table]!;
  const column = rule.organization ?? 'organization_id';
  const where = `where ${column} = '${of.organization}'${rule.target ? ` and ${rule.target(of)}` : ''}`;
  switch (operation) {
    case 'select':
      return `select ${column} from ${table} where ${column} = '${of.organization}'`;
    case 'insert':
      return `insert into ${table} ${rule.insertion?.(of) ?? 'default values'}`;
    case 'update': {
      const changed = rule.updatable?.[0] ?? column;
      return `update ${table} set ${changed} = ${changed} ${where}`;
    }
    case 'delete':
      return `delete from ${table} ${where}`;
  }
}

describe.each(Object.keys(tableRules))('%s', (table) => {
  const rule = tableRules[table]!;

  it.each(operations)(
    '%s: each role as far as it reaches, and never into another organization',
    async (operation) => {
      for (const [caller, role] of Object.entries(callers) as [CallerName, string][]) {
        const own = await attempt(caller, statement(table, operation, a));
        const may = reaches(role, rule[operation]);
        expect(own === 'refused' ? 0 : own, `${caller}, own`)[may ? 'toBeGreaterThan' : 'toBe'](0);
        const others = await attempt(caller, statement(table, operation, b));
        const mayInB = caller === 'owner of B' && rule[operation] !== 'nobody';
        expect(others === 'refused' ? 0 : others, `${caller}, of B`)[mayInB ? 'toBeGreaterThan' : 'toBe'](0);
      }
    },
  );

  it('shows nothing of others when nothing is asked for in particular', async () => {
    const column = rule.organization ?? 'organization_id';
    for (const caller of Object.keys(callers) as CallerName[]) {
      if (caller === 'owner of B') continue;
      const seen = await attempt(
        caller,
        `select ${column} from ${table} where ${column} <> '${a.organization}'`,
      );
      expect([0, 'refused'], caller).toContain(seen);
    }
  });

  it('opens exactly the columns that it says', async () => {
    const { rows } = await database.pool.query(
      `select attname as name,
              has_column_privilege('authenticated', attrelid, attname, 'select') as readable,
              has_column_privilege('authenticated', attrelid, attname, 'update') as updatable,
              has_column_privilege('anon', attrelid, attname, 'select, insert, update, references') as anon
         from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
      [table],
    );
    const names = (which: string) =>
      rows
        .filter((row) => row[which])
        .map((row) => row.name)
        .sort();
    const all = rows.map((row) => row.name);
    expect(names('readable')).toEqual(all.filter((name) => !rule.hidden?.includes(name)).sort());
    expect(names('updatable')).toEqual([...(rule.updatable ?? [])].sort());
    expect(names('anon')).toEqual([]);
  });

  it.each(rule.hidden ?? [])('shows %s to nobody', async (column) => {
    for (const caller of Object.keys(callers) as CallerName[]) {
      expect(await attempt(caller, `select ${column} from ${table}`), caller).toBe('refused');
      expect(
        await attempt(caller, `update ${table} set ${column} = ${column} returning ${column}`),
        caller,
      ).toBe('refused');
    }
  });
});

describe('what nobody thought of', () => {
  it('every table of public has its rules, and row-level security', async () => {
    const { rows } = await database.pool.query(
      `select relname, relrowsecurity from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') and not relispartition`,
    );
    expect(rows.map((row) => row.relname).sort()).toEqual(Object.keys(tableRules).sort());
    expect(rows.filter((row) => !row.relrowsecurity)).toEqual([]);
  });

  it('partitions, private tables and sequences are reached by no tenant', async () => {
    const { rows } = await database.pool.query(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
          and (n.nspname <> 'public' or c.relispartition or c.relkind = 'S')
          and case when c.relkind = 'S'
            then has_sequence_privilege('authenticated', c.oid, 'usage, select, update') or has_sequence_privilege('anon', c.oid, 'usage, select, update')
            when c.relkind in ('r', 'p', 'v', 'm', 'f')
            then has_table_privilege('authenticated', c.oid, 'select, insert, update, delete, truncate, references, trigger')
              or has_table_privilege('anon', c.oid, 'select, insert, update, delete, truncate, references, trigger') end`,
    );
    expect(rows.map((row) => row.name)).toEqual([]);
  });

  it('no tenant empties a table or hangs a trigger on it', async () => {
    for (const table of Object.keys(tableRules)) {
      expect(await attempt('owner', `truncate ${table} cascade`)).toBe('refused');
      const { rows } = await database.pool.query(
        `select has_table_privilege('authenticated', $1, 'trigger, references, truncate') as more`,
        [table],
      );
      expect(rows[0].more, table).toBe(false);
    }
  });

  it('tenants call the functions that were meant for them, anon none', async () => {
    const { rows } = await database.pool.query(
      `select n.nspname || '.' || p.proname as name, has_function_privilege('authenticated', p.oid, 'execute') as tenant,
              has_function_privilege('anon', p.oid, 'execute') and has_schema_privilege('anon', n.oid, 'usage') as anon
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('public', 'private', 'accounts', 'broker') and p.prorettype <> 'trigger'::regtype`,
    );
    expect(
      rows
        .filter((row) => row.tenant)
        .map((row) => row.name)
        .sort(),
    ).toEqual(callable);
    expect(rows.filter((row) => row.anon)).toEqual([]);
  });
});

describe('within an organization', () => {
  const members = (set: string, where: string) =>
    `update organization_members set ${set} where organization_id = '${a.organization}' and ${where}`;

  it('admins make and unmake no owners', async () => {
    expect(await attempt('admin', members(`role = 'owner'`, `user_id = '${a.member}'`))).toBe('refused');
    expect(await attempt('admin', members(`role = 'viewer'`, `role = 'owner'`))).toBe(0);
    const gone = `delete from organization_members where organization_id = '${a.organization}' and role = 'owner'`;
    expect(await attempt('admin', gone)).toBe(0);
    const invite = `insert into organization_invitations (organization_id, role, token_hash, expires_at)
      values ('${a.organization}', 'owner', '\\x02', now())`;
    expect(await attempt('admin', invite)).toBe('refused');
    expect(await attempt('owner', invite)).toBe(1);
  });

  it('nobody raises themselves, and anyone may leave', async () => {
    const { sub } = claims.viewer as { sub: string };
    expect(await attempt('viewer', members(`role = 'owner'`, `user_id = '${sub}'`))).toBe(0);
    expect(await attempt('viewer', `delete from organization_members where user_id = '${sub}'`)).toBe(1);
  });

  it('the last owner stays', async () => {
    const lone = await fixture(database.pool);
    await expect(
      database.pool.query(`delete from organization_members where organization_id = $1 and role = 'owner'`, [
        lone.organization,
      ]),
    ).rejects.toThrow('an organization needs at least one owner');
    await database.pool.query('delete from organizations where id = $1', [lone.organization]);
  });

  it('rows point at rows of their own organization only', async () => {
    const credential = (device: string, prefix: string) =>
      attempt(
        'owner',
        `insert into mqtt_credentials (organization_id, device_id, username, password_hash, topic_prefix)
         values ('${a.organization}', ${device}, 'crossing', 'x', '${prefix}')`,
      );
    const ownPrefix = `org_${a.organization}/devices/`;
    await expect(credential(`'${b.device}'`, `${ownPrefix}thermometer/#`)).rejects.toThrow(
      'not of this organization',
    );
    await expect(credential('null', `org_${b.organization}/devices/#`)).rejects.toThrow(
      /topic prefix|check constraint/,
    );
    await expect(credential('null', `${ownPrefix}thermometer/#`)).rejects.toThrow('topic prefix');
    await expect(
      attempt(
        'owner',
        `insert into devices (organization_id, integration_id, external_device_id, name)
         values ('${a.organization}', '${b.integration}', 'x', 'x')`,
      ),
    ).rejects.toThrow('not of this organization');
  });
});
