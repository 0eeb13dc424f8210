import { commandsListenedTo, devicesPrefix } from '../domain/hosted-topic.ts';
import { sharedFilter } from '../domain/topic.ts';
import type { PublishView } from '../mqtt/packet.ts';
import type { GatewayContext, Session } from './context.ts';

/** Devices whose commands one connection can be heard to take. */
const MOST_DEVICES = 2000;
const COMMANDS = Buffer.from('/commands');
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the gateway tells of commands, of one organization's device. */
export interface CommandEvents {
  /** The device's own client has confirmed it. */
  delivered(id: string, from: { organizationId: string; externalDeviceId: string }): void;
  /** It was given to the device's own client without QoS 1. */
  handedOver(id: string, from: { organizationId: string; externalDeviceId: string }): void;
  /**
   * A client is subscribed to a device's commands now, or to those of all devices.
   * @param device.since when it came to be in a session that began with this connection, in milliseconds since 1970;
   * absent in one that goes on
   */
  listening(device: {
    organizationId: string;
    externalDeviceId: string | undefined;
    since?: number | undefined;
  }): void;
}

interface PassedCommand {
  id: string;
  externalDeviceId: string;
}

/**
 * What one connection does with commands. A client counts as a device's own when it has the device's credential, has
 * published as the device, or has subscribed to the commands of just this device: others that listen, as a dashboard
 * does, confirm nothing for it.
 */
export class CommandWatch {
  readonly #events: CommandEvents;
  readonly #context: GatewayContext;
  readonly #session: Session;
  readonly #prefix: string;
  readonly #own = new Set<string>();
  readonly #listened = new Set<string>();
  /** On their way to the client, by packet id: no more than the engine sends unacknowledged. */
  readonly #passed = new Map<number, PassedCommand>();
  readonly #isResumed: boolean;
  /**
   * Since when it is subscribed, or may be by its session, to commands of devices that it has not named, in milliseconds
   * since 1970.
   */
  #forAllSince: number | undefined;

  constructor(context: GatewayContext, session: Session, isResumed: boolean) {
    const { organizationId, externalDeviceId } = session.grant;
    this.#events = context.commands;
    this.#context = context;
    this.#session = session;
    this.#prefix = devicesPrefix(organizationId);
    this.#isResumed = isResumed;
    if (externalDeviceId !== undefined) this.#own.add(externalDeviceId);
    if (!isResumed) return;
    this.#forAllSince = context.clock.now();
    if (externalDeviceId !== undefined) this.#listen(externalDeviceId, this.#forAllSince);
    else if (session.integration.patterns) this.#events.listening({ organizationId, externalDeviceId });
  }

  /** The client has published as this device. */
  spokeFor(externalDeviceId: string): void {
    if (this.#own.size < MOST_DEVICES) this.#own.add(externalDeviceId);
    if (this.#forAllSince !== undefined) this.#listen(externalDeviceId, this.#forAllSince);
  }

  /** The engine has granted these filters. */
  subscribed(filters: readonly string[]): void {
    const { organizationId } = this.#session.grant;
    const now = this.#context.clock.now();
    let isForAll = false;
    for (const filter of filters) {
      const { filter: plain } = sharedFilter(filter) ?? { filter };
      // A bridge's topics are its broker's: any may be one of commands.
      const listened = this.#session.integration.patterns
        ? { externalDeviceId: undefined }
        : commandsListenedTo(plain.slice(this.#prefix.length));
      if (listened?.externalDeviceId !== undefined) {
        if (this.#own.size < MOST_DEVICES) this.#own.add(listened.externalDeviceId);
        this.#listen(listened.externalDeviceId, now);
      } else if (listened) isForAll = true;
    }
    if (!isForAll) return;
    this.#forAllSince ??= now;
    for (const device of this.#own) this.#listen(device, this.#forAllSince);
    this.#events.listening({ organizationId, externalDeviceId: undefined });
  }

  /**
   * A PUBLISH comes from the engine.
   * @returns false for a command that has expired, which the device is spared; it is acknowledged by `acknowledgement`
   */
  passes(buffer: Buffer, start: number, body: number, end: number): boolean {
    const topicEnd = body + 2 + ((buffer[body]! << 8) | buffer[body + 1]!);
    // Most of what a subscriber gets is something else.
    if (!buffer.subarray(topicEnd - COMMANDS.length, topicEnd).equals(COMMANDS)) return true;
    const view = this.#session.dialect.readPublish(buffer, start, body, end);
    const device = buffer.toString('utf8', view.topicStart + this.#prefix.length, topicEnd - COMMANDS.length);
    const command = this.#own.has(device) && readCommand(buffer, view);
    if (!command) return true;
    if (view.qos < 2 && command.expiresAt <= this.#context.clock.now()) return false;
    const { organizationId } = this.#session.grant;
    const { id } = command;
    if (view.qos === 0) this.#events.handedOver(id, { organizationId, externalDeviceId: device });
    else this.#passed.set(view.packetId, { id, externalDeviceId: device });
    return true;
  }

  /** The client's PUBACK, or PUBREC: it has what came with this packet id, unless its reason says that it has not. */
  acknowledged(packetId: number, reason: number): void {
    const command = this.#passed.get(packetId);
    if (!command) return;
    this.#passed.delete(packetId);
    if (reason >= 0x80) return;
    const { organizationId } = this.#session.grant;
    this.#events.delivered(command.id, { organizationId, externalDeviceId: command.externalDeviceId });
  }

  /** Whether PUBACKs are to be looked at. */
  get isWaiting(): boolean {
    return this.#passed.size > 0;
  }

  /** @param since when what is published for the device has come to reach this client */
  #listen(externalDeviceId: string, since: number): void {
    if (this.#listened.has(externalDeviceId) || this.#listened.size >= MOST_DEVICES) return;
    this.#listened.add(externalDeviceId);
    const { organizationId } = this.#session.grant;
    this.#events.listening({ organizationId, externalDeviceId, since: this.#isResumed ? undefined : since });
  }
}

/** Of one that the platform has sent. The organization's own clients may send others, which are nobody's to follow. */
function readCommand(
  buffer: Buffer,
  { payloadStart, payloadEnd }: PublishView,
): { id: string; expiresAt: number } | undefined {
  try {
    const { id, expires_at } = JSON.parse(buffer.toString('utf8', payloadStart, payloadEnd));
    const expiresAt = Date.parse(expires_at);
    // A list of one text would pass for it.
    const isId = typeof id === 'string' && uuid.test(id);
    return isId && !Number.isNaN(expiresAt) ? { id, expiresAt } : undefined;
  } catch {
    return undefined;
  }
}
