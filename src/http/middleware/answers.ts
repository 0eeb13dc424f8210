import type { Context, Next } from 'hono';
import type { Logger } from '../../service/log.ts';

/** Answers are one caller's, of this moment. */
export async function notStored(c: Pick<Context, 'res' | 'header'>, next: Next): Promise<void> {
  await next();
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
}

interface Logged extends Pick<Context, 'req' | 'res'> {
  get(name: 'platform'): { log: Logger };
}

export async function logged(c: Logged, next: Next): Promise<void> {
  const started = performance.now();
  await next();
  const ms = Math.round((performance.now() - started) * 10) / 10;
  c.get('platform').log.debug(
    { method: c.req.method, path: c.req.path, status: c.res.status, ms },
    'request',
  );
}
