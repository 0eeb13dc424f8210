import type { Context, Next } from 'hono';
import { PlatformError } from '../../service/errors.ts';
import type { Platform } from '../platform.ts';

interface Asked extends Pick<Context, 'req'> {
  get(name: 'platform'): Pick<Platform, 'publicUrl'>;
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Against cross-site request forgery: what changes something and may carry a cookie must come from a page of ours.
 * Browsers say so in Sec-Fetch-Site (Fetch Metadata) or Origin. A request with an Authorization header is nobody's
 * forgery: a page elsewhere can't send one without CORS, which is not granted.
 */
export async function sameOrigin(c: Asked, next: Next): Promise<void> {
  if (safe.has(c.req.method) || c.req.header('authorization') !== undefined) return next();
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const ours =
    site !== undefined
      ? site === 'same-origin' || site === 'none'
      : origin !== undefined
        ? isOwn(origin, c.req.url, c.get('platform').publicUrl)
        : c.req.header('cookie') === undefined;
  if (!ours) {
    throw new PlatformError(
      'forbidden',
      'The request comes from another site. Set PUBLIC_URL if it is ours.',
    );
  }
  return next();
}

/** Of PUBLIC_URL, or of the host that was asked: someone on this machine may say localhost or 127.0.0.1. */
function isOwn(origin: string, url: string, publicUrl: string): boolean {
  return origin === new URL(publicUrl).origin || origin.replace(/^https?:\/\//, '') === new URL(url).host;
}
