import { fromBase64, toBase64 } from './base64.ts';

/**
 * Passwords of MQTT credentials, in Mosquitto's own format `$7$<rounds>$<salt>$<hash>` (PBKDF2-SHA512, base64),
 * so that they can move. The passwords are random and long: 101 rounds are there for the format, and keep a
 * reconnect storm cheap.
 */
const ROUNDS = 101;
const SALT_BYTES = 12;
const HASH_BYTES = 64;
/** What an imported hash may cost at most: a hash from elsewhere must not stall the gateway. */
const MAX_ROUNDS = 1_000_000;

/** @returns `$7$101$<salt>$<hash>` */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const hash = await derive({ password, salt, rounds: ROUNDS, bytes: HASH_BYTES });
  return `$7$${ROUNDS}$${toBase64(salt)}$${toBase64(hash)}`;
}

/**
 * @param password as text, or the bytes of a CONNECT packet
 * @returns false also for a hash in any other format
 */
export async function verifyPassword(password: string | Uint8Array, stored: string): Promise<boolean> {
  const [, rounds, salt, hash] =
    /^\$7\$([1-9]\d{0,6})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(stored) ?? [];
  if (!rounds || !salt || !hash || Number(rounds) > MAX_ROUNDS) return false;
  const expected = fromBase64(hash);
  const saltBytes = fromBase64(salt);
  if (!expected?.length || !saltBytes) return false;
  const actual = await derive({ password, salt: saltBytes, rounds: Number(rounds), bytes: expected.length });
  return actual.reduce((difference, byte, at) => difference | (byte ^ expected[at]!), 0) === 0;
}

async function derive(input: {
  password: string | Uint8Array;
  salt: Uint8Array;
  rounds: number;
  bytes: number;
}): Promise<Uint8Array> {
  const password =
    typeof input.password === 'string'
      ? new TextEncoder().encode(input.password)
      : new Uint8Array(input.password);
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(input.salt), iterations: input.rounds },
    key,
    input.bytes * 8,
  );
  return new Uint8Array(bits);
}
