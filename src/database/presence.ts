import type pg from 'pg';
import type { Presence, PresenceEvidence } from '../domain/presence.ts';
import type { Microseconds } from '../domain/time.ts';
import { column } from './binary-array.ts';

/** A device whose presence may be due for a change. */
export interface PresenceCandidate extends PresenceEvidence {
  deviceId: string;
  organizationId: string;
  presence: Presence;
  /** Since when it can be heard: its customer's broker is connected. Now, while it is not. */
  audibleFrom: Microseconds | undefined;
}

export interface PresenceChange {
  deviceId: string;
  presence: Presence;
  reason: string;
  /** The evidence it was judged by: whatever has come since wins. */
  lastMessageAt: Microseconds | undefined;
  connectionAt: Microseconds | undefined;
}

/** We could not observe for a while: who was there and has not been heard since is unknown. */
export async function markUnobserved(pool: pg.Pool, since: Microseconds): Promise<void> {
  await pool.query(
    `update public.device_state set
       presence = 'unknown', presence_reason = 'not_observed', presence_since = now(),
       presence_changed_in = pg_current_xact_id()
     where presence in ('online', 'late')
       and coalesce(greatest(last_message_at, connection_at, status_at), '-infinity') < $1`,
    [new Date(since / 1000)],
  );
}

/**
 * Devices whose connection was to a gateway that is gone are unknown, unless they were heard since.
 * @param until when it was there last; connections that began within the last seconds may not be listed yet
 * @returns their organizations
 */
export async function markLostFromSight(pool: pg.Pool, until: Microseconds): Promise<Set<string>> {
  const { rows } = await pool.query<{ organization_id: string }>(
    `with unseen as (
       update public.device_state s set
         connection = 'unobserved', connection_at = $1,
         presence = case when ${isHeardOf} then presence else 'unknown' end,
         presence_reason = case when ${isHeardOf} then presence_reason else 'not_observed' end,
         presence_since = case when ${isHeardOf} then presence_since else now() end,
         presence_changed_in = case when ${isHeardOf} then presence_changed_in else pg_current_xact_id() end
       where connection = 'connected' and connection_at < now() - interval '3 seconds'
         and not exists (select from public.mqtt_connections c where c.id = s.connection_id)
       returning organization_id)
     select distinct organization_id from unseen`,
    [new Date(until / 1000)],
  );
  return new Set(rows.map((row) => row.organization_id));
}

/** Since the moment $1, or known not to be there. */
const isHeardOf = `(presence not in ('online', 'late') or greatest(last_message_at, status_at) > $1)`;

interface Row {
  device_id: string;
  organization_id: string;
  presence: Presence;
  usual_interval_ms: number | null;
  last_message_at: string | null;
  status: 'online' | 'offline' | null;
  status_at: string | null;
  connection: 'connected' | 'closed' | 'lost' | 'unobserved' | null;
  connection_at: string | null;
  audible_from: string | null;
}

const micros = (name: string) => `(extract(epoch from ${name}) * 1000000)::bigint as ${name}`;

/** Devices that are not offline, were seen once, and have been quiet for `quietSeconds`; in pages by id. */
export async function quietDevices(
  pool: pg.Pool,
  page: { quietSeconds: number; after: string; limit: number },
): Promise<PresenceCandidate[]> {
  const { rows } = await pool.query<Row>({
    name: 'quiet_devices',
    text: `select device_id, organization_id, presence, usual_interval_ms, ${micros('last_message_at')},
         status, ${micros('status_at')}, connection, ${micros('connection_at')},
         (select (extract(epoch from case t.state when 'connected' then t.since else now() end) * 1000000)::bigint
            from public.devices d join public.device_integrations i on i.id = d.integration_id
            join public.integration_status t on t.integration_id = i.id
           where d.id = device_id and i.mode = 'subscribe' and i.enabled) as audible_from
       from public.device_state
      where device_id > $1 and presence <> 'offline'
        and greatest(last_message_at, connection_at, status_at) < now() - make_interval(secs => $2)
      order by device_id limit $3`,
    values: [page.after, page.quietSeconds, page.limit],
  });
  return rows.map((row) => ({
    deviceId: row.device_id,
    organizationId: row.organization_id,
    presence: row.presence,
    usualIntervalMs: row.usual_interval_ms ?? undefined,
    lastMessageAt: row.last_message_at === null ? undefined : Number(row.last_message_at),
    status: row.status && row.status_at ? { status: row.status, at: Number(row.status_at) } : undefined,
    connection:
      row.connection && row.connection_at
        ? { state: row.connection, at: Number(row.connection_at) }
        : undefined,
    audibleFrom: row.audible_from === null ? undefined : Number(row.audible_from),
  }));
}

/** @returns how many changed */
export async function changePresence(pool: pg.Pool, changes: readonly PresenceChange[]): Promise<number> {
  const { rowCount } = await pool.query(
    `update public.device_state s set
       presence = c.presence, presence_reason = c.reason, presence_since = now(),
       presence_changed_in = pg_current_xact_id()
      from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
        as c (device_id, presence, reason, last_message_at, connection_at)
     where s.device_id = c.device_id and s.presence <> c.presence
       and s.last_message_at is not distinct from c.last_message_at
       and s.connection_at is not distinct from c.connection_at`,
    [
      changes.map((change) => change.deviceId),
      changes.map((change) => change.presence),
      changes.map((change) => change.reason),
      column('timestamptz', changes, (array, change) =>
        array.optional(change.lastMessageAt, array.timestamp),
      ),
      column('timestamptz', changes, (array, change) => array.optional(change.connectionAt, array.timestamp)),
    ],
  );
  return rowCount ?? 0;
}
