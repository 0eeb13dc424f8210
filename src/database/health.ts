import type pg from 'pg';
import { within } from '../service/within.ts';
import { translated } from './database-error.ts';

/** A server that takes longer to say one is not there for anybody. */
const PATIENCE_MS = 3000;

/** @returns milliseconds that the database took to answer @throws PlatformError `unavailable` */
export async function pingDatabase(pool: pg.Pool): Promise<number> {
  const started = performance.now();
  try {
    await within(PATIENCE_MS, pool.query('select 1'));
  } catch (error) {
    throw translated(error);
  }
  return performance.now() - started;
}

/** How it is, and which. @throws PlatformError `unavailable` */
export async function databaseHealth(
  pool: pg.Pool,
): Promise<{ healthy: boolean; version: string; latency_ms: number }> {
  const latency = await pingDatabase(pool);
  const { rows } = await pool.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return { healthy: true, version: rows[0]!.version, latency_ms: Math.round(latency * 100) / 100 };
}
