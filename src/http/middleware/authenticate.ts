import type { Context, Next } from 'hono';
import { findApiKey } from '../../database/api-keys.ts';
import { PlatformError } from '../../service/errors.ts';
import { tokenHash } from '../../service/random.ts';
import { setCookies } from '../cookies.ts';
import type { Authenticated, Platform } from '../platform.ts';

/** Those who know callers. */
type Knowing = Pick<Platform, 'pool' | 'accounts' | 'supabaseUser'>;

interface Asked extends Pick<Context, 'req' | 'header'> {
  get(name: 'platform'): Knowing;
  set(name: 'authenticated', value: Authenticated): void;
}

/** Addresses below /api/v1 that anyone may call; everything else needs a caller. */
const open = new Set([
  '/api/v1/platform',
  '/api/v1/setup',
  '/api/v1/invitations/preview',
  '/api/v1/invitations/accept',
]);

/** Finds out who calls, before anything else of the request is looked at. */
export async function authenticate(c: Asked, next: Next): Promise<void> {
  if (open.has(c.req.path)) return next();
  const { authenticated, cookies } = await whoIs(c.get('platform'), c.req.raw.headers);
  if (!authenticated) throw new PlatformError('unauthenticated', 'Sign in, or send an API key.');
  c.set('authenticated', authenticated);
  await next();
  setCookies(c, cookies);
}

/**
 * The caller of a request: of the API key or Supabase token it brings, or else of its session. One that is not good
 * is not made up for by a cookie.
 */
export async function whoIs(
  platform: Knowing,
  headers: Headers,
): Promise<{ authenticated: Authenticated | undefined; cookies: string[] }> {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    return { authenticated: await ofToken(platform, authorization), cookies: [] };
  }
  const { value: user, cookies } = await platform.accounts.userOf(headers);
  return { authenticated: user && { caller: { kind: 'user', userId: user.id }, user }, cookies };
}

async function ofToken(platform: Knowing, authorization: string): Promise<Authenticated | undefined> {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (!token) return undefined;
  if (/^nnk_[A-Za-z0-9]{43}$/.test(token)) return ofApiKey(platform, token);
  const user = await platform.supabaseUser?.(token);
  return user && { caller: { kind: 'user', userId: user.id }, user };
}

/** Of keys that were met lately: hashing takes as long as a look-up in the database. */
const hashes = new Map<string, Uint8Array>();
const MOST_HASHES = 1000;

async function hashOf(key: string): Promise<Uint8Array> {
  const known = hashes.get(key);
  if (known) return known;
  const hash = await tokenHash(key);
  if (hashes.size >= MOST_HASHES) hashes.clear();
  hashes.set(key, hash);
  return hash;
}

async function ofApiKey(platform: Knowing, key: string): Promise<Authenticated | undefined> {
  const hash = await hashOf(key);
  const apiKeyId = await findApiKey(platform.pool, hash);
  return apiKeyId === undefined ? undefined : { caller: { kind: 'api_key', apiKeyId }, user: undefined };
}
