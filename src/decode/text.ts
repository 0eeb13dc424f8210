import { type Decoded, type QuarantineReason, readingLimits, storableText } from '../domain/reading.ts';

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

/** Most bytes that fit into a text value as base64. */
const MOST_BYTES = (readingLimits.textCharacters * 3) / 4;

/**
 * Bytes as a text value: base64url without padding, as RFC 8949 (6.1) and RFC 8428 write them in JSON.
 * @returns undefined when that is longer than a text value may be
 */
export function base64url(bytes: Uint8Array): string | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
