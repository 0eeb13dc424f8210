import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';

/** Commands by plain SQL, as a user of the project sends it to PostgREST or a psql. */

let database: TestDatabase;
let organization: string;
let device: string;
const users = { member: '', viewer: '', stranger: '' };

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  const { pool } = database;
  const found = async () =>
    (await pool.query(`select private.found_organization('Ours', $1) as id`, [randomUUID()])).rows[0].id;
  organization = await found();
  const theirs = await found();
  for (const [name, of] of [
    ['member', organization],
    ['viewer', organization],
    ['stranger', theirs],
  ] as const) {
    users[name] = randomUUID();
    await pool.query(
      'insert into organization_members (organization_id, user_id, role) values ($1, $2, $3)',
      [of, users[name], name === 'stranger' ? 'owner' : name],
    );
  }
  device = await pump();
});

async function pump(): Promise<string> {
  const { rows } = await database.pool.query(
    `insert into devices (organization_id, external_device_id, name)
     values ($1, gen_random_uuid()::text, 'Pump') returning id`,
    [organization],
  );
  return rows[0].id;
}

/** One transaction of a user. */
async function as(user: keyof typeof users, sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query(
      `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`,
      [JSON.stringify({ sub: users[user], role: 'authenticated' })],
    );
    const result = await client.query(sql, values);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const insert = `insert into device_commands (device_id, name) values ($1, 'reboot') returning *`;
const states = async () =>
  (
    await database.pool.query(
      'select name, state, reason from device_commands where device_id = $1 order by sequence',
      [device],
    )
  ).rows;

describe('a member', () => {
  it('inserts a command with a device and a name, and it is complete', async () => {
    const { rows } = await as('member', insert, [device]);
    expect(rows[0]).toMatchObject({
      organization_id: organization,
      state: 'queued',
      params: {},
      requested_as: 'user',
      requested_by: users.member,
    });
  });

  it('is told at once of one that has expired before it was sent', async () => {
    const { rows } = await as(
      'member',
      `insert into device_commands (device_id, name, expires_at) values ($1, 'reboot', now()) returning *`,
      [device],
    );
    expect(rows[0]).toMatchObject({ state: 'expired', reason: 'not_sent', finished_at: expect.any(Date) });
  });

  it.each([
    ['a state', `insert into device_commands (device_id, name, state) values ($1, 'x', 'succeeded')`],
    [
      'who asked',
      `insert into device_commands (device_id, name, requested_by) values ($1, 'x', gen_random_uuid())`,
    ],
    ['an outcome', `update device_commands set result = '1' where device_id = $1`],
    ['what is asked', `update device_commands set params = '{"a": 1}' where device_id = $1`],
    ['nothing, by deleting', 'delete from device_commands where device_id = $1'],
  ])('makes up %s for nobody', async (_, sql) => {
    await as('member', insert, [device]);
    await expect(as('member', sql, [device])).rejects.toThrow('permission denied');
  });

  it('loses nothing by a repeat: the key makes one row, and the repeat takes nobody’s place', async () => {
    const sql = `insert into device_commands (device_id, name, params, idempotency_key, supersede_key)
      values ($1, 'set_point', $2, $3, 'p') on conflict do nothing returning id`;
    const set = (value: number, key: string) => as('member', sql, [device, { value }, key]);
    expect((await set(1, 'first')).rowCount).toBe(1);
    expect((await set(1, 'first')).rowCount).toBe(0);
    expect(await states()).toMatchObject([{ state: 'queued' }]);
    await set(2, 'second');
    expect((await set(1, 'first')).rowCount).toBe(0);
    expect(await states()).toMatchObject([{ state: 'cancelled', reason: 'superseded' }, { state: 'queued' }]);
    const storm = await Promise.all(Array.from({ length: 8 }, () => set(3, 'third')));
    expect(storm.map(({ rowCount }) => rowCount).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    expect((await states()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'queued']);
  });

  it('knows a repeat also when no more may wait', async () => {
    const sql = `insert into device_commands (device_id, name, idempotency_key)
      values ($1, 'x', $2) on conflict do nothing returning id`;
    await as('member', sql, [device, 'first']);
    await database.pool.query(
      `insert into device_commands (device_id, name) select $1, 'x' from generate_series(1, 999)`,
      [device],
    );
    await expect(as('member', sql, [device, 'second'])).rejects.toThrow('1000 commands wait for this device');
    expect((await as('member', sql, [device, 'first'])).rowCount).toBe(0);
  });

  it('calls off what waits by a function, and hears what state it is in', async () => {
    const { id } = (await as('member', insert, [device])).rows[0];
    const cancel = async (user: keyof typeof users) =>
      (await as(user, 'select cancel_command($1) as state', [id])).rows[0].state;
    expect(await cancel('viewer')).toBeNull();
    expect(await cancel('stranger')).toBeNull();
    expect(await cancel('member')).toBe('cancelled');
    expect(await cancel('member')).toBe('cancelled');
  });
});

it('a viewer reads commands and makes none; of another organization nobody does either', async () => {
  await as('member', insert, [device]);
  await expect(as('viewer', insert, [device])).rejects.toThrow('row-level security');
  await expect(as('stranger', insert, [device])).rejects.toThrow(/row-level security|no such device/);
  await expect(as('stranger', insert, [randomUUID()])).rejects.toThrow('there is no such device');
  expect((await as('viewer', 'select id from device_commands')).rowCount).toBe(1);
  expect((await as('stranger', 'select id from device_commands')).rowCount).toBe(0);
});

it.each(['succeeded', 'failed', 'expired', 'cancelled', 'undeliverable'])(
  'whoever writes: one that is %s stays so',
  async (state) => {
    const { id } = (await as('member', insert, [device])).rows[0];
    const { pool } = database;
    await pool.query('update device_commands set state = $2 where id = $1', [id, state]);
    for (const set of [`state = 'queued'`, `result = '1'`, `reason = 'device_away'`]) {
      await expect(pool.query(`update device_commands set ${set} where id = $1`, [id])).rejects.toThrow(
        `the command has ended as ${state}`,
      );
    }
  },
);

it('commands of one device inserted at once are in the order of their commits', async () => {
  const committed: string[] = [];
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { rows } = await as('member', insert, [device]);
      committed.push(rows[0].id);
    }),
  );
  const { rows } = await database.pool.query(
    `select id, xmin::text::bigint as transaction from device_commands where device_id = $1 order by sequence`,
    [device],
  );
  expect(rows.map(({ id }) => id).sort()).toEqual(committed.sort());
  expect(new Set(rows.map(({ transaction }) => transaction)).size).toBe(20);
});
