import pg from 'pg';
import type { TestDatabase } from './database.ts';
import { type Relay, startRelay } from './relay.ts';

export interface SeverableDatabase extends Relay {
  pool: pg.Pool;
}

/** A database whose network can be taken away: a pool through a relay of our own to the real server. */
export async function severable({ connection }: TestDatabase): Promise<SeverableDatabase> {
  const relay = await startRelay({ path: `${connection.host}/.s.PGSQL.${connection.port ?? 5432}` });
  const pool = new pg.Pool({ ...connection, host: '127.0.0.1', port: relay.port });
  pool.on('error', () => {});
  return {
    ...relay,
    pool,
    async close() {
      await pool.end();
      await relay.close();
    },
  };
}
