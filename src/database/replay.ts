import type pg from 'pg';
import type { Microseconds } from '../domain/time.ts';
import { column } from './binary-array.ts';
import type { Transaction } from './transaction.ts';

/** Messages on their way out of quarantine. */

/** A message in quarantine, as ingest takes it once more. */
export interface QuarantinedBytes {
  id: string;
  integrationId: string | null;
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
  clientId: string | null;
  /** ISO 8601, and the same exactly. */
  receivedAt: string;
  receivedMicroseconds: Microseconds;
}

/** What one replay takes into memory at most, so that it stays as small as a few requests. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * The oldest of what is to be replayed, at most `limit` messages and 32 MiB of payload.
 * @returns them, and how many come after them
 */
export async function messagesToReplay(
  tx: Transaction,
  wanted: {
    organizationId: string;
    ids?: readonly string[];
    reason?: string;
    after?: { receivedAt: string; id: string };
    limit: number;
  },
): Promise<{ messages: QuarantinedBytes[]; remaining: number }> {
  const rows = await tx.rows<QuarantinedBytes & { all: number }>(
    `with wanted as (
       select id, received_at, length(payload) as bytes from public.message_quarantine
        where organization_id = $1 and ($2::uuid[] is null or id = any ($2)) and ($3::text is null or reason = $3)
          and ($4::timestamptz is null or (received_at, id) > ($4, $5::uuid))
     ), numbered as (
       select id, row_number() over oldest as number, sum(bytes) over oldest - bytes as bytes_before
         from wanted window oldest as (order by received_at, id)
     )
     select q.id, q.integration_id as "integrationId", q.topic, q.payload, q.qos, q.retain,
            q.client_id as "clientId", q.received_at as "receivedAt",
            (extract(epoch from q.received_at) * 1000000)::bigint as "receivedMicroseconds",
            (select count(*) from wanted) as all
       from numbered join public.message_quarantine q using (id)
      where number <= $6 and bytes_before < ${MOST_BYTES}
      order by q.received_at, q.id`,
    [
      wanted.organizationId,
      wanted.ids,
      wanted.reason,
      wanted.after?.receivedAt,
      wanted.after?.id,
      wanted.limit,
    ],
  );
  return { messages: rows, remaining: (rows[0]?.all ?? 0) - rows.length };
}

/**
 * Locks rows of quarantine until the transaction ends: what becomes of them is one with what is stored of them.
 * @param ids 16 bytes each
 * @returns those that are still there, as hexadecimal texts
 */
export async function lockReplayed(client: pg.ClientBase, ids: readonly Uint8Array[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'lock_replayed',
    text: `select encode(uuid_send(id), 'hex') as id from public.message_quarantine
            where id = any ($1::uuid[]) order by public.message_quarantine.id for update`,
    values: [column('uuid', ids, (array, id) => array.bytes(id))],
  });
  return new Set(rows.map(({ id }) => id));
}

export interface SettledReplays {
  /** They leave quarantine. */
  released: { id: Uint8Array; deviceId: Uint8Array; receivedAt: Microseconds; readings: number }[];
  /** They stay, with the reason of today. */
  kept: { id: Uint8Array; reason: string; detail: string }[];
}

/** Says in the locked rows of quarantine, and among their devices' last messages, what became of them. */
export async function settleReplays(
  client: pg.ClientBase,
  { released, kept }: SettledReplays,
): Promise<void> {
  if (released.length > 0) {
    await client.query({
      name: 'release_replayed',
      text: `with released as (delete from public.message_quarantine where id = any ($1::uuid[]))
        update public.device_messages m set outcome = 'stored', reason = null, readings = r.readings
          from unnest($2::uuid[], $3::timestamptz[], $4::int2[]) as r (device_id, received_at, readings)
         where (m.device_id, m.received_at) = (r.device_id, r.received_at)`,
      values: [
        column('uuid', released, (array, row) => array.bytes(row.id)),
        column('uuid', released, (array, row) => array.bytes(row.deviceId)),
        column('timestamptz', released, (array, row) => array.timestamp(row.receivedAt)),
        column('int2', released, (array, row) => array.int2(row.readings)),
      ],
    });
  }
  if (kept.length > 0) {
    await client.query({
      name: 'keep_replayed',
      text: `update public.message_quarantine q set reason = k.reason, detail = k.detail
          from unnest($1::uuid[], $2::text[], $3::text[]) as k (id, reason, detail) where q.id = k.id`,
      values: [
        column('uuid', kept, (array, row) => array.bytes(row.id)),
        column('text', kept, (array, row) => array.text(row.reason)),
        column('text', kept, (array, row) => array.text(row.detail)),
      ],
    });
  }
}
