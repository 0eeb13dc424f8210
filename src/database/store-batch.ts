import type pg from 'pg';
import type { Microseconds } from '../domain/time.ts';
import { column } from './binary-array.ts';

/** A row of device_telemetry_history. Ids are the 16 bytes of a uuid; the key is two unsigned 32-bit halves. */
export interface ReadingRow {
  organizationId: Buffer;
  deviceId: Buffer;
  recordedAt: Microseconds;
  receivedAt: Microseconds;
  deviceTimestamp: Microseconds | undefined;
  keyHigh: number;
  keyLow: number;
  timeMark: string | undefined;
  /** JSON text that jsonb accepts. */
  telemetry: string;
}

/** What a batch changes in device_state; one row a device. What is undefined stays as it is. */
export interface DeviceStateRow {
  deviceId: Buffer;
  /** JSON as device_state.latest has it; `{}` when the batch brought no reading. */
  latest: string;
  /** recorded_at of the oldest and the newest value in `latest`. */
  oldestLatest: Microseconds | undefined;
  newestLatest: Microseconds | undefined;
  lastMessageAt: Microseconds | undefined;
  usualIntervalMs: number | undefined;
  presence: 'online' | 'offline' | undefined;
  presenceReason: string | undefined;
  presenceAt: Microseconds | undefined;
  status: 'online' | 'offline' | undefined;
  statusAt: Microseconds | undefined;
  connectionId: Buffer | undefined;
  connection: 'connected' | 'closed' | 'lost' | undefined;
  connectionAt: Microseconds | undefined;
  /** Of readings that rules look at: who has compared them with those before, the earliest, and from which on they matter. */
  watcher?: number | undefined;
  watchedFrom?: Microseconds | undefined;
  matterFrom?: Microseconds | undefined;
}

export interface QuarantineRow {
  id: Buffer;
  organizationId: Buffer;
  integrationId: Buffer;
  externalDeviceId: string | undefined;
  topic: string;
  payload: Uint8Array;
  qos: number;
  retain: boolean;
  reason: string;
  detail: string;
  clientId: string | undefined;
  receivedAt: Microseconds;
}

/** Packet ids that a client used, with the payloads' fingerprints: see private.message_keys. */
export interface MessageKeysRow {
  clientKeyHigh: number;
  clientKeyLow: number;
  receivedAt: Microseconds;
  uses: Uint8Array;
  /** Without it they are stored only for a client that has such rows already: its older uses are then not its last. */
  needed: boolean;
}

/** A sender's own id of a message: see private.message_ids. */
export interface MessageIdRow {
  idKey: Uint8Array;
  receivedAt: Microseconds;
}

export interface StoreBatch {
  readings: readonly ReadingRow[];
  /** Sorted by id, so that two batches that share devices lock them in the same order. */
  devices: readonly DeviceStateRow[];
  quarantined: readonly QuarantineRow[];
  messageKeys: readonly MessageKeysRow[];
  messageIds: readonly MessageIdRow[];
}

export interface StoredBatch {
  /** Positions in `readings` that were there already. */
  duplicates: readonly number[];
  /** Devices of which their watcher had not seen all: another has written of them, or later readings than these were there. */
  lost: readonly string[];
}

/** SQLSTATE of a batch that names a device which has been deleted; nothing of the batch was stored. */
export const DEVICE_GONE = 'NN001';
/** SQLSTATE of a batch with a reading or a sender's id that was there already; nothing of it was stored. */
export const REPEATED = '23505';

/** Values of latest that one device can have before older ones make room, in bytes: names can be invented forever. */
const LATEST_BYTES = 262_144;

