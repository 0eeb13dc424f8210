import type { Snapshot } from '../domain/snapshot.ts';
import { alertParties } from './alerts.ts';
import { shownOf } from './commands.ts';
import { ISO_TIME, type NamedStatement, type Transaction } from './transaction.ts';

/** One event of an organization; `data` is JSON on one line. */
export interface StoredEvent {
  event: 'reading' | 'presence' | 'integration' | 'command' | 'alert';
  data: string;
}

export interface FetchedEvents {
  /** Where the transaction stands: what it has not fetched comes after this. */
  cursor: string;
  /** False when the caller may not read the organization (any more); then there are no events either. */
  allowed: boolean;
  /** In the order of their transactions. Undefined when there are more than MOST_EVENTS or MOST_BYTES, or the cursor is of another database. */
  events: StoredEvent[] | undefined;
}

/** Further behind than this, a client had better ask anew for what it shows. */
export const MOST_EVENTS = 5000;
const MOST_BYTES = 4 * 1024 * 1024;

interface Source {
  event: StoredEvent['event'];
  table: string;
  transaction: string;
  order: string;
  data: string;
}

const iso = (time: string) => `to_char(${time}, ${ISO_TIME})`;

/** Params and result of a command go with its event up to so many bytes together. */
const COMMAND_JSON_BYTES = 4096;
const { detail, requestedBy } = shownOf('r');

const sources: Source[] = [
  {
    event: 'reading',
    table: 'public.device_telemetry_history',
    transaction: 'transaction_id',
    order: 'r.received_at, r.recorded_at',
    data: `json_build_object('device_id', r.device_id, 'recorded_at', ${iso('r.recorded_at')},
      'received_at', ${iso('r.received_at')}, 'telemetry', r.telemetry)`,
  },
  {
    event: 'presence',
    table: 'public.device_state',
    transaction: 'presence_changed_in',
    order: 'r.presence_since, r.device_id',
    data: `json_build_object('device_id', r.device_id,
      'external_device_id', (select external_device_id from public.devices where id = r.device_id),
      'presence', r.presence, 'since', ${iso('r.presence_since')}, 'reason', r.presence_reason,
      'last_seen_at', ${iso('r.last_message_at')})`,
  },
  {
    event: 'integration',
    table: 'public.integration_activity_log',
    transaction: 'transaction_id',
    order: 'r.id',
    data: `json_build_object('kind', 'activity', 'id', r.id::text, 'occurred_at', ${iso('r.occurred_at')},
      'event', r.event, 'reason', r.reason, 'detail', r.detail, 'integration_id', r.integration_id,
      'credential_id', r.credential_id, 'client_id', r.client_id, 'username', r.username,
      'remote_address', r.remote_address, 'topic', r.topic)`,
  },
  {
    event: 'integration',
    table: 'public.message_quarantine',
    transaction: 'transaction_id',
    order: 'r.received_at, r.id',
    data: `json_build_object('kind', 'quarantined', 'id', r.id, 'integration_id', r.integration_id,
      'external_device_id', r.external_device_id, 'topic', r.topic, 'reason', r.reason, 'detail', r.detail,
      'client_id', r.client_id, 'received_at', ${iso('r.received_at')})`,
  },
  {
    event: 'integration',
    table: 'public.integration_status',
    transaction: 'transaction_id',
    order: 'r.since, r.integration_id',
    data: `json_build_object('kind', 'status', 'integration_id', r.integration_id, 'state', r.state,
      'since', ${iso('r.since')}, 'reason', r.reason, 'detail', r.detail, 'next_try_at', ${iso('r.next_try_at')})`,
  },
  {
    event: 'command',
    table: 'public.device_commands',
    transaction: 'changed_in',
    order: 'r.sequence',
    data: `(jsonb_build_object('id', r.id, 'device_id', r.device_id,
      'external_device_id', (select external_device_id from public.devices where id = r.device_id),
      'name', r.name, 'state', r.state, 'reason', r.reason, 'detail', ${detail}, 'supersede_key', r.supersede_key,
      'attempts', r.attempts, 'requested_by', ${requestedBy}, 'sent_again_of', r.sent_again_of,
      'created_at', ${iso('r.created_at')}, 'expires_at', ${iso('r.expires_at')},
      'published_at', ${iso('r.published_at')}, 'delivered_at', ${iso('r.delivered_at')},
      'acknowledged_at', ${iso('r.acknowledged_at')}, 'finished_at', ${iso('r.finished_at')})
      || case when octet_length(r.params::text) + coalesce(octet_length(r.result::text), 0) <= ${COMMAND_JSON_BYTES}
           then jsonb_build_object('params', r.params, 'result', r.result, 'truncated', false)
           else '{"truncated": true}' end)`,
  },
  {
    event: 'alert',
    table: 'public.alerts',
    transaction: 'changed_in',
    order: 'r.opened_at, r.id',
    data: `json_build_object('id', r.id, 'rule_id', r.rule_id, 'rule_name', r.rule_name, 'severity', r.severity,
      'state', r.state, 'device', ${alertParties('r').device}, 'integration', ${alertParties('r').integration},
      'summary', r.summary, 'opened_at', ${iso('r.opened_at')}, 'detected_at', ${iso('r.detected_at')},
      'cleared_at', ${iso('r.cleared_at')}, 'resolution', r.resolution, 'snoozed_until', ${iso('r.snoozed_until')})`,
  },
];

