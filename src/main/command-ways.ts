import type { Destination } from '../commands/commands.ts';
import { commandForm } from '../contract/commands.ts';
import { commandPayload, commandTopic } from '../domain/command-message.ts';
import { commandsTopic, devicesPrefix, responsesTopic } from '../domain/hosted-topic.ts';
import type { OutgoingCommand, SendCommand, Sent } from '../domain/sending.ts';
import type { Engine } from '../engine/engine.ts';
import type { CommandEvents } from '../gateway/command-watch.ts';
import { Arrivals } from './arrivals.ts';

interface Parts {
  engine: Engine;
  external: SendCommand;
  /** Of the largest message. */
  messageBytes: number;
}

export interface CommandWays {
  send: SendCommand;
  isThere: (destination: Destination) => boolean;
  /** What a gateway tells, on its way to whom it concerns. */
  heard(events: CommandEvents): CommandEvents;
  /** A client of another process's gateway has come to listen, and that process has called the device. */
  arrived(device: Arrived, commands: Pick<CommandEvents, 'listening'>): void;
}

type Arrived = Omit<Parameters<CommandEvents['listening']>[0], 'since'>;

/**
 * The way of a command to its device: over our own broker to its devices and to bridges, elsewhere to the customer's.
 */
export function commandWays(parts: Parts): CommandWays {
  const { engine, external } = parts;
  const arrivals = new Arrivals();
  return {
    send: (command) => (isOurs(command) ? publish({ ...parts, arrivals }, command) : external(command)),
    isThere(destination) {
      const topic = isOurs(destination) ? topicOf(destination) : undefined;
      return topic !== undefined && (engine.reaches(topic) ?? arrivals.hasCome(destination));
    },
    heard: (events) => ({
      delivered: (id, from) => events.delivered(id, from),
      handedOver: (id, from) => events.handedOver(id, from),
      listening(device) {
        arrivals.came(device);
        events.listening(device);
      },
    }),
    arrived(device, commands) {
      const wasTried = arrivals.wasTried(device);
      arrivals.came(device);
      // That call may have come before it was written down that the command waits.
      if (wasTried) commands.listening(device);
    },
  };
}

/** A bridge is a client of ours; its devices' topics lie below the prefix. */
function isOurs({ integration }: Destination): boolean {
  return integration === undefined || integration.mode === 'bridge';
}

/** @returns undefined where the integration of a bridge says none, or one that can't be made */
function topicOf({ organizationId, externalDeviceId, name, integration }: Destination): string | undefined {
  if (!integration) return commandsTopic(organizationId, externalDeviceId);
  // SQL may have written anything there.
  const form = commandForm.safeParse(integration.commands);
  const below = form.data && commandTopic(form.data, externalDeviceId, name);
  return below && devicesPrefix(organizationId) + below;
}

async function publish(
  { engine, messageBytes, arrivals }: Parts & { arrivals: Arrivals },
  command: OutgoingCommand,
): Promise<Sent> {
  const { integration, organizationId, externalDeviceId, id, name, params, expiresAt } = command;
  if (integration && !integration.enabled) return undeliverable('integration_disabled');
  if (integration && !integration.commands) return undeliverable('no_command_topic');
  const topic = topicOf(command);
  if (topic === undefined) return undeliverable('bad_settings');
  if (engine.reaches(topic) === false) return { outcome: 'away' };
  const form = integration?.commands ?? {};
  const payload = Buffer.from(
    commandPayload(form, { id, name, params, expires_at: expiresAt }, externalDeviceId),
  );
  if (payload.length > messageBytes) return undeliverable('too_large');
  try {
    // Who comes from now on may have come too late for this one.
    arrivals.tried(command);
    const expirySeconds = Math.max(1, Math.ceil((Date.parse(expiresAt) - Date.now()) / 1000));
    const hasGone = await engine.publish({
      topic,
      payload,
      qos: 1,
      retain: false,
      expirySeconds,
      // A bridge's devices answer on topics of their own broker's.
      ...(!integration && { responseTopic: responsesTopic(organizationId, externalDeviceId) }),
      correlationData: Buffer.from(id),
    });
    return { outcome: hasGone ? 'published' : 'away' };
  } catch (error) {
    return { outcome: 'retry', reason: 'broker_away', detail: (error as Error).message };
  }
}

function undeliverable(reason: Extract<Sent, { outcome: 'undeliverable' }>['reason']): Sent {
  return { outcome: 'undeliverable', reason, detail: '' };
}
