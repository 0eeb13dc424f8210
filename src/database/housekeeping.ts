import type pg from 'pg';

/** Rows removed in one statement, so that no lock is held for long. */
const AT_ONCE = 10_000;

/** Messages that one organization has in quarantine at most, but for those of the last minutes. */
export const MOST_QUARANTINED = 20_000;

/** Lists that are bounded by count for each organization, and by age. */
const bounded = [
  { table: 'public.integration_activity_log', column: 'occurred_at', days: 30, rows: 20_000 },
  { table: 'public.message_quarantine', column: 'received_at', days: 90, rows: MOST_QUARANTINED },
] as const;

/** Months from now on are made before anything needs them. */
export async function makePartitionsAhead(pool: pg.Pool): Promise<void> {
  await pool.query(
    'select private.ensure_history_partition((now() + make_interval(months => n))::date) from generate_series(-1, 2) n',
  );
}

/** Drops the months of history that lie wholly before the longest retention. @returns their tables' names */
export async function dropOldPartitions(pool: pg.Pool, retentionDays: number): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'public.device_telemetry_history'::regclass
        and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' < now() - make_interval(days => $1)
      order by 1`,
    [retentionDays],
  );
  for (const { name } of rows) {
    // Detaching concurrently waits for running queries instead of making all others wait.
    await pool.query(
      `alter table public.device_telemetry_history detach partition public."${name}" concurrently`,
    );
    await pool.query(
      `update private.stored_rows s set rows = greatest(0, s.rows - gone.rows)
         from (select organization_id, count(*) as rows from public."${name}" group by organization_id) gone
        where s.organization_id = gone.organization_id`,
    );
    await pool.query(`drop table public."${name}"`);
  }
  return rows.map(({ name }) => name);
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
  await remove(
    'public.device_messages',
    'not exists (select from public.devices d where d.id = device_messages.device_id)',
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
