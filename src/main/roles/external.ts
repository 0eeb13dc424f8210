import { type CommandSender, commandSender } from '../../external/command-sender.ts';
import { IntegrationDirectory } from '../../external/directory.ts';
import type { Subscriber } from '../../external/subscriber.ts';
import type { DeviceRegistry } from '../../ingest/device-registry.ts';
import { guardedLookup } from '../../service/guard.ts';
import { createSeal, type Seal } from '../../service/seal.ts';
import type { Foundation } from '../foundation.ts';

/** What is known of customers' brokers, and the way there. */
export interface External {
  seal: Seal;
  lookup: ReturnType<typeof guardedLookup>;
  directory: IntegrationDirectory;
  send: CommandSender;
  /** Commands go over its connections where they stand. */
  subscriber: Subscriber | undefined;
}

export function externalOf(
  foundation: Foundation,
  { secret, devices }: { secret: string; devices: DeviceRegistry },
): External {
  const { config, log, database, signals } = foundation;
  const seal = createSeal(secret);
  const lookup = guardedLookup({ allowPrivate: config.allowPrivateNetworks });
  const directory = new IntegrationDirectory({ pool: database.pool, devices, seal });
  signals.hear({
    changed({ table, id, integration_id }) {
      if (table === 'integration_tokens' && integration_id) directory.changed(integration_id);
      else if (table === 'device_integrations' && id) directory.changed(id);
    },
    missed: () => directory.allChanged(),
  });
  const external: External = {
    seal,
    lookup,
    directory,
    send: commandSender({
      directory,
      lookup,
      log,
      held: (id) => external.subscriber?.connectionOf(id),
    }),
    subscriber: undefined,
  };
  return external;
}
