import type pg from 'pg';
import type { Microseconds } from '../domain/time.ts';

/** Longer without a look is an outage of ours. */
const GAP_SECONDS = 30;

/** @returns since when nothing has escaped whoever watched before; undefined when nobody did just now */
export async function lastObserved(pool: pg.Pool): Promise<Microseconds | undefined> {
  const { rows } = await pool.query<{ observed_from: string }>(
    `select (extract(epoch from observed_from) * 1000000)::bigint as observed_from
       from private.presence_watch where looked_at > now() - make_interval(secs => $1)`,
    [GAP_SECONDS],
  );
  return rows[0] && Number(rows[0].observed_from);
}

/** Notes a look, for who watches next. */
export async function noteLook(pool: pg.Pool, observedFrom: Microseconds): Promise<void> {
  await pool.query({
    name: 'note_presence_look',
    text: `insert into private.presence_watch (observed_from, looked_at) values ($1, now())
      on conflict (only_row) do update set observed_from = excluded.observed_from, looked_at = excluded.looked_at`,
    values: [new Date(observedFrom / 1000)],
  });
}
