import type pg from 'pg';
import { markLostFromSight } from '../database/presence.ts';
import { BEAT_MS, clearGone, clearOrphanedConnections } from '../database/processes.ts';
import type { PresenceWatch } from '../ingest/presence-watch.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { repeating } from '../service/repeating.ts';
import type { Registry } from './registry.ts';

/** Until clients of a gateway that is gone have had the time to come to another one. */
const RETURN_MS = 5000;

/** Notices processes that are gone. Devices that were connected to a gateway of them, and did not come back, are unknown. */
export function processWatch(options: {
  pool: pg.Pool;
  log: Logger;
  registry: Registry;
  presence: PresenceWatch;
  /** Organizations whose devices changed. */
  onChanged: (organizationIds: ReadonlySet<string>) => void;
}): Service {
  const { pool, log, registry, presence, onChanged } = options;
  let later: NodeJS.Timeout | undefined;
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
    later ??= setTimeout(() => {
      later = undefined;
      const until = since;
      since = Number.POSITIVE_INFINITY;
      markLostFromSight(pool, until).then(onChanged, (error) => {
        log.debug({ error: String(error) }, 'devices of a gateway that is gone could not be looked at');
        presence.blind();
      });
    }, RETURN_MS);
  }

  const looking = repeating(BEAT_MS, look, (error) =>
    log.debug({ error: String(error) }, 'processes could not be looked at'),
  );
  return {
    name: 'watch of processes',
    start: async () => looking.start(),
    async stop() {
      await looking.stop();
      clearTimeout(later);
    },
  };
}
