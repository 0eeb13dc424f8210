/** How a message's raw payload is shown: as text when it is UTF-8. */

/** What lists show of a payload, in bytes. */
export const PAYLOAD_PREVIEW_BYTES = 4096;

/**
 * @param whole false when `payload` is the beginning of a longer one, which may end inside of a character
 * @returns null when it is no UTF-8
 */
export function payloadText(payload: Uint8Array, whole: boolean): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload, { stream: !whole });
  } catch {
    return null;
  }
}
