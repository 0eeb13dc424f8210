import pg from 'pg';
import type { Logger } from '../service/log.ts';

/** Connections of one process: HTTP requests, the engine's writes, the journal; ingest's lanes have their own. */
const MOST_CONNECTIONS = 20;
/** A server that vanished without a word holds nobody up for longer. Requests are limited further: `scope.ts`. */
const ANSWER_TIMEOUT_MS = 60_000;

/** A pool that outlives its connections: one that breaks is replaced, and whoever used it is told. `max` as given. */
export function openPool(connection: pg.PoolConfig, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    max: MOST_CONNECTIONS,
    ...connection,
    connectionTimeoutMillis: 5000,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
  });
  pool.on('error', (error) => log.debug({ error: String(error) }, 'an idle database connection ended'));
  return pool;
}
