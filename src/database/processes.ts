import type pg from 'pg';
import type { ProcessDetail, RoleName } from '../contract/processes.ts';
import type { Microseconds } from '../domain/time.ts';

/** How often a process says that it is there, and after how long a silence it counts as gone. */
export const BEAT_MS = 2000;
const GONE_SECONDS = 10;

/** A process of the platform. */
export interface ProcessEntry {
  id: string;
  roles: readonly RoleName[];
  /** The machine's name. */
  host: string;
  pid: number;
  version: string;
  /** What each of its roles tells of itself, by role. */
  detail: ProcessDetail;
}

/** One that is there: it was heard within the last ten seconds. */
export interface LiveProcess extends ProcessEntry {
  startedAt: Date;
  seenAt: Date;
}

/** One that is no more. */
export interface GoneProcess {
  id: string;
  roles: readonly RoleName[];
  /** When it was there last, if not longer than until it would have been heard again. */
  until: Microseconds;
}

const live = `ended_at is null and seen_at > now() - interval '${GONE_SECONDS} seconds'`;
const columns = 'id, roles, host, pid, version, detail, started_at as "startedAt", seen_at as "seenAt"';

/** All that are there now, oldest first. */
export async function processes(pool: pg.Pool): Promise<LiveProcess[]> {
  const { rows } = await pool.query<LiveProcess>({
    name: 'processes',
    text: `select ${columns} from private.processes where ${live} order by started_at, id`,
  });
  return rows;
}

/**
 * Says that a process is there.
 * @returns whether it was not on the list: at its start, or when others took it for gone; and who else is there
 */
export async function beat(
  pool: pg.Pool,
  { id, roles, host, pid, version, detail }: ProcessEntry,
): Promise<{ isNew: boolean; others: LiveProcess[] }> {
  type Row = { is_new: boolean } & ({ id: null } | LiveProcess);
  const { rows } = await pool.query<Row>({
    name: 'beat',
    text: `
      with mine as (
        insert into private.processes as p (id, roles, host, pid, version, detail)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do update set seen_at = now(), ended_at = null, detail = excluded.detail
        returning xmax = 0 as is_new)
      select mine.is_new, other.*
        from mine left join
          (select ${columns} from private.processes where id <> $1 and ${live}) as other on true
       order by "startedAt", id`,
    values: [id, roles, host, pid, version, detail],
  });
  return {
    isNew: rows[0]!.is_new,
    others: rows.filter((row): row is Row & LiveProcess => row.id !== null),
  };
}

/** It stops: what is left of it is cleared by `clearGone`. */
export async function endProcess(pool: pg.Pool, id: string): Promise<void> {
  await pool.query('update private.processes set ended_at = now() where id = $1', [id]);
}

/**
 * Takes those that are gone off the list, with the connections that they held. To be asked only by a process that has
 * itself been heard for long enough: after an outage of the database all seem to be gone.
 */
export async function clearGone(pool: pg.Pool): Promise<GoneProcess[]> {
  const { rows } = await pool.query<{ id: string; roles: RoleName[]; until: string }>({
    name: 'clear_gone_processes',
    text: `
      with gone as (
        delete from private.processes where not (${live})
        returning id, roles, (extract(epoch from coalesce(ended_at, seen_at + interval '${BEAT_MS} ms')) * 1000000)::bigint as until),
      connections as (
        delete from public.mqtt_connections where gateway_id in (select id from gone))
      select id, roles, until from gone`,
  });
  return rows.map((row) => ({ ...row, until: Number(row.until) }));
}

/** Connections of processes that are on no list. */
export async function clearOrphanedConnections(pool: pg.Pool): Promise<void> {
  await pool.query(
    `delete from public.mqtt_connections c
      where not exists (select from private.processes p where p.id = c.gateway_id)`,
  );
}
