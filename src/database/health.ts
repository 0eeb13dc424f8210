import type pg from 'pg';
import { within } from '../service/within.ts';
import { translated } from './database-error.ts';

/** A server that takes longer to say one is not there for anybody. */
const PATIENCE_MS = 3000;

/** How it is, and which. @throws PlatformError `unavailable` */
export async function databaseHealth(
  pool: pg.Pool,
): Promise<{ healthy: boolean; version: string; latency_ms: number }> {
  const started = performance.now();
  try {
    const asked = pool.query<{ version: string }>(`select current_setting('server_version') as version`);
    const { rows } = await within(PATIENCE_MS, asked);
    const latency = performance.now() - started;
    return { healthy: true, version: rows[0]!.version, latency_ms: Math.round(latency * 100) / 100 };
  } catch (error) {
    throw translated(error);
  }
}
