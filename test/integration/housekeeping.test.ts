import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropOldPartitions, makePartitionsAhead, removeExpired } from '../../src/database/housekeeping.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let organizationId: string;
const retention = { retentionDays: 1095, rollupRetentionDays: 3650 };

beforeAll(async () => {
  database = await testDatabase();
  const { rows } = await database.pool.query(
    `select private.found_organization('Lab', gen_random_uuid()) as id`,
  );
  organizationId = rows[0].id;
});
afterAll(() => database.close());

async function partitions(): Promise<string[]> {
  const { rows } = await database.pool.query(
    `select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'public.device_telemetry_history'::regclass order by 1`,
  );
  return rows.map((row) => row.relname);
}

test('months ahead are there, and those past the retention go', async () => {
  await database.pool.query(`select private.ensure_history_partition((now() - interval '40 months')::date)`);
  await makePartitionsAhead(database.pool);
  const before = await partitions();
  const dropped = await dropOldPartitions(database.pool, retention);
  expect(dropped).toEqual([before[0]]);
  expect(await partitions()).toEqual(before.slice(1));
  expect(await dropOldPartitions(database.pool, retention)).toEqual([]);
});

test('a month made twice at once is there once', async () => {
  const make = () => database.pool.query(`select private.ensure_history_partition('2031-07-01')`);
  await Promise.all([make(), make(), make(), make()]);
  expect(await partitions()).toContain('device_telemetry_history_2031_07');
});

test('of the activity log, the newest 20,000 of each organization stay', async () => {
  await database.pool.query(
    `insert into public.integration_activity_log (organization_id, occurred_at, event)
     select $1::uuid, now() - make_interval(secs => n), 'connected' from generate_series(1, 20005) n
     union all select $1::uuid, now() - interval '31 days', 'too old'`,
    [organizationId],
  );
  await removeExpired(database.pool);
  const { rows } = await database.pool.query(
    'select count(*)::int, max(now() - occurred_at) as oldest from public.integration_activity_log',
  );
  expect(rows[0].count).toBe(20_000);
});

test('message keys are kept for a day', async () => {
  await database.pool.query(
    `insert into private.message_keys values (1, now() - interval '25 hours', ''), (2, now() - interval '23 hours', '')`,
  );
  await removeExpired(database.pool);
  const { rows } = await database.pool.query('select client_key from private.message_keys');
  expect(rows).toEqual([{ client_key: '2' }]);
});

test('leases of processes and connections that are gone do not pile up', async () => {
  await database.pool.query(
    `insert into private.leases (name, holder, expires_at) values
       ('subscriber/gone', gen_random_uuid(), now() - interval '25 hours'),
       ('subscription/released', gen_random_uuid(), '-infinity'),
       ('subscription/late', gen_random_uuid(), now() - interval '1 hour'),
       ('tick', gen_random_uuid(), now() - interval '25 hours')`,
  );
  await removeExpired(database.pool);
  const { rows } = await database.pool.query('select name from private.leases order by name');
  expect(rows.map(({ name }) => name)).toEqual(['subscription/late', 'tick']);
});
