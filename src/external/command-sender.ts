import type { LookupFunction } from 'node:net';
import type { z } from 'zod';
import type { BrokerSettings } from '../contract/broker-settings.ts';
import { commandForm } from '../contract/commands.ts';
import type { CommandReason } from '../domain/command.ts';
import type { OutgoingCommand, SendCommand, Sent } from '../domain/sending.ts';
import type { PublishArguments } from '../mqtt/publishing.ts';
import { MqttFailure } from '../mqtt/reasons.ts';
import { bounded, NoAnswer } from '../service/bounded.ts';
import type { Clock } from '../service/clock.ts';
import { PlatformError } from '../service/errors.ts';
import type { Logger } from '../service/log.ts';
import { SealBroken } from '../service/seal.ts';
import { unlessAborted } from '../service/unless-aborted.ts';
import { sentOf } from './command-failure.ts';
import { CommandLinks, type CommandLinksOptions } from './command-links.ts';
import { type CommandPublish, commandPublish } from './command-publish.ts';
import type { IntegrationDirectory, KnownIntegration } from './directory.ts';
import { brokerOf, protocolVersionOf } from './integration-broker.ts';

/** From the first look to PUBACK. */
const SEND_MS = 10_000;
/** A subscription whose broker ends it over a command gets no further ones for so long: readings go first. */
const SPARED_MS = 600_000;
const MOST_SPARED = 1000;
/** How often something is tried that only we can have got wrong. */
const FEW = 3;
/**
 * What a template may make of a command, as much as a message of the hosted broker may have: {{params}} stands in it
 * fifty times, and a thousand may be under way.
 */
const MOST_BYTES = 262_144;

/** A connection that stands already. */
export interface HeldConnection {
  publish(...message: PublishArguments): Promise<void>;
}

export interface CommandSenderOptions extends Pick<CommandLinksOptions, 'idleMs'> {
  directory: Pick<IntegrationDirectory, 'get'>;
  /** The guard's. */
  lookup: LookupFunction;
  clock?: Pick<Clock, 'now'>;
  log: Logger;
  /** The connection of an integration's subscription, where this process holds it and it stands. */
  held(integrationId: string): HeldConnection | undefined;
}

export interface CommandSender extends SendCommand {
  /** Gives up what is under way and closes what was opened. */
  stop(): Promise<void>;
}

interface Ready {
  integration: KnownIntegration;
  settings: BrokerSettings;
  message: CommandPublish;
}

/**
 * Sends commands to customers' own brokers: over the connection that the subscriber holds where there is one, else over
 * one that is made for them. Not for bridges, which take theirs from the hosted broker.
 */
export function commandSender(options: CommandSenderOptions): CommandSender {
  const { directory, clock = Date, held, log } = options;
  const links = new CommandLinks(options);
  const stopping = new AbortController();
  const spared = new Map<string, number>();

  async function prepared(command: OutgoingCommand): Promise<Ready | Sent> {
    if (!command.integration?.enabled) return undeliverable('integration_disabled');
    const { id, commands } = command.integration;
    if (!commands) return undeliverable('no_command_topic');
    // SQL may have written anything there.
    const form = commandForm.safeParse(commands);
    if (!form.success) return undeliverable('bad_settings', problemOf(form.error));
    const integration = await directory.get(id);
    // A broker's account is its organization's, whatever a row may say.
    const isIts = integration?.stored.organizationId === command.organizationId;
    const settings = isIts ? await brokerOf(integration) : undefined;
    if (!integration || !settings) return undeliverable('no_broker');
    const message = commandPublish(command, form.data, { integration, now: clock.now() });
    if (!message)
      return undeliverable('bad_settings', `Of this device and command ${commands.topic} makes no topic.`);
    const bytes = Buffer.byteLength(message.payload);
    if (bytes > MOST_BYTES)
      return undeliverable('too_large', `It has ${bytes} bytes, more than ${MOST_BYTES}.`);
    return { integration, settings, message };
  }

  /** @returns whether there was one to publish over */
  async function overHeld(
    id: string,
    { topic, payload, properties }: CommandPublish,
    signal: AbortSignal,
  ): Promise<boolean> {
    const connection = (spared.get(id) ?? 0) > performance.now() ? undefined : held(id);
    if (!connection) return false;
    const published = connection.publish(topic, payload, 1, { properties, signal });
    try {
      await unlessAborted(published, signal);
      return true;
    } catch (error) {
      if (!(error instanceof MqttFailure)) throw error;
      if (error.reason === 'not_connected') return false;
      if (error.reason === 'connection_lost' || error.packet === 'disconnect') spare(id);
      throw error;
    }
  }

  function spare(id: string): void {
    const now = performance.now();
    if (spared.size >= MOST_SPARED)
      for (const [other, until] of spared) if (until < now) spared.delete(other);
    if (spared.size < MOST_SPARED) spared.set(id, now + SPARED_MS);
  }

  async function publish({ integration, settings, message }: Ready): Promise<Sent> {
    try {
      await bounded(SEND_MS, stopping.signal, async (signal) => {
        if (await overHeld(integration.stored.id, message, signal)) return;
        await links.linkOf(integration, settings).publish(message, signal);
      });
      return { outcome: 'published' };
    } catch (error) {
      const failure = error instanceof NoAnswer ? new MqttFailure('publish_timeout') : error;
      if (!(failure instanceof MqttFailure)) throw failure;
      return sentOf(failure, { topic: message.topic, version: protocolVersionOf(settings) });
    }
  }

  async function send(command: OutgoingCommand): Promise<Sent> {
    try {
      const ready = await prepared(command);
      return 'outcome' in ready ? ready : await publish(ready);
    } catch (error) {
      if (error instanceof SealBroken)
        return undeliverable('bad_settings', 'Enter the broker’s password again.');
      if (error instanceof PlatformError && error.code === 'unavailable')
        return { outcome: 'retry', reason: 'broker_busy', detail: error.message };
      log.error({ command: command.id, error: String(error) }, 'a command could not be sent');
      return {
        outcome: 'retry',
        reason: 'broker_away',
        detail: 'Something went wrong on our side.',
        most: FEW,
      };
    }
  }

  return Object.assign(send, {
    async stop() {
      stopping.abort(new MqttFailure('stopped'));
      await links.stop();
    },
  });
}

function problemOf({ issues: [first] }: z.ZodError): string {
  return first ? `${first.path.join('.') || 'commands'} ${first.message}.` : '';
}

function undeliverable(reason: CommandReason, detail = ''): Sent {
  return { outcome: 'undeliverable', reason, detail };
}
