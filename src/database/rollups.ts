import type pg from 'pg';
import { MINUTES_FROM, numbersOf, ofBuckets, ofReadings, packed, unpacked } from './rollup-columns.ts';
import { planOnce } from './scope.ts';
import { inTransaction } from './transaction.ts';

/** Readings looked at in one statement, and hours rolled up in one: so long nobody waits for a stop. */
const READINGS_AT_ONCE = 20_000;
export const HOURS_AT_ONCE = 100;

/** One transaction may have brought a whole history. */
const query_timeout = 1_800_000;

/** An hour is rolled up so long after its end, or after a late reading in it: late ones seldom come alone. */
const SETTLED_AFTER = '1 minute';

/** Every organization; those that have never been looked at are looked at from their first reading on. */
export async function organizationsToRollUp(pool: pg.Pool): Promise<string[]> {
  await pool.query(
    `insert into private.rollup_positions (organization_id, position)
     select id, '0' from public.organizations on conflict do nothing`,
  );
  const { rows } = await pool.query<{ id: string }>(
    'select organization_id as id from private.rollup_positions',
  );
  return rows.map(({ id }) => id);
}

/**
 * Notes the hours of readings that were committed since it was last looked. Transactions below the snapshot's xmin have
 * all ended, so none of them is skipped; what it notes and how far it looked are committed together, so none is lost.
 * A position ahead of the server's transactions came with a dump of another server: what that one had not looked at is
 * noted, and then everything of this one.
 * @returns whether there is more to look at
 */
export async function noteUnrolledHours(pool: pg.Pool, organizationId: string): Promise<boolean> {
  const text = `
      with span as (
        select p.position as first, pg_snapshot_xmin(pg_current_snapshot()) as settled,
               p.position > pg_snapshot_xmax(pg_current_snapshot()) as is_foreign,
               -- It goes along whole: a transaction is looked at once.
               (select h.transaction_id from public.device_telemetry_history h
                 where h.organization_id = $1 and h.transaction_id >= p.position
                   and h.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
                 order by h.transaction_id offset ${READINGS_AT_ONCE} limit 1) as last
          from private.rollup_positions p where p.organization_id = $1 for update
      ), noted as (
        insert into private.unrolled_hours (device_id, hour, due_at)
        select device_id, hour, greatest(hour + interval '1 hour', now()) + interval '${SETTLED_AFTER}'
          from (select h.device_id, date_bin('1 hour', h.recorded_at, 'epoch') as hour
                  from public.device_telemetry_history h
                 where h.organization_id = $1 and h.transaction_id >= (select first from span)
                   and (h.transaction_id < (select settled from span) or (select is_foreign from span))
                   and (h.transaction_id <= (select last from span) or (select last from span) is null)
                 group by 1, 2) changed
         where exists (select from public.devices d where d.id = device_id)
         order by device_id, hour
        on conflict do nothing
      )
      update private.rollup_positions p
         set position = case when is_foreign then '0' when last is null then settled
                             else (last::text::numeric + 1)::text::xid8 end
        from span where p.organization_id = $1
      returning is_foreign or last is not null as more`;
  return inTransaction(pool, `begin; ${planOnce}`, async (tx) => {
    const row = await tx.row<{ more: boolean }>({ name: 'note_unrolled_hours', text, query_timeout }, [
      organizationId,
    ]);
    return row?.more ?? false;
  });
}

/** Readings may have been removed since: a bucket never comes to tell of fewer than it did. */
const stored = (table: string, rolled: string) => `
  insert into public.${table} as t (organization_id, device_id, bucket, readings, metrics) ${rolled}
  on conflict (device_id, bucket) do update set readings = excluded.readings, metrics = excluded.metrics
   where excluded.readings >= t.readings`;

/**
 * $1 and $2 are devices and hours of theirs; a device whose row is held can't be deleted meanwhile. Of an hour past the
 * device's retention readings are gone: what came late would take their place, so it stays as it was rolled up.
 */
