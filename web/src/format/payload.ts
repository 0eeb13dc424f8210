/** Raw payloads for reading: text as it is, JSON laid out, bytes as a hex dump. */

/** @returns the text laid out when it is JSON of more than a bare value, otherwise as it came */
export function readableText(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function bytesOfBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function base64OfText(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Sixteen bytes a line: offset, hex, and the printable ASCII among them. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  // A short payload's text stands right behind its bytes.
  const width = 3 * Math.min(16, bytes.length) - 1;
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = part
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'))
      .join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(width)}  ${ascii}`);
  }
  return lines.join('\n');
}

/** A payload's first line, for a list: the text on one line, or its bytes in hex. */
export function payloadPreview(
  payload: { text: string | null; base64: string | null },
  length = 160,
): string {
  if (payload.text !== null) return payload.text.replace(/\s+/g, ' ').trim().slice(0, length);
  const bytes = bytesOfBase64((payload.base64 ?? '').slice(0, 64));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
