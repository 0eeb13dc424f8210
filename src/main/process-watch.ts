import type pg from 'pg';
import { announcePlatform } from '../database/announce.ts';
import { BEAT_MS, clearGone, clearOrphanedConnections } from '../database/processes.ts';
import type { PresenceWatch } from '../ingest/presence-watch.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import type { Registry } from './registry.ts';

/** Until gateways have said whose connections stand, and that is stored. */
const RECOUNT_MS = 3000;

/**
 * Notices processes that are gone. Of a gateway's devices nobody knows any more: the other gateways say once more who is
 * connected to them, and whoever is not and has not been heard since is unknown.
 */
export function processWatch(options: {
  pool: pg.Pool;
  log: Logger;
  registry: Registry;
  presence: PresenceWatch;
}): Service {
  const { pool, log, registry, presence } = options;
  let timer: NodeJS.Timeout | undefined;
  let recount: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  /** Of gateways that are gone and not reckoned with yet: when the first of them was there last. */
  let since = Number.POSITIVE_INFINITY;

  async function look(): Promise<void> {
    // One of us does it, and none that may have slept.
    if (!presence.isWatching || !registry.isSteady) return;
    const gone = await clearGone(pool);
    if (gone.length === 0) return;
    log.info({ processes: gone.map(({ id, roles }) => `${roles.join('+')} ${id}`) }, 'processes are gone');
    await clearOrphanedConnections(pool);
    for (const { roles, until } of gone) if (roles.includes('gateway')) since = Math.min(since, until);
    if (since === Number.POSITIVE_INFINITY) return;
    await announcePlatform(pool, { event: 'gateway_gone' });
    recount ??= setTimeout(() => {
      recount = undefined;
      const from = since;
      since = Number.POSITIVE_INFINITY;
      presence.missed(from).catch((error) => {
        log.debug({ error: String(error) }, 'devices of a gateway that is gone could not be looked at');
        presence.blind();
      });
    }, RECOUNT_MS);
  }

  return {
    name: 'watch of processes',
    async start() {
      timer = setInterval(() => {
        running ??= look()
          .catch((error) => log.debug({ error: String(error) }, 'processes could not be looked at'))
          .finally(() => {
            running = undefined;
          });
      }, BEAT_MS);
    },
    async stop() {
      clearInterval(timer);
      clearTimeout(recount);
      await running;
    },
  };
}
