import { Hono } from 'hono';
import { databaseHealth } from '../database/health.ts';
import { PlatformError } from '../service/errors.ts';
import type { Platform } from './platform.ts';
import { problemResponse } from './problem.ts';

/** What operators are told of a process, whatever its roles are. */
export interface OperationsPlatform extends Pick<Platform, 'pool' | 'log' | 'clientAddress' | 'metrics'> {
  /** Why it can't serve, in words, though the database is there. Absent: nothing else is needed. */
  trouble?(): string | undefined;
}

interface OperationsEnv {
  Variables: { platform: OperationsPlatform };
}

/** For those who run the platform: whether it lives, whether it can serve, and its figures. */
export const operations = new Hono<OperationsEnv>();

operations.get('/health', (c) => c.json({ status: 'ok' }));

operations.get('/ready', async (c) => {
  const { pool, trouble } = c.get('platform');
  await databaseHealth(pool);
  const why = trouble?.();
  if (why) throw new PlatformError('unavailable', why);
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

/** An application of these alone, for a process that has no API. */
export function createOperations(platform: OperationsPlatform): Hono<OperationsEnv> {
  const app = new Hono<OperationsEnv>();
  app.use(async (c, next) => {
    c.set('platform', platform);
    return next();
  });
  app.onError(problemResponse);
  app.notFound((c) =>
    problemResponse(new PlatformError('not_found', `There is nothing at ${c.req.path}.`), c),
  );
  return app.route('/', operations);
}

/** Loopback, private (RFC 1918, RFC 4193) and link-local addresses, IPv4 also as mapped into IPv6. */
function isPrivate(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/.test(
    plain,
  );
}
