import { hex } from './hex.ts';
import { sameText } from './random.ts';

/** How old a signature may be, or how far ahead its clock: what was signed before can't be sent again for long. */
const WINDOW_MS = 300_000;

/**
 * Whether `t=<unix seconds>,v1=<hex>` is the HMAC-SHA256 of `{t}.{body}` under the secret, made just now.
 * @param request.now milliseconds since 1970
 */
export async function signatureFits(request: {
  header: string;
  body: Uint8Array;
  secret: string;
  now: number;
}): Promise<boolean> {
  const { header, body, secret, now } = request;
  const [, seconds, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/i.exec(header.replaceAll(' ', '')) ?? [];
  if (!seconds || !given || secret === '') return false;
  if (Math.abs(now - Number(seconds) * 1000) > WINDOW_MS) return false;
  return sameText(given.toLowerCase(), await sign({ seconds, body, secret }));
}

/** @returns the HMAC in hexadecimal */
export async function sign(request: { seconds: string; body: Uint8Array; secret: string }): Promise<string> {
  const utf8 = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', utf8.encode(request.secret), algorithm, false, ['sign']);
  const signed = new Uint8Array([...utf8.encode(`${request.seconds}.`), ...request.body]);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed));
  return hex(mac);
}
