import { Alerts } from '../../alerts/alerts.ts';
import type { Engine } from '../../engine/engine.ts';
import { housekeeping } from '../../ingest/housekeeping.ts';
import { PresenceWatch } from '../../ingest/presence-watch.ts';
import { Rollups } from '../../ingest/rollups.ts';
import { commandBacklog } from '../backlog.ts';
import { engineView } from '../engine.ts';
import type { Foundation, Role } from '../foundation.ts';
import { tellOthers } from '../notifications.ts';
import { processWatch } from '../process-watch.ts';
import type { Commanding } from './commanding.ts';

/** What has to be done by somebody, whoever is connected: upkeep, presence, and commands on their way. */
export function workerRole(
  foundation: Foundation,
  { engine, commanding }: { engine: Engine; commanding: Commanding },
): Role {
  const { id, isAlone, config, log, clock, database, announcer, signals, reports, registry } = foundation;
  const { pool } = database;
  const onChanged = (organizations: Iterable<string>) => announcer.add(organizations);
  const presence = new PresenceWatch({
    id,
    isAlone,
    pool,
    clock,
    log,
    onChanged,
    onUnobserved() {
      signals.tell('recounted');
      tellOthers(foundation, 'recount');
    },
  });
  const backlog = commandBacklog({ pool, log });
  const see = (isThere: boolean) => (isThere ? presence.sees() : presence.blind());
  const rollups = new Rollups({ pool, log, id });
  const alerts = new Alerts({ pool, clock, log, id, isAlone });
  signals.hear({
    database: see,
    engine: see,
    stored(organization) {
      rollups.hear(organization);
      alerts.wake();
    },
  });
  reports.push(() => ({
    worker: {
      turns: commanding.commands.turns,
      backlog: backlog.devices,
      watches_presence: presence.isWatching,
      engine: engineView(engine),
    },
  }));
  return {
    services: [
      housekeeping({ pool, log, retention: config, id }),
      rollups,
      alerts,
      presence,
      backlog,
      processWatch({ pool, log, registry, presence, onChanged }),
    ],
  };
}
