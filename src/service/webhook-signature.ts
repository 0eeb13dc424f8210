import { fromBase64, toBase64 } from './base64.ts';

/** Signatures as Standard Webhooks has them: https://github.com/standard-webhooks/standard-webhooks, spec 1.0.0. */

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A secret to sign with: 256 bits. */
export function newSigningSecret(): string {
  return PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

/**
 * The headers that say who sends it: `webhook-id`, `webhook-timestamp` and `webhook-signature`, the HMAC-SHA256 of
 * `{id}.{timestamp}.{body}`.
 * @param message.id the same with every attempt
 * @param message.now milliseconds since 1970
 */
export async function signatureHeaders(message: {
  id: string;
  now: number;
  body: string;
  secret: string;
}): Promise<Record<string, string>> {
  const { id, now, body, secret } = message;
  const timestamp = String(Math.floor(now / 1000));
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey(
    'raw',
    Uint8Array.from(fromBase64(secret.slice(PREFIX.length)) ?? []),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const mac = await crypto.subtle.sign('HMAC', key, utf8.encode(`${id}.${timestamp}.${body}`));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${toBase64(new Uint8Array(mac))}`,
  };
}
