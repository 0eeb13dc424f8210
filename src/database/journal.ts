import type pg from 'pg';
import type { Microseconds } from '../domain/time.ts';
import { column } from './binary-array.ts';
import { isUnavailable } from './database-error.ts';

/** Rows that a process adds to the journal tables in one go; see `Journal` in ingest. */
export interface JournalPage {
  traffic: TrafficRow[];
  receipts: ReceiptRow[];
  activities: ActivityRow[];
  opened: ConnectionRow[];
  /** Ids of mqtt_connections. */
  closed: string[];
  messages: RawMessageRow[];
}

export interface TrafficRow {
  integrationId: string;
  organizationId: string;
  minute: Microseconds;
  stored: number;
  duplicate: number;
  quarantined: number;
  rejected: number;
  bytes: number;
  /** When the last of them was received. */
  lastAt: Microseconds;
}

export interface ReceiptRow {
  organizationId: string;
  integrationId: string;
  receivedAt: Microseconds;
  outcome: 'duplicate' | 'rejected';
  reason: string | undefined;
  topic: string;
  clientId: string | undefined;
}

export interface ActivityRow {
  organizationId: string;
  integrationId: string;
  credentialId: string | undefined;
  occurredAt: Microseconds;
  event: string;
  reason: string | undefined;
  detail: string;
  clientId: string | undefined;
  username: string | undefined;
  remoteAddress: string | undefined;
  topic: string | undefined;
}

export interface ConnectionRow {
  id: string;
  organizationId: string;
  credentialId: string;
  gatewayId: string;
  clientId: string;
  protocolLevel: number;
  transport: 'tcp' | 'tls' | 'ws' | 'wss';
  remoteAddress: string;
  connectedAt: Microseconds;
}

export interface RawMessageRow {
  deviceId: Uint8Array;
  receivedAt: Microseconds;
  topic: string;
  payload: Uint8Array;
  payloadBytes: number;
  qos: number;
  retain: boolean;
  outcome: string;
  reason: string | undefined;
  readings: number;
}

/**
 * Writes a page whole or not at all. Rows whose organization, integration, credential or device has been deleted
 * meanwhile are left out, or lose the reference.
 */
export async function writeJournal(pool: pg.Pool, page: JournalPage): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('begin');
    if (page.traffic.length > 0) await writeTraffic(client, page.traffic);
    if (page.opened.length > 0) await writeOpened(client, page.opened);
    if (page.closed.length > 0) {
      await client.query('delete from public.mqtt_connections where id = any ($1::uuid[])', [page.closed]);
    }
    if (page.activities.length > 0) await writeActivities(client, page.activities);
    if (page.receipts.length > 0) await writeReceipts(client, page.receipts);
    if (page.messages.length > 0) await writeMessages(client, page.messages);
    await client.query('commit');
  } catch (error) {
    if (isUnavailable(error)) onError(error as Error);
    else await client.query('rollback').catch(onError);
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function writeTraffic(client: pg.ClientBase, rows: TrafficRow[]): Promise<void> {
  // In order, so that two processes that count for the same integrations don't wait for each other in a circle.
  rows.sort((a, b) => (a.integrationId < b.integrationId ? -1 : 1));
  await client.query(
    `insert into public.integration_traffic as t
       (integration_id, organization_id, minute, stored, duplicate, quarantined, rejected, bytes, last_at)
     select row.* from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
                              $9::timestamptz[])
         as row (integration_id, organization_id, minute, stored, duplicate, quarantined, rejected, bytes, last_at)
       join public.device_integrations i on i.id = row.integration_id
     on conflict (integration_id, minute) do update set
       stored = t.stored + excluded.stored,
       duplicate = t.duplicate + excluded.duplicate,
       quarantined = t.quarantined + excluded.quarantined,
       rejected = t.rejected + excluded.rejected,
       bytes = t.bytes + excluded.bytes,
       last_at = greatest(t.last_at, excluded.last_at)`,
    [
      rows.map((row) => row.integrationId),
      rows.map((row) => row.organizationId),
      column('timestamptz', rows, (array, row) => array.timestamp(row.minute)),
      rows.map((row) => row.stored),
      rows.map((row) => row.duplicate),
      rows.map((row) => row.quarantined),
      rows.map((row) => row.rejected),
      rows.map((row) => row.bytes),
      column('timestamptz', rows, (array, row) => array.timestamp(row.lastAt)),
    ],
  );
}

/** A new connection also says that its credential is in use. */
async function writeOpened(client: pg.ClientBase, rows: ConnectionRow[]): Promise<void> {
  await client.query(
    `with row as (
       select row.* from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::int2[], $7::text[], $8::text[], $9::timestamptz[])
           as row (id, organization_id, credential_id, gateway_id, client_id, protocol_level, transport, remote_address, connected_at)
         join public.mqtt_credentials c on c.id = row.credential_id
     ), used as (
       update public.mqtt_credentials c set last_used_at = greatest(c.last_used_at, latest.connected_at)
         from (select credential_id, max(connected_at) as connected_at from row group by credential_id) latest
        where c.id = latest.credential_id
     )
     insert into public.mqtt_connections select * from row on conflict do nothing`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.organizationId),
      rows.map((row) => row.credentialId),
      rows.map((row) => row.gatewayId),
      rows.map((row) => row.clientId),
      rows.map((row) => row.protocolLevel),
      rows.map((row) => row.transport),
      rows.map((row) => row.remoteAddress),
      column('timestamptz', rows, (array, row) => array.timestamp(row.connectedAt)),
    ],
  );
}