/** Positions of the readings that were there already. */
const duplicates = `
  case when (select count(*) from stored) < cardinality($2::uuid[]) then (
    select array_agg((item.position - 1)::int)
      from (select *, row_number() over (partition by device_id, recorded_at, message_key order by position) as occurrence
              from unnest($2::uuid[], $3::timestamptz[], $6::int8[], $4::timestamptz[]) with ordinality
                as item (device_id, recorded_at, message_key, received_at, position)) item
     where occurrence > 1
        or not exists (select 1 from stored
             where (stored.device_id, stored.recorded_at, stored.message_key) = (item.device_id, item.recorded_at, item.message_key))
        -- Received at that very microsecond it is this one, stored by a commit whose answer was lost.
       and not exists (select 1 from public.device_telemetry_history h
             where (h.device_id, h.recorded_at, h.message_key) = (item.device_id, item.recorded_at, item.message_key)
               and h.received_at = item.received_at)
  ) end`;

/** Inserting without looking first costs a third less: 7 µs a row beside 10. */
const statement = (mayRepeat: boolean) => `
with stored as (
  insert into public.device_telemetry_history
    (organization_id, device_id, recorded_at, received_at, device_timestamp, message_key, time_mark, telemetry)
  -- Side by side instead of one unnest of all, which would write each array into a store of its own first: 15% less.
  select unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::timestamptz[]), unnest($4::timestamptz[]),
    unnest($5::timestamptz[]), unnest($6::int8[]), unnest($7::text[]), unnest($8::jsonb[])
  ${mayRepeat ? 'on conflict do nothing returning device_id, recorded_at, message_key' : ''}
), touched as (
  update public.device_state s set
    latest = case
      when d.newest_latest is null then s.latest
      when pg_column_size(s.latest) > ${LATEST_BYTES} then d.latest
      when s.newest_recorded_at is null or s.newest_recorded_at <= d.oldest_latest then s.latest || d.latest
      else private.merge_latest(s.latest, d.latest) end,
    newest_recorded_at = greatest(s.newest_recorded_at, d.newest_latest),
    last_message_at = greatest(s.last_message_at, d.last_message_at),
    usual_interval_ms = coalesce(d.usual_interval_ms, s.usual_interval_ms),
    presence = coalesce(d.presence, s.presence),
    presence_reason = case when d.presence <> s.presence then d.presence_reason else s.presence_reason end,
    presence_since = case when d.presence <> s.presence then d.presence_at else s.presence_since end,
    presence_changed_in = case when d.presence <> s.presence then pg_current_xact_id() else s.presence_changed_in end,
    status = coalesce(d.status, s.status),
    status_at = coalesce(d.status_at, s.status_at),
    connection_id = coalesce(d.connection_id, s.connection_id),
    connection = coalesce(d.connection, s.connection),
    connection_at = coalesce(d.connection_at, s.connection_at),
    -- By the row as it is once it is ours to write: a statement that runs at the same time is waited for.
    lost_track = d.watcher <> s.watcher or d.watched_from < s.newest_recorded_at,
    watcher = coalesce(d.watcher, s.watcher)
  from unnest($9::uuid[], $10::jsonb[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::int4[],
    $15::text[], $16::text[], $17::timestamptz[], $18::text[], $19::timestamptz[],
    $20::uuid[], $21::text[], $22::timestamptz[], $23::int4[], $24::timestamptz[], $25::timestamptz[])
    as d (device_id, latest, oldest_latest, newest_latest, last_message_at, usual_interval_ms,
      presence, presence_reason, presence_at, status, status_at, connection_id, connection, connection_at,
      watcher, watched_from, matter_from)
  where s.device_id = d.device_id
    -- The end of a connection says nothing about a device that another has spoken for since.
    and (d.last_message_at is not null or d.connection = 'connected'
         or s.connection_id is null or s.connection_id = d.connection_id)
  returning d.last_message_at, s.organization_id, s.device_id,
    case when s.lost_track then d.watched_from else d.matter_from end as matter_from, s.lost_track
), signalled as (
  insert into private.alert_signals (organization_id, device_id, since)
  select organization_id, device_id, matter_from from touched
   where matter_from is not null
     and exists (select from public.alert_rules r where r.organization_id = touched.organization_id and r.enabled)
), quarantined as (
  insert into public.message_quarantine
    (id, organization_id, integration_id, external_device_id, topic, payload, qos, retain, reason, detail, client_id, received_at)
  select * from unnest($26::uuid[], $27::uuid[], $28::uuid[], $29::text[], $30::text[], $31::bytea[],
    $32::int2[], $33::bool[], $34::text[], $35::text[], $36::text[], $37::timestamptz[])
  on conflict do nothing
), keys as (
  insert into private.message_keys (client_key, received_at, uses)
  select client_key, received_at, uses
    from unnest($38::int8[], $39::timestamptz[], $40::bytea[], $41::bool[])
      as used (client_key, received_at, uses, needed)
   where needed or exists (select 1 from private.message_keys k where k.client_key = used.client_key)
), ids as (
  insert into private.message_ids (id_key, received_at) select unnest($42::uuid[]), unnest($43::timestamptz[])
)
select
  private.fail_unless(
    -- By what was updated: a device whose deletion was waited for is still to be seen here, and gone all the same.
    (select count(last_message_at) from touched) = (select count(at) from unnest($13::timestamptz[]) as at),
    'a device of the batch is gone'),
  ${mayRepeat ? duplicates : 'null'} as duplicates,
  (select array_agg(device_id::text) from touched where lost_track) as lost`;