/**
 * Rows that a snapshot does not contain: of transactions that began later ($2), and of those that were under way ($3).
 * Mostly these are near each other and one range of the index (organization, transaction), from the oldest of them on
 * ($4), has both at half the cost. A transaction may have been under way for hours, though: then two ranges, or
 * everything since would be read. The upper end keeps out rows that a restored dump brought with transaction ids of
 * another server.
 */
function since({ event, table, transaction, order, data }: Source, isNear: boolean): string {
  const part = (condition: string) => `
    (select * from ${table}
      where organization_id = $1 and ${transaction} < (select pg_snapshot_xmax(pg_current_snapshot())) and ${condition}
      order by ${transaction} limit ${MOST_EVENTS + 1})`;
  const later = `${transaction} >= $2::xid8`;
  const underWay = `${transaction} = any ($3::xid8[])`;
  const rows = isNear
    ? part(`${transaction} >= $4::xid8 and (${later} or ${underWay})`)
    : `(${part(later)} union all ${part(underWay)})`;
  return `
  (select '${event}' as event, ${data}::text as data
     from ${rows} r order by r.${transaction}, ${order} limit ${MOST_EVENTS + 1})`;
}

/** Transaction ids: as many begin in some seconds. */
const NEAR = 5000n;

const now = `select pg_current_snapshot()::text as cursor,
  exists (select from private.organizations_of('viewer') as mine where mine = $1) as allowed`;

/** The new cursor first. Beyond MOST_BYTES `data` is null: what is too much to send need not be fetched. */
const fetchStatement = (name: string, isNear: boolean): NamedStatement => ({
  name,
  text: `with now as (${now})
    select cursor, allowed, null as event, null as data from now
    union all (
      select null, null, event, case when sum(length(data)) over (rows unbounded preceding) <= ${MOST_BYTES} then data end
        from (${sources.map((source) => since(source, isNear)).join(' union all ')}) events limit ${MOST_EVENTS + 1})`,
});
const fetchNear = fetchStatement('fetch_events_near', true);
const fetchFar = fetchStatement('fetch_events', false);

const cursorStatement: NamedStatement = { name: 'event_cursor', text: now };

/**
 * What was committed since `after`, nothing twice and nothing left out. In a transaction of `withScope` with a snapshot,
 * so that the new cursor and the events of several calls are of one. Without `after` only the cursor.
 */
export async function fetchEvents(
  tx: Transaction,
  query: { organizationId: string; after?: Snapshot },
): Promise<FetchedEvents> {
  const { organizationId, after } = query;
  type Row = { cursor: string; allowed: boolean; event: StoredEvent['event']; data: string | null };
  const [{ cursor, allowed } = { cursor: '', allowed: false }, ...events] = await tx.rows<Row>(
    ...statementOf(organizationId, after),
  );
  if (!allowed || !after) return { cursor, allowed, events: [] };
  if (after.end > BigInt(cursor.split(':')[1]!)) return { cursor, allowed, events: undefined };
  const all = events.filter((event) => event.data !== null) as StoredEvent[];
  const tooMuch = events.length > MOST_EVENTS || all.length < events.length;
  return { cursor, allowed, events: tooMuch ? undefined : all };
}

function statementOf(organizationId: string, after: Snapshot | undefined): [NamedStatement, unknown[]] {
  if (!after) return [cursorStatement, [organizationId]];
  const oldest = after.underWay[0] === undefined ? after.end : BigInt(after.underWay[0]);
  const values = [organizationId, `${after.end}`, after.underWay];
  return after.end - oldest <= NEAR ? [fetchNear, [...values, `${oldest}`]] : [fetchFar, values];
}
