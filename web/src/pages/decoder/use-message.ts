import { useQuery } from '@tanstack/react-query';
import { deviceMessagesQuery, deviceQuery, quarantinedQuery } from '../../api/queries.ts';
import { base64OfText } from '../../format/payload.ts';

/** A message on the bench. */
export interface BenchMessage {
  topic: string;
  receivedAt: string;
  base64: string;
  /** null when it is no UTF-8. */
  text: string | null;
  /** As much of it as is kept. */
  cut: boolean;
  bytes: number;
  integrationId: string | null;
  /** Its id in quarantine, and why it is there. */
  quarantined: { id: string; reason: string } | undefined;
}

export interface Asked {
  message?: string;
  device?: string;
  at?: string;
}

/** The message that the address names; undefined while it is read, null when there is none such any more. */
export function useBenchMessage(org: string, { message, device, at }: Asked) {
  const isOfDevice = message === undefined && device !== undefined && at !== undefined;
  const quarantined = useQuery({ ...quarantinedQuery(org, message ?? ''), enabled: message !== undefined });
  const owner = useQuery({ ...deviceQuery(org, device ?? ''), enabled: isOfDevice });
  const recent = useQuery({ ...deviceMessagesQuery(org, device ?? ''), enabled: isOfDevice });
  const error = message === undefined ? (owner.error ?? recent.error) : quarantined.error;
  return { message: isOfDevice ? ofDevice() : ofQuarantine(), error: error ?? undefined };

  function ofQuarantine(): BenchMessage | undefined {
    const data = quarantined.data;
    if (!data || message === undefined) return undefined;
    return {
      topic: data.topic,
      receivedAt: data.received_at,
      base64: data.payload_base64,
      text: data.payload,
      cut: false,
      bytes: data.payload_bytes,
      integrationId: data.integration_id,
      quarantined: { id: data.id, reason: data.reason },
    };
  }

  function ofDevice(): BenchMessage | null | undefined {
    if (!recent.data || !owner.data) return undefined;
    const found = recent.data.find(({ received_at }) => received_at === at);
    if (!found) return null;
    const base64 = found.payload_base64 ?? base64OfText(found.payload ?? '');
    return {
      topic: found.topic,
      receivedAt: found.received_at,
      base64,
      text: found.payload,
      cut: found.payload_bytes > (base64.length * 3) / 4,
      bytes: found.payload_bytes,
      integrationId: owner.data.integration_id,
      quarantined: undefined,
    };
  }
}