/** Prepared once per connection. */
const statements = {
  ofNew: { name: 'store_batch_of_new', text: statement(false) },
  ofRepeated: { name: 'store_batch_of_repeated', text: statement(true) },
};

/**
 * Stores a batch whole or not at all, in one round trip: readings, devices' state, quarantine, message keys.
 * @param mayRepeat readings that are there already are left alone; without it they fail the batch
 * @throws pg.DatabaseError with code DEVICE_GONE or REPEATED, or whatever PostgreSQL finds wrong with the data
 */
export async function storeBatch(
  client: pg.ClientBase,
  batch: StoreBatch,
  mayRepeat: boolean,
): Promise<StoredBatch> {
  const { rows } = await client.query<{
    duplicates: number[] | null;
    lost: string[] | null;
  }>({
    ...(mayRepeat ? statements.ofRepeated : statements.ofNew),
    values: [
      ...readingColumns(batch.readings),
      ...deviceColumns(batch.devices),
      ...quarantineColumns(batch.quarantined),
      ...messageKeyColumns(batch.messageKeys),
      column('uuid', batch.messageIds, (array, row) => array.bytes(row.idKey)),
      column('timestamptz', batch.messageIds, (array, row) => array.timestamp(row.receivedAt)),
    ],
  });
  const [row] = rows;
  return { duplicates: row?.duplicates ?? [], lost: row?.lost ?? [] };
}

function readingColumns(rows: readonly ReadingRow[]): Buffer[] {
  return [
    column('uuid', rows, (array, row) => array.bytes(row.organizationId)),
    column('uuid', rows, (array, row) => array.bytes(row.deviceId)),
    column('timestamptz', rows, (array, row) => array.timestamp(row.recordedAt)),
    column('timestamptz', rows, (array, row) => array.timestamp(row.receivedAt)),
    column('timestamptz', rows, (array, row) => array.optional(row.deviceTimestamp, array.timestamp)),
    column('int8', rows, (array, row) => array.int8(row.keyHigh, row.keyLow)),
    column('text', rows, (array, row) => array.optional(row.timeMark, array.text)),
    column('jsonb', rows, (array, row) => array.jsonb(row.telemetry)),
  ];
}

