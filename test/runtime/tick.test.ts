import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type EdgeFunction, startEdgeFunction } from '../support/edge-function.ts';

/** The function `tick` as pg_cron calls it, in Deno. */

const TICK_SECRET = 'a-secret-between-pg_cron-and-the-tick';
let database: TestDatabase;
let tick: EdgeFunction;
let organization: string;

beforeAll(async () => {
  database = await testDatabase();
  const { rows } = await database.pool.query(`select private.found_organization('Ours', $1) as id`, [
    randomUUID(),
  ]);
  organization = rows[0].id;
  tick = await startEdgeFunction('tick', database, { TICK_SECRET });
});
afterAll(async () => {
  await tick?.stop();
  await database.close();
});
beforeEach(async () => {
  await database.pool.query('delete from devices; delete from private.leases where name = $$tick$$');
});

const post = (secret?: string) =>
  fetch(`${tick.url}/tick`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(secret && { authorization: `Bearer ${secret}` }) },
    body: '{}',
  });

/** The last one was so long ago, after many others. */
async function lastTick(ago: string): Promise<void> {
  await database.pool.query(
    `insert into private.tick_state (observed_from, last_at) values (now() - interval '1 day', now() - $1::interval)
     on conflict (only_row) do update set
       observed_from = excluded.observed_from, last_at = excluded.last_at, housekept_at = '-infinity'`,
    [ago],
  );
}

/** A device that is online and reports every ten seconds. @param heard how long ago it did last */
async function device(name: string, heard: string): Promise<void> {
  await database.pool.query(
    `with made as (
       insert into devices (organization_id, external_device_id, name) values ($1, $2, $2) returning id)
     insert into device_state (device_id, organization_id, presence, presence_reason, last_message_at, usual_interval_ms)
     select id, $1, 'online', 'message', now() - $3::interval, 10000 from made
     on conflict (device_id) do update set presence = 'online', presence_reason = 'message',
       last_message_at = excluded.last_message_at, usual_interval_ms = excluded.usual_interval_ms`,
    [organization, name, heard],
  );
}

async function presences(): Promise<Record<string, string>> {
  const { rows } = await database.pool.query(
    'select name, presence from device_state s join devices d on d.id = s.device_id order by name',
  );
  return Object.fromEntries(rows.map(({ name, presence }) => [name, presence]));
}

const fleet = () => Promise.all([device('heard', '5 s'), device('quiet', '60 s'), device('gone', '10 min')]);

test('only who has the secret gets something done', async () => {
  await lastTick('1 min');
  await fleet();
  for (const secret of [undefined, 'nonsense', `${TICK_SECRET}s`])
    expect((await post(secret)).status).toBe(401);
  expect(await presences()).toEqual({ heard: 'online', quiet: 'online', gone: 'online' });
});

test('who has been quiet is late, then offline', async () => {
  await lastTick('1 min');
  await fleet();
  expect(await (await post(TICK_SECRET)).json()).toEqual({ ticked: true, finished: true });
  expect(await presences()).toEqual({ heard: 'online', quiet: 'late', gone: 'offline' });
});

test('after a gap between ticks nobody is called offline for it', async () => {
  await lastTick('5 min');
  await fleet();
  expect((await post(TICK_SECRET)).status).toBe(200);
  expect(await presences()).toEqual({ heard: 'unknown', quiet: 'unknown', gone: 'unknown' });
});

test('what is kept for a time only is removed', async () => {
  await lastTick('1 min');
  await database.pool.query(
    `insert into private.message_ids values (gen_random_uuid(), now() - interval '25 hours'), (gen_random_uuid(), now());
     insert into integration_activity_log (organization_id, occurred_at, event)
     select id, now() - interval '31 days', 'too old' from organizations`,
  );
  const left = async () =>
    (
      await database.pool.query(
        `select (select count(*)::int from private.message_ids) as ids,
                (select count(*)::int from integration_activity_log) as activities`,
      )
    ).rows;
  expect((await post(TICK_SECRET)).status).toBe(200);
  expect(await left()).toEqual([{ ids: 1, activities: 0 }]);
});

test('two at once do it once, and so do two right after each other', async () => {
  await lastTick('1 min');
  const outcome = async () => ((await (await post(TICK_SECRET)).json()) as { ticked: boolean }).ticked;
  const both = await Promise.all([outcome(), outcome()]);
  expect(both.toSorted()).toEqual([false, true]);
  expect(await outcome()).toBe(false);
});

test('while the database is away it says so, and works again afterwards', async () => {
  await lastTick('1 min');
  await tick.network.sever();
  expect((await post(TICK_SECRET)).status).toBe(503);
  await tick.network.restore();
  await expect.poll(async () => (await post(TICK_SECRET)).status).toBe(200);
});

test('judges alerts: readings that were stored, and silence', async () => {
  await database.pool.query(
    `insert into alert_rules (organization_id, name, condition, for_seconds) values
       ($1, 'Too warm', '{"kind": "threshold", "metric": "t", "operator": "gt", "value": 30, "hysteresis": 0}', 0),
       ($1, 'Silent', '{"kind": "no_data"}', 60)`,
    [organization],
  );
  await device('boiler', '5 s');
  await database.pool.query(
    `with said as (
       insert into device_telemetry_history (organization_id, device_id, recorded_at, telemetry)
       select organization_id, id, now() - interval '2 minutes', '{"t": 35}' from devices where external_device_id = 'boiler'
       returning organization_id, device_id, recorded_at
     ), known as (
       update device_state s set newest_recorded_at = said.recorded_at from said where s.device_id = said.device_id)
     insert into private.alert_signals (organization_id, device_id, since) select * from said`,
  );
  await lastTick('60 s');
  expect(await (await post(TICK_SECRET)).json()).toEqual({ ticked: true, finished: true });
  const { rows } = await database.pool.query(
    'select rule_name, state, summary from alerts order by rule_name',
  );
  expect(rows).toEqual([
    { rule_name: 'Silent', state: 'open', summary: 'No reading for 1 minute' },
    { rule_name: 'Too warm', state: 'open', summary: 't is 35: above 30' },
  ]);
});
