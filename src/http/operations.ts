import { Hono } from 'hono';
import { pingDatabase } from '../database/health.ts';
import { PlatformError } from '../service/errors.ts';
import type { Env } from './platform.ts';

/** For those who run the platform: whether it lives, whether it can serve, and its figures. */
export const operations = new Hono<Env>();

operations.get('/health', (c) => c.json({ status: 'ok' }));

operations.get('/ready', async (c) => {
  await pingDatabase(c.get('platform').pool);
  return c.json({ status: 'ready' });
});

/**
 * Figures of the whole platform concern no tenant: they are for a scraper on this machine or in its network,
 * and not for what comes through a proxy from outside.
 */
operations.get('/metrics', async (c) => {
  const { metrics, clientAddress } = c.get('platform');
  const throughProxy = c.req.header('x-forwarded-for') ?? c.req.header('forwarded');
  if (!metrics || throughProxy !== undefined || !isPrivate(clientAddress(c))) {
    throw new PlatformError('not_found', 'There is nothing at /metrics.');
  }
  const { contentType, text } = await metrics();
  return c.body(text, 200, { 'content-type': contentType });
});

/** Loopback, private (RFC 1918, RFC 4193) and link-local addresses, IPv4 also as mapped into IPv6. */
function isPrivate(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/.test(
    plain,
  );
}