function deviceColumns(rows: readonly DeviceStateRow[]): Buffer[] {
  return [
    column('uuid', rows, (array, row) => array.bytes(row.deviceId)),
    column('jsonb', rows, (array, row) => array.jsonb(row.latest)),
    column('timestamptz', rows, (array, row) => array.optional(row.oldestLatest, array.timestamp)),
    column('timestamptz', rows, (array, row) => array.optional(row.newestLatest, array.timestamp)),
    column('timestamptz', rows, (array, row) => array.optional(row.lastMessageAt, array.timestamp)),
    column('int4', rows, (array, row) => array.optional(row.usualIntervalMs, array.int4)),
    column('text', rows, (array, row) => array.optional(row.presence, array.text)),
    column('text', rows, (array, row) => array.optional(row.presenceReason, array.text)),
    column('timestamptz', rows, (array, row) => array.optional(row.presenceAt, array.timestamp)),
    column('text', rows, (array, row) => array.optional(row.status, array.text)),
    column('timestamptz', rows, (array, row) => array.optional(row.statusAt, array.timestamp)),
    column('uuid', rows, (array, row) => array.optional(row.connectionId, array.bytes)),
    column('text', rows, (array, row) => array.optional(row.connection, array.text)),
    column('timestamptz', rows, (array, row) => array.optional(row.connectionAt, array.timestamp)),
    column('int4', rows, (array, row) => array.optional(row.watcher, array.int4)),
    column('timestamptz', rows, (array, row) => array.optional(row.watchedFrom, array.timestamp)),
    column('timestamptz', rows, (array, row) => array.optional(row.matterFrom, array.timestamp)),
  ];
}

function quarantineColumns(rows: readonly QuarantineRow[]): Buffer[] {
  return [
    column('uuid', rows, (array, row) => array.bytes(row.id)),
    column('uuid', rows, (array, row) => array.bytes(row.organizationId)),
    column('uuid', rows, (array, row) => array.bytes(row.integrationId)),
    column('text', rows, (array, row) => array.optional(row.externalDeviceId, array.text)),
    column('text', rows, (array, row) => array.text(row.topic)),
    column('bytea', rows, (array, row) => array.bytes(row.payload)),
    column('int2', rows, (array, row) => array.int2(row.qos)),
    column('bool', rows, (array, row) => array.bool(row.retain)),
    column('text', rows, (array, row) => array.text(row.reason)),
    column('text', rows, (array, row) => array.text(row.detail)),
    column('text', rows, (array, row) => array.optional(row.clientId, array.text)),
    column('timestamptz', rows, (array, row) => array.timestamp(row.receivedAt)),
  ];
}

function messageKeyColumns(rows: readonly MessageKeysRow[]): Buffer[] {
  return [
    column('int8', rows, (array, row) => array.int8(row.clientKeyHigh, row.clientKeyLow)),
    column('timestamptz', rows, (array, row) => array.timestamp(row.receivedAt)),
    column('bytea', rows, (array, row) => array.bytes(row.uses)),
    column('bool', rows, (array, row) => array.bool(row.needed)),
  ];
}

/** Those of the ids that a message has come with within a day, as hexadecimal texts. */
export async function pastIds(client: pg.ClientBase, idKeys: readonly Uint8Array[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'past_ids',
    text: `select encode(uuid_send(id_key), 'hex') as id from private.message_ids where id_key = any ($1::uuid[])`,
    values: [column('uuid', idKeys, (array, idKey) => array.bytes(idKey))],
  });
  return new Set(rows.map(({ id }) => id));
}

/** One client's uses of packet ids, oldest first. */
export interface PastUses {
  clientKey: string;
  uses: Buffer;
}

/**
 * What the given clients' packet ids were last used for, within a day. A client has 65,535 packet ids of ten
 * bytes, so no more of its newest rows are read than hold a full turn of them.
 * @param clientKeys signed decimal int8
 */
export async function pastUses(client: pg.ClientBase, clientKeys: readonly string[]): Promise<PastUses[]> {
  const { rows } = await client.query<{ client_key: string; uses: Buffer }>({
    name: 'past_uses',
    text: `
      select asked.client_key, recent.uses
        from unnest($1::int8[]) as asked (client_key)
        cross join lateral (
          select uses, received_at from (
            select uses, received_at, sum(length(uses)) over (order by received_at desc) - length(uses) as newer
              from (select uses, received_at from private.message_keys
                     where client_key = asked.client_key and received_at > now() - interval '1 day'
                     order by received_at desc limit 20000) latest) turn
           where newer < 655350) recent
       order by asked.client_key, recent.received_at`,
    values: [clientKeys],
  });
  return rows.map((row) => ({ clientKey: row.client_key, uses: row.uses }));
}
