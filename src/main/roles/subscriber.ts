import { Subscriber } from '../../external/subscriber.ts';
import type { Foundation, Role } from '../foundation.ts';
import type { External } from './external.ts';
import type { Intake } from './intake.ts';

/** Holds a share of the connections to customers' brokers. */
export function subscriberRole(
  foundation: Foundation,
  { external, intake }: { external: External; intake: Intake },
): Role & { subscriber: Subscriber } {
  const { config, log, clock, database, announcer, signals, reports } = foundation;
  const subscriber = new Subscriber({
    pool: database.pool,
    log,
    quotas: intake.quotas,
    directory: external.directory,
    ingest: intake.ingest,
    clock,
    lookup: external.lookup,
    messageBytes: config.maxMessageBytes,
    onChanged: (organizations) => announcer.add(organizations),
  });
  external.subscriber = subscriber;
  signals.hear({
    changed({ table, id }) {
      if (table === 'device_integrations' && id) subscriber.changed(id);
    },
    missed: () => subscriber.allChanged(),
  });
  reports.push(() => ({ subscriber: { integrations: subscriber.held } }));
  return { subscriber, services: [subscriber] };
}
