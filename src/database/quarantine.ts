import type { QuarantinedMessage } from '../contract/quarantine.ts';
import { toBase64 } from '../service/base64.ts';
import { PAYLOAD_PREVIEW_BYTES, payloadText } from './payload.ts';
import type { Transaction } from './transaction.ts';

type Row = Omit<QuarantinedMessage, 'payload' | 'payload_base64'> & { payload: Uint8Array };

const columns = `id, integration_id, external_device_id, topic, length(payload) as payload_bytes, qos, retain,
  reason, detail, client_id, received_at`;

function shown(row: Row): QuarantinedMessage {
  const whole = row.payload.length === row.payload_bytes;
  return { ...row, payload: payloadText(row.payload, whole), payload_base64: toBase64(row.payload) };
}

/** Newest first, payloads cut. */
export async function listQuarantine(
  tx: Transaction,
  query: {
    organizationId: string;
    reason?: string;
    after?: { receivedAt: string; id: string };
    limit: number;
  },
): Promise<QuarantinedMessage[]> {
  const rows = await tx.rows<Row>(
    `select ${columns}, substring(payload from 1 for ${PAYLOAD_PREVIEW_BYTES}) as payload
       from public.message_quarantine
      where organization_id = $1 and ($2::text is null or reason = $2)
        and ($3::timestamptz is null or (received_at, id) < ($3, $4::uuid))
      order by received_at desc, id desc limit $5`,
    [query.organizationId, query.reason, query.after?.receivedAt, query.after?.id, query.limit],
  );
  return rows.map(shown);
}

/** How many there are, with one reason or altogether. */
export async function countQuarantine(
  tx: Transaction,
  query: { organizationId: string; reason?: string },
): Promise<number> {
  const row = await tx.row<{ total: number }>(
    `select count(*) as total from public.message_quarantine
      where organization_id = $1 and ($2::text is null or reason = $2)`,
    [query.organizationId, query.reason],
  );
  return row!.total;
}

export interface QuarantineAddress {
  organizationId: string;
  messageId: string;
}

/** With its whole payload. */
export async function getQuarantined(
  tx: Transaction,
  address: QuarantineAddress,
): Promise<QuarantinedMessage | undefined> {
  const row = await tx.row<Row>(
    `select ${columns}, payload from public.message_quarantine where organization_id = $1 and id = $2`,
    [address.organizationId, address.messageId],
  );
  return row && shown(row);
}

/** @returns false when there is none */
export async function deleteQuarantined(tx: Transaction, address: QuarantineAddress): Promise<boolean> {
  const row = await tx.row(
    'delete from public.message_quarantine where organization_id = $1 and id = $2 returning id',
    [address.organizationId, address.messageId],
  );
  return row !== undefined;
}
