import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolConfig } from 'pg';
import type { Logger } from '../../service/log.ts';
import { lockDirectory } from '../../service/program/directory-lock.ts';
import { socketDirectory } from '../../service/program/socket-path.ts';
import { findBinaries } from './binaries.ts';
import { prepareCluster } from './cluster.ts';
import { place } from './placement.ts';
import { clearLeftovers, startPostmaster } from './postmaster.ts';
import type { Settings } from './settings.ts';

export interface EmbeddedPostgresOptions {
  /** DATA_DIR; made if missing. One process at a time may use it. */
  directory: string;
  log: Logger;
  /** Over our own, e.g. `{ fsync: 'off' }` for a database that is thrown away. */
  settings?: Settings;
}

/** A PostgreSQL server that is ours alone, reachable over a Unix socket. */
export interface EmbeddedPostgres {
  /** For `new pg.Pool`: the superuser `postgres` in the database `postgres`. */
  connection: PoolConfig;
  /** The same as a URL that libpq's tools take as well. */
  url: string;
  /** Ends open connections, writes everything out and releases the directory. Idempotent. */
  stop(): Promise<void>;
  /** Calls back when PostgreSQL ends without `stop`, with the reason. It is not started again by itself. */
  onExit(listener: (reason: string) => void): void;
}

/**
 * Makes and starts PostgreSQL in `directory`, recovering from whatever ended the last one.
 * @throws StartupError when the directory is in use or unusable, or PostgreSQL can't run here
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, settings = {} } = options;
  await mkdir(options.directory, { recursive: true });
  const directory = await realpath(options.directory);
  const binaries = await findBinaries();
  const lock = await socketDirectory(join(directory, 'in-use'), 'socket', undefined);
  const unlock = await lockDirectory(join(lock, 'socket'), directory);
  try {
    const placement = await place(directory, binaries, log);
    const sockets = await socketDirectory(join(placement.home, 'run'), '.s.PGSQL.5432', placement.account);
    await clearLeftovers(join(placement.home, 'data'), sockets, log);
    const data = await prepareCluster({
      placement,
      version: binaries.version,
      socketDirectory: sockets,
      settings,
    });
    const postmaster = await startPostmaster(placement, data, log);
    let stopping: Promise<void> | undefined;
    return {
      connection: { host: sockets, port: 5432, user: 'postgres', database: 'postgres' },
      url: `postgresql://postgres@/postgres?host=${encodeURIComponent(sockets)}`,
      stop() {
        stopping ??= postmaster.stop().then(unlock);
        return stopping;
      },
      onExit(listener) {
        void postmaster.ended.then((reason) => {
          if (!stopping) listener(reason);
        });
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
