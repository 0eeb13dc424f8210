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
