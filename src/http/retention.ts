import type { Context } from 'hono';
import { PlatformError } from '../service/errors.ts';
import type { Env } from './platform.ts';

/** @throws PlatformError `invalid_request` for a retention that is longer than the platform's */
export function checkRetention(c: Context<Env>, days: number | null | undefined): void {
  const most = c.get('platform').retentionDays;
  if (days == null || days <= most) return;
  const detail = `is longer than readings are kept here, which is ${most} days`;
  throw new PlatformError('invalid_request', detail, { field: 'body.retention_days' });
}
