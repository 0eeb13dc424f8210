import { type Decoded, type QuarantineReason, storableText } from '../domain/reading.ts';

export type Refused = Extract<Decoded, { ok: false }>;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The payload as text, a byte order mark removed, or why it is none. */
export function textOf(payload: Uint8Array): string | Refused {
  if (payload.length === 0) return refused('empty_payload', 'nothing was sent');
  try {
    return utf8.decode(payload);
  } catch {
    return refused('not_utf8', 'the bytes are not UTF-8');
  }
}

/** Longest detail that is kept with a quarantined message, in characters. */
const DETAIL_CHARACTERS = 300;

/** A refusal. Its detail may quote the payload, so it is cut and made storable. */
export function refused(reason: QuarantineReason, detail: string): Refused {
  return { ok: false, reason, detail: storableText(detail.slice(0, DETAIL_CHARACTERS)) };
}
