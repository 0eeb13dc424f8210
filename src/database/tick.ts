import type pg from 'pg';
import type { Microseconds } from '../domain/time.ts';

export interface TickTurn {
  /** Since when ticks have followed each other closely: nothing that is heard later has escaped us. */
  observedFrom: Microseconds;
  /** They have not: this is the first one after a gap, or ever. */
  wasBlind: boolean;
  housekeepingDue: boolean;
}

export interface TickTerms {
  /** So long nobody else has a turn, whether this one ends or fails. */
  leaseSeconds: number;
  /** A longer gap between two ticks is an outage of ours. */
  gapSeconds: number;
  /** How far apart housekeeping is due. */
  housekeepingSeconds: number;
}

/**
 * Takes the turn to do what only one may do at a time.
 * @returns undefined when another has it
 */
export async function takeTick(
  pool: pg.Pool,
  { leaseSeconds, gapSeconds, housekeepingSeconds }: TickTerms,
): Promise<TickTurn | undefined> {
  const { rows } = await pool.query<{ observed_from: string; was_blind: boolean; housekeeping_due: boolean }>(
    `with turn as (
       insert into private.leases as l (name, holder, expires_at)
       values ('tick', gen_random_uuid(), now() + make_interval(secs => $1))
       on conflict (name) do update set
         holder = excluded.holder, fencing = l.fencing + 1, expires_at = excluded.expires_at
        where l.expires_at <= now()
       returning fencing
     )
     insert into private.tick_state as t (observed_from, last_at)
     select now(), now() from turn
     on conflict (only_row) do update set
       observed_from =
         case when t.last_at < now() - make_interval(secs => $2) then now() else t.observed_from end,
       last_at = now()
     returning (extract(epoch from observed_from) * 1000000)::bigint as observed_from,
       observed_from = now() as was_blind, housekept_at < now() - make_interval(secs => $3) as housekeeping_due`,
    [leaseSeconds, gapSeconds, housekeepingSeconds],
  );
  const [turn] = rows;
  return (
    turn && {
      observedFrom: Number(turn.observed_from),
      wasBlind: turn.was_blind,
      housekeepingDue: turn.housekeeping_due,
    }
  );
}

export async function housekeepingDone(pool: pg.Pool): Promise<void> {
  await pool.query('update private.tick_state set housekept_at = now()');
}