async function writeActivities(client: pg.ClientBase, rows: ActivityRow[]): Promise<void> {
  await client.query(
    `insert into public.integration_activity_log
       (organization_id, integration_id, credential_id, occurred_at, event, reason, detail, client_id, username, remote_address, topic)
     select row.organization_id, row.integration_id, c.id, row.occurred_at, row.event, row.reason, row.detail,
            row.client_id, row.username, row.remote_address, row.topic
       from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                   $8::text[], $9::text[], $10::text[], $11::text[]) with ordinality
         as row (organization_id, integration_id, credential_id, occurred_at, event, reason, detail,
                 client_id, username, remote_address, topic, position)
       join public.device_integrations i on i.id = row.integration_id
       left join public.mqtt_credentials c on c.id = row.credential_id
      order by row.position`,
    [
      rows.map((row) => row.organizationId),
      rows.map((row) => row.integrationId),
      rows.map((row) => row.credentialId ?? null),
      column('timestamptz', rows, (array, row) => array.timestamp(row.occurredAt)),
      rows.map((row) => row.event),
      rows.map((row) => row.reason ?? null),
      rows.map((row) => row.detail),
      rows.map((row) => row.clientId ?? null),
      rows.map((row) => row.username ?? null),
      rows.map((row) => row.remoteAddress ?? null),
      rows.map((row) => row.topic ?? null),
    ],
  );
}

async function writeReceipts(client: pg.ClientBase, rows: ReceiptRow[]): Promise<void> {
  await client.query(
    `insert into public.message_receipts (organization_id, integration_id, received_at, outcome, reason, topic, client_id)
     select row.organization_id, row.integration_id, row.received_at, row.outcome, row.reason, row.topic, row.client_id
       from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[]) with ordinality
         as row (organization_id, integration_id, received_at, outcome, reason, topic, client_id, position)
       join public.device_integrations i on i.id = row.integration_id
      order by row.position`,
    [
      rows.map((row) => row.organizationId),
      rows.map((row) => row.integrationId),
      column('timestamptz', rows, (array, row) => array.timestamp(row.receivedAt)),
      rows.map((row) => row.outcome),
      rows.map((row) => row.reason ?? null),
      rows.map((row) => row.topic),
      rows.map((row) => row.clientId ?? null),
    ],
  );
  await client.query(
    `delete from public.message_receipts r
      using (select distinct unnest($1::uuid[]) as integration_id) touched
      where r.integration_id = touched.integration_id
        and r.id <= (select id from public.message_receipts newest
                      where newest.integration_id = touched.integration_id
                      order by id desc offset 100 limit 1)`,
    [rows.map((row) => row.integrationId)],
  );
}

async function writeMessages(client: pg.ClientBase, rows: RawMessageRow[]): Promise<void> {
  const devices = column('uuid', rows, (array, row) => array.bytes(row.deviceId));
  await client.query({
    name: 'write_device_messages',
    text: `insert into public.device_messages
       (device_id, organization_id, received_at, topic, payload, payload_bytes, qos, retain, outcome, reason, readings)
     select row.device_id, d.organization_id, row.received_at, row.topic, row.payload, row.payload_bytes,
            row.qos, row.retain, row.outcome, row.reason, row.readings
       from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::bytea[], $5::int4[], $6::int2[], $7::bool[],
                   $8::text[], $9::text[], $10::int2[])
         as row (device_id, received_at, topic, payload, payload_bytes, qos, retain, outcome, reason, readings)
       -- Held, so that none is deleted meanwhile: it would leave its messages behind.
       join public.devices d on d.id = row.device_id for key share of d
     on conflict do nothing`,
    values: [
      devices,
      column('timestamptz', rows, (array, row) => array.timestamp(row.receivedAt)),
      column('text', rows, (array, row) => array.text(row.topic)),
      column('bytea', rows, (array, row) => array.bytes(row.payload)),
      column('int4', rows, (array, row) => array.int4(row.payloadBytes)),
      column('int2', rows, (array, row) => array.int2(row.qos)),
      column('bool', rows, (array, row) => array.bool(row.retain)),
      column('text', rows, (array, row) => array.text(row.outcome)),
      column('text', rows, (array, row) => array.optional(row.reason, array.text)),
      column('int2', rows, (array, row) => array.int2(row.readings)),
    ],
  });
  await client.query({
    name: 'prune_device_messages',
    // Who speaks often is looked after often, and who speaks once a minute each eighth time: some more are kept, not many.
    text: `delete from public.device_messages m
      using (select device_id from unnest($1::uuid[]) as device_id
              group by device_id having random() > power(0.875, count(*))) touched
      cross join lateral (select received_at from public.device_messages newest
                           where newest.device_id = touched.device_id
                           order by received_at desc offset 20 limit 1) beyond
      where m.device_id = touched.device_id and m.received_at <= beyond.received_at`,
    values: [devices],
  });
}
