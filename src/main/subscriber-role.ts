import { Commands } from '../commands/commands.ts';
import { announce } from '../database/announce.ts';
import { listen } from '../database/listener.ts';
import { commandSender } from '../external/command-sender.ts';
import { IntegrationDirectory } from '../external/directory.ts';
import { guardedLookup } from '../external/guard.ts';
import { Subscriber } from '../external/subscriber.ts';
import type { AnnouncedChange } from '../gateway/gateway.ts';
import { Expressions } from '../ingest/expressions.ts';
import { Ingest } from '../ingest/ingest.ts';
import { Quotas } from '../quota/quotas.ts';
import { systemClock } from '../service/clock.ts';
import { inOrder } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { createSeal } from '../service/seal.ts';
import { StartupError } from '../service/startup-error.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database.ts';
import { secretKey } from './secret-key.ts';

/**
 * `npm start -- subscriber`: takes a share of the subscriptions beside platforms on the same database.
 * @throws StartupError with one line for the person who starts it
 */
export async function startSubscriberRole(config: Config, log: Logger): Promise<{ stop(): Promise<void> }> {
  if (!config.databaseUrl) {
    throw new StartupError('DATABASE_URL: expected that of the platform, whose subscriptions are shared');
  }
  const seal = createSeal(await secretKey(config));
  const database = await openDatabase(config, log);
  const { pool, connection } = database;
  const clock = systemClock();
  const announcer = announce({ pool, log });
  const expressions = new Expressions({ log });
  const sendExternally = commandSender({
    directory: { get: (id) => directory.get(id) },
    lookup: guardedLookup({ allowPrivate: config.allowPrivateNetworks }),
    log,
    held: (id) => subscriber.connectionOf(id),
  });
  const commands = new Commands({
    pool,
    log,
    clock,
    send: sendExternally,
    onChanged: (organizations) => announcer.add(organizations),
  });
  const ingest = new Ingest({
    pool,
    connection,
    clock,
    log,
    retentionDays: config.retentionDays,
    expressions,
    answers: commands.answers,
    onStored: (organizations) => announcer.add(organizations),
  });
  const directory = new IntegrationDirectory({ pool, devices: ingest.devices, seal });
  const quotas = new Quotas({ pool, log });
  const subscriber = new Subscriber({
    pool,
    quotas,
    log,
    directory,
    ingest,
    clock,
    lookup: guardedLookup({ allowPrivate: config.allowPrivateNetworks }),
    messageBytes: config.maxMessageBytes,
    onChanged: (organizations) => announcer.add(organizations),
  });
  const listener = listen({
    connection,
    log,
    channels: ['changes', 'commands'],
    onNotification(channel, payload) {
      if (channel === 'commands') return commands.wake(payload);
      const change = JSON.parse(payload) as AnnouncedChange;
      const { table, id, organization_id, external_device_id } = change;
      quotas.changed(change);
      if (table === 'devices' && organization_id && external_device_id) {
        ingest.devices.changed(organization_id, external_device_id);
      } else if (table === 'device_integrations' && id) {
        directory.changed(id);
        subscriber.changed(id);
      }
    },
    onGap() {
      ingest.devices.allChanged();
      quotas.allChanged();
      directory.allChanged();
      subscriber.allChanged();
      commands.wake();
    },
  });
  const connections = { name: 'connections for commands', async start() {}, stop: sendExternally.stop };
  const services = inOrder(
    [announcer, listener, expressions, ingest, quotas, subscriber, commands, connections],
    log,
  );
  try {
    await services.start();
  } catch (error) {
    await database.stop();
    throw error;
  }
  return {
    async stop() {
      await services.stop();
      await database.stop();
    },
  };
}
