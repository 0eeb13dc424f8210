import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alerting, PUBLIC_URL, SECRET_KEY } from '../support/alerting.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type EdgeFunction, startEdgeFunction } from '../support/edge-function.ts';
import { mailServer } from '../support/mail-server.ts';
import { receiver } from '../support/receiver.ts';

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

test('readings past the retention of their organization are deleted', async () => {
  const { rows } = await database.pool.query(
    `insert into devices (organization_id, external_device_id, name) values ($1, 'old', 'old') returning id`,
    [organization],
  );
  await database.pool.query(`select private.ensure_history_partition((now() - interval '60 days')::date)`);
  await database.pool.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, transaction_id, telemetry)
     select $1, $2, now() - days * interval '1 day', '3', '{}' from unnest(array[1, 60]) days`,
    [organization, rows[0].id],
  );
  await database.pool.query(
    `insert into private.rollup_positions (organization_id, position) values ($1, pg_snapshot_xmin(pg_current_snapshot()))
     on conflict (organization_id) do update set position = excluded.position`,
    [organization],
  );
  await database.pool.query('update organizations set readings_retention_days = 30 where id = $1', [
    organization,
  ]);
  await lastTick('1 min');
  expect((await post(TICK_SECRET)).status).toBe(200);
  const left = await database.pool.query(
    'select from device_telemetry_history where device_id = $1 and recorded_at < now() - $2::interval',
    [rows[0].id, '30 days'],
  );
  expect(left.rows).toEqual([]);
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

test('tells of alerts, by HTTP and by mail', async () => {
  const [hook, mail] = [await receiver(), await mailServer()];
  const telling = await startEdgeFunction('tick', database, {
    TICK_SECRET,
    SECRET_KEY,
    ALLOW_PRIVATE_NETWORKS: 'true',
    PUBLIC_URL,
    SMTP_URL: mail.url,
    SMTP_FROM: 'alerts@example.com',
  });
  try {
    const world = await alerting(database);
    const channel = await world.channel({ url: hook.url });
    await world.channel({ kind: 'email', settings: { to: ['ann@example.com'] } });
    const failing = await world.channel({ url: 'http://127.0.0.1:1/' });
    const opened = await world.open(await world.rule(), 3);
    const ticked = await fetch(`${telling.url}/tick`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TICK_SECRET}` },
    });
    expect(await ticked.json()).toEqual({ ticked: true, finished: true });
    expect(hook.received.map(({ body }) => body.data.counts.opened)).toEqual([opened.length]);
    expect(hook.received[0]!.body.data.url).toBe(`${PUBLIC_URL}/o/${world.organization}/alerts`);
    expect(hook.received[0]!.headers['webhook-signature']).toMatch(/^v1,/);
    expect(mail.mails).toMatchObject([{ to: ['ann@example.com'] }]);
    expect(await world.deliveries(channel)).toMatchObject([{ state: 'sent' }]);
    expect(await world.deliveries(failing)).toMatchObject([
      { state: 'pending', attempts: 1, last_error: 'Nothing listens on this port of the host.' },
    ]);
  } finally {
    await telling.stop();
    await Promise.all([hook.close(), mail.close()]);
  }
});
