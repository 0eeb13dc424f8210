import { fromBase64, toBase64 } from './base64.ts';
import { PlatformError } from './errors.ts';

/**
 * Secrets that must be read back (a broker's password, a signing secret), sealed with AES-256-GCM under a key made of
 * the platform's secret key by HKDF-SHA-256. WebCrypto, so the same on Node, Deno and the edge.
 */
export interface Seal {
  /** @param context what the secret belongs to: sealed for one, it opens for no other */
  close(text: string, context: string): Promise<string>;
  /** @throws SealBroken when it was sealed under another key, for another context, or altered */
  open(sealed: string, context: string): Promise<string>;
}

/** A sealed text that does not open: SECRET_KEY is not the one it was sealed with. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** Of the format, so that another one can follow. */
const VERSION = 's1.';
/** NIST SP 800-38D, 8.2: 96 bits, random. */
const NONCE_BYTES = 12;

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** @param secretKey at least 32 random characters; without one nothing is closed or opened, and callers are told */
export function createSeal(secretKey: string | undefined): Seal {
  let derived: ReturnType<typeof deriveKey> | undefined;
  const key = () => {
    if (!secretKey)
      throw new PlatformError('unavailable', 'SECRET_KEY is not set here: no secret can be kept.');
    derived ??= deriveKey(secretKey);
    return derived;
  };
  return {
    async close(text, context) {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const algorithm = { name: 'AES-GCM', iv, additionalData: bytesOf(context) };
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, await key(), bytesOf(text)));
      return VERSION + toBase64(new Uint8Array([...iv, ...sealed]));
    },
    async open(sealed, context) {
      try {
        const bytes = sealed.startsWith(VERSION) ? fromBase64(sealed.slice(VERSION.length)) : undefined;
        if (!bytes) throw new Error('not a sealed text');
        const iv = bytes.slice(0, NONCE_BYTES);
        const algorithm = { name: 'AES-GCM', iv, additionalData: bytesOf(context) };
        const opened = await crypto.subtle.decrypt(algorithm, await key(), bytes.slice(NONCE_BYTES));
        return new TextDecoder().decode(opened);
      } catch (cause) {
        if (cause instanceof PlatformError) throw cause;
        throw new SealBroken('A kept secret can’t be opened: SECRET_KEY has changed.', { cause });
      }
    },
  };
}

async function deriveKey(secretKey: string) {
  const material = await crypto.subtle.importKey('raw', bytesOf(secretKey), 'HKDF', false, ['deriveKey']);
  const parameters = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: bytesOf('netneural seal'),
  };
  const algorithm = { name: 'AES-GCM', length: 256 };
  return crypto.subtle.deriveKey(parameters, material, algorithm, false, ['encrypt', 'decrypt']);
}
