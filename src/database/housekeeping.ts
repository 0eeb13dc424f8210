import type pg from 'pg';

/** Rows removed in one statement, so that no lock is held for long. */
const AT_ONCE = 10_000;

/** Messages that one organization has in quarantine at most, but for those of the last minutes. */
export const MOST_QUARANTINED = 20_000;

/** Lists that are bounded by count for each organization, and by age. */
const bounded = [
  { table: 'public.integration_activity_log', column: 'occurred_at', days: 30, rows: 20_000 },
  { table: 'public.message_quarantine', column: 'received_at', days: 90, rows: MOST_QUARANTINED },
  { table: 'public.notification_deliveries', column: 'created_at', days: 30, rows: 20_000 },
] as const;

/** Months from now on are made before anything needs them. */
export async function makePartitionsAhead(pool: pg.Pool): Promise<void> {
  await pool.query(
    'select private.ensure_history_partition((now() + make_interval(months => n))::date) from generate_series(-1, 2) n',
  );
}

export interface Retention {
  /** Of readings, and of what there is of them by the minute. */
  retentionDays: number;
  /** Of roll-ups by the hour and day. */
  rollupRetentionDays: number;
}

const HISTORY = 'device_telemetry_history';

/**
 * Drops the months of history that lie wholly before their retention. Readings wait until they are rolled up.
 * @returns their tables' names
 */
export async function dropOldPartitions(
  pool: pg.Pool,
  { retentionDays, rollupRetentionDays }: Retention,
): Promise<string[]> {
  const { rows } = await pool.query<{ parent: string; name: string }>(
    `select p.relname as parent, c.relname as name
       from (values ('${HISTORY}', $1::int), ('device_telemetry_1m', $1), ('device_telemetry_1h', $2), ('device_telemetry_1d', $2))
              as kept (parent, days)
       join pg_class p on p.oid = ('public.' || kept.parent)::regclass
       join pg_inherits i on i.inhparent = p.oid join pg_class c on c.oid = i.inhrelid
      where to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' < now() - make_interval(days => kept.days)
      order by 1, 2`,
    [retentionDays, rollupRetentionDays],
  );
  const dropped: string[] = [];
  for (const { parent, name } of rows) {
    if (parent === HISTORY && !(await isRolledUp(pool, name))) continue;
    // Detaching concurrently waits for running queries instead of making all others wait.
    await pool.query(`alter table public.${parent} detach partition public."${name}" concurrently`);
    if (parent === HISTORY) await countDropped(pool, name);
    await pool.query(`drop table public."${name}"`);
    dropped.push(name);
  }
  return dropped;
}

/** Whether everything in a month of readings is in the roll-ups: by the indexes, for it may be a large one. */
async function isRolledUp(pool: pg.Pool, partition: string): Promise<boolean> {
  const { rows } = await pool.query<{ is_rolled_up: boolean }>(
    `select not exists (
              select from private.unrolled_hours
               where hour >= month::timestamp at time zone 'UTC'
                 and hour < (month + interval '1 month') at time zone 'UTC')
        and not exists (
              select from public.organizations o left join private.rollup_positions p on p.organization_id = o.id
               cross join lateral (
                 select from public."${partition}" h
                  where h.organization_id = o.id and h.transaction_id >= coalesce(p.position, '0')
                    and h.transaction_id < pg_snapshot_xmax(pg_current_snapshot()) limit 1) unseen) as is_rolled_up
       from to_date($1, 'YYYY_MM') month`,
    [partition.slice(-7)],
  );
  return rows[0]!.is_rolled_up;
}

async function countDropped(pool: pg.Pool, partition: string): Promise<void> {
  await pool.query(
    `update private.stored_rows s set rows = greatest(0, s.rows - gone.rows)
       from (select organization_id, count(*) as rows from public."${partition}" group by organization_id) gone
      where s.organization_id = gone.organization_id`,
  );
}

/**
 * Removes what is kept for a time or up to a number only.
 * @throws the signal's reason when it comes before the end
 */
export async function removeExpired(pool: pg.Pool, signal?: AbortSignal): Promise<void> {
  const remove = (table: string, condition: string, values: unknown[] = []) =>
    inBatches({ pool, table, condition, values, signal });
  await remove('private.message_keys', `received_at < now() - interval '1 day'`);
  await remove('private.message_ids', `received_at < now() - interval '1 day'`);
  // Every start of a process makes one; a connection's is made again when it is taken.
  await remove(
    'private.leases',
    `name ~ '^(subscri(ber|ption)|commands)/' and expires_at < now() - interval '1 day'`,
  );
  await remove('public.device_commands', `finished_at < now() - interval '90 days'`);
  await remove('accounts.session', `"expiresAt" < now()`);
  await remove('public.integration_traffic', `minute < now() - interval '8 days'`);
  await remove('public.organization_usage', `day < current_date - 90`);
  for (const { table, column, days, rows } of bounded) {
    await remove(table, `${column} < now() - interval '${days} days'`);
    const { rows: over } = await pool.query<{ organization_id: string; since: string }>(
      `select organization_id, (array_agg(${column} order by ${column} desc))[${rows + 1}]::text as since
         from ${table} group by organization_id having count(*) > ${rows}`,
    );
    for (const { organization_id, since } of over) {
      await remove(table, `organization_id = $1 and ${column} <= $2`, [organization_id, since]);
    }
  }
}

/**
 * Counts the rows of organizations that have a limit of them, once a day each: their count may have missed some when a
 * process was killed. One with each call, for a large one takes its time.
 */
export async function recountRows(pool: pg.Pool): Promise<void> {
  await pool.query(
    `with next as (
       select s.organization_id from private.stored_rows s
        where s.counted_at < now() - interval '1 day'
          and private.limits_of(s.organization_id) ->> 'stored_rows' is not null
        order by s.counted_at limit 1
     )
     update private.stored_rows s set counted_at = now(),
       rows = (select count(*) from public.device_telemetry_history h where h.organization_id = s.organization_id)
       from next where s.organization_id = next.organization_id`,
  );
}

interface Removal {
  pool: pg.Pool;
  table: string;
  condition: string;
  values: unknown[];
  signal: AbortSignal | undefined;
}

async function inBatches({ pool, table, condition, values, signal }: Removal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const { rowCount } = await pool.query(
      `delete from ${table} where ctid = any (array(select ctid from ${table} where ${condition} limit ${AT_ONCE}))`,
      values,
    );
    if ((rowCount ?? 0) < AT_ONCE) return;
  }
}
