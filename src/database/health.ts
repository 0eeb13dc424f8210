import type pg from 'pg';
import { translated } from './database-error.ts';

/** @returns milliseconds that the database took to answer @throws PlatformError `unavailable` */
export async function pingDatabase(pool: pg.Pool): Promise<number> {
  const started = performance.now();
  try {
    await pool.query('select 1');
  } catch (error) {
    throw translated(error);
  }
  return performance.now() - started;
}
