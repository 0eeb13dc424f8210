import { readItem } from './cbor-item.ts';
import type { Decoder } from './decoder.ts';
import { orRefused } from './flat.ts';
import { type Refused, refused } from './text.ts';
import { type Document, readTree } from './tree.ts';

/** CBOR maps and arrays of them, treated as JSON objects are (`readTree`). */
export const cbor: Decoder = ({ payload }) => {
  const document = parseCbor(payload);
  return 'reason' in document ? document : readTree(document);
};

/** The payload as CBOR, or why it is none. Its texts may hold NUL. */
export function parseCbor(payload: Uint8Array): Document | Refused {
  if (payload.length === 0) return refused('empty_payload', 'nothing was sent');
  return orRefused(() => ({ root: readItem(payload), escapes: true }));
}

/**
 * Whether the bytes begin as a CBOR map does whose first key is a text, with or without the tag that says so.
 * No UTF-8 text does.
 */
export function beginsAsMap(payload: Uint8Array): boolean {
  const isTagged = payload[0] === 0xd9 && payload[1] === 0xd9 && payload[2] === 0xf7;
  const at = isTagged ? 3 : 0;
  const head = payload[at] ?? 0;
  if (head <= 0xa0 || head > 0xbf) return false;
  const lengthBytes = head >= 0xb8 && head <= 0xbb ? 2 ** (head - 0xb8) : 0;
  return (payload[at + 1 + lengthBytes] ?? 0) >> 5 === 3;
}