const rollHours = `
  with due as materialized (
    select d.organization_id, d.id as device_id, due.hour
      from unnest($1::uuid[], $2::timestamptz[]) as due (device_id, hour)
      join public.devices d on d.id = due.device_id
      join public.organizations o on o.id = d.organization_id
      left join public.device_types t on t.id = d.device_type_id
     where not exists (
       select from public.device_telemetry_1h r
        where r.device_id = d.id and r.bucket = due.hour
          and r.bucket < now() - make_interval(days => least(o.readings_retention_days, t.retention_days)))
       for key share of d
  ), held as materialized (
    select due.*, h.recorded_at, h.message_key, h.telemetry from due
     cross join lateral (select * from public.device_telemetry_history h
       where h.device_id = due.device_id and h.recorded_at >= due.hour and h.recorded_at < due.hour + interval '1 hour' offset 0) h
  ), minutes as materialized (
    select device_id, hour, date_bin('1 minute', recorded_at, 'epoch') as bucket, v.metric, ${ofReadings}
      from held cross join lateral ${numbersOf('held.telemetry')} v
     group by device_id, hour, bucket, v.metric
  ), hours as (
    select device_id, hour, jsonb_object_agg(metric, ${packed}) as metrics
      from (select device_id, hour, metric, ${ofBuckets} from minutes group by device_id, hour, metric) merged
     group by device_id, hour
  ), counted as materialized (
    select organization_id, device_id, hour, count(*) as readings from held group by organization_id, device_id, hour
  ), by_minute as (${stored(
    'device_telemetry_1m',
    `select c.organization_id, c.device_id, m.bucket, n.readings, jsonb_object_agg(m.metric, ${packed})
       from counted c join minutes m using (device_id, hour)
       join (select device_id, date_bin('1 minute', recorded_at, 'epoch') as bucket, count(*) as readings
               from held group by 1, 2) n on n.device_id = m.device_id and n.bucket = m.bucket
      where c.readings >= ${MINUTES_FROM}
      group by c.organization_id, c.device_id, m.bucket, n.readings`,
  )})
  ${stored(
    'device_telemetry_1h',
    `select c.organization_id, c.device_id, c.hour, c.readings, coalesce(h.metrics, '{}')
       from counted c left join hours h using (device_id, hour)`,
  )}`;

/** The days that these hours are of, from all of their hours. */
const rollDays = `
  with due as materialized (
    select distinct device_id, date_bin('1 day', hour, 'epoch') as day
      from unnest($1::uuid[], $2::timestamptz[]) as due (device_id, hour)
  ), held as materialized (
    select h.organization_id, h.device_id, due.day, h.readings, h.metrics from due
     cross join lateral (select * from public.device_telemetry_1h h
       where h.device_id = due.device_id and h.bucket >= due.day and h.bucket < due.day + interval '1 day' offset 0) h
  ), merged as (
    select device_id, day, metric, ${ofBuckets} from held cross join lateral ${unpacked('held.metrics')} v
     group by device_id, day, metric
  ), days as (
    select device_id, day, jsonb_object_agg(metric, ${packed}) as metrics from merged group by device_id, day
  )
  ${stored(
    'device_telemetry_1d',
    `select c.organization_id, c.device_id, c.day, c.readings, coalesce(d.metrics, '{}')
       from (select organization_id, device_id, day, sum(readings) as readings from held group by 1, 2, 3) c
       left join days d using (device_id, day)`,
  )}`;

/**
 * Rolls up hours that are due, each anew from its readings: whatever came late, twice or in disorder, and however often it
 * is done, the same comes out. A note goes with the commit of what it asked for.
 * @returns how many hours; fewer than HOURS_AT_ONCE are all that were due
 */
export async function rollUpHours(pool: pg.Pool): Promise<number> {
  return inTransaction(pool, `begin; ${planOnce}`, async (tx) => {
    const hours = await tx.rows<{ device_id: string; hour: string }>(
      `delete from private.unrolled_hours u using (
         select device_id, hour from private.unrolled_hours where due_at <= now()
          order by due_at limit ${HOURS_AT_ONCE} for update skip locked) due
        where u.device_id = due.device_id and u.hour = due.hour returning u.device_id, u.hour::text`,
    );
    if (hours.length === 0) return 0;
    const values = [hours.map(({ device_id }) => device_id), hours.map(({ hour }) => hour)];
    // In a transaction of its own: what it locks others wait for.
    await pool.query(
      `select private.ensure_rollup_partitions(month)
         from (select distinct date_trunc('month', hour at time zone 'UTC')::date as month from unnest($1::timestamptz[]) hour) months`,
      [values[1]],
    );
    await tx.rows({ name: 'roll_hours', text: rollHours, query_timeout }, values);
    await tx.rows({ name: 'roll_days', text: rollDays, query_timeout }, values);
    return hours.length;
  });
}
