import type pg from 'pg';

/** Readings deleted in one statement: it takes some tens of milliseconds. */
const READINGS_AT_ONCE = 5000;
const DEVICES_AT_ONCE = 500;

/** A device whose readings are kept for a shorter time than the platform's, and has some that are older. */
export interface ExpiredReadings {
  organizationId: string;
  deviceId: string;
  /** Those before are nothing that can be deleted. */
  from: string;
  /** Whole hours, as roll-ups have them. */
  before: string;
}

/** Devices by their ids: beyond `after`, and up to `last`. */
export interface DeviceRange {
  after: string;
  last: string;
}

/**
 * The next devices of a range, of which those are told that have readings past their retention.
 * @param options.retentionDays of the platform
 * @returns also the rest of the range; undefined when there is none
 */
export async function expiredReadings(
  pool: pg.Pool,
  options: { range: DeviceRange; retentionDays: number },
): Promise<{ expired: ExpiredReadings[]; rest: DeviceRange | undefined }> {
  const { after, last } = options.range;
  const from = await deletableFrom(pool);
  const { rows } = await pool.query<{
    has_expired: boolean;
    organization_id: string;
    id: string;
    before: string;
  }>(
    `select kept.organization_id, kept.id, kept.before::text,
            exists (select from public.device_telemetry_history h
                     where h.device_id = kept.id and h.recorded_at < kept.before and h.recorded_at >= $3) as has_expired
       from (select d.organization_id, d.id,
                    date_bin('1 hour', now() - make_interval(days => least(o.readings_retention_days, t.retention_days)),
                             'epoch') as before
               from public.devices d
               join public.organizations o on o.id = d.organization_id
               left join public.device_types t on t.id = d.device_type_id
              where d.id > $1 and d.id <= $4 and least(o.readings_retention_days, t.retention_days) < $2
              order by d.id limit ${DEVICES_AT_ONCE}) kept`,
    [after, options.retentionDays, from, last],
  );
  return {
    expired: rows
      .filter(({ has_expired }) => has_expired)
      .map(({ organization_id, id, before }) => ({
        organizationId: organization_id,
        deviceId: id,
        from,
        before,
      })),
    rest: rows.length < DEVICES_AT_ONCE ? undefined : { after: rows.at(-1)!.id, last },
  };
}

/**
 * Deletes the oldest of them, but for those of hours that are not rolled up yet, by the primary key.
 * @returns whether there may be more
 */
export async function deleteExpiredReadings(pool: pg.Pool, readings: ExpiredReadings): Promise<boolean> {
  const { rows } = await pool.query<{ deleted: number }>(
    `with gone as (
       delete from public.device_telemetry_history h
        where h.device_id = $1 and h.recorded_at < $2 and h.recorded_at >= $4
          -- Up to the last of so many: several may share its time.
          and h.recorded_at <= coalesce((
                select l.recorded_at from public.device_telemetry_history l
                 where l.device_id = $1 and l.recorded_at < $2 and l.recorded_at >= $4
                 order by l.recorded_at offset ${READINGS_AT_ONCE - 1} limit 1), 'infinity')
          -- Looked at by the roll-ups, and not waiting for them. One that is ahead of the server came with a dump of another.
          and h.transaction_id < (
                select p.position from private.rollup_positions p
                 where p.organization_id = $3 and p.position <= pg_snapshot_xmax(pg_current_snapshot()))
          and not exists (
                select from private.unrolled_hours u
                 where u.device_id = $1 and u.hour = date_bin('1 hour', h.recorded_at, 'epoch'))
       returning 1
     ), counted as (
       update private.stored_rows set rows = greatest(0, rows - (select count(*) from gone)) where organization_id = $3
     )
     select count(*)::int as deleted from gone`,
    [readings.deviceId, readings.before, readings.organizationId, readings.from],
  );
  return rows[0]!.deleted >= READINGS_AT_ONCE;
}

/** Rows of months that are packed in columns can't be deleted, and a statement that could meet them fails: docs/scaling.md */
async function deletableFrom(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ start: string }>(
    `select coalesce(max(to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month')::timestamp at time zone 'UTC',
                     '-infinity')::text as start
       from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_am a on a.oid = c.relam
      where i.inhparent = 'public.device_telemetry_history'::regclass and a.amname <> 'heap'`,
  );
  return rows[0]!.start;
}
