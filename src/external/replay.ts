import type pg from 'pg';
import { uuidBytes } from '../database/binary-array.ts';
import { translated } from '../database/database-error.ts';
import { findExternalIntegration } from '../database/external-integrations.ts';
import { findGatewayIntegration } from '../database/gateway.ts';
import type { QuarantinedBytes } from '../database/replay.ts';
import { devicesPrefix, parseDeviceTopic } from '../domain/hosted-topic.ts';
import { decodingFor } from '../ingest/decoding.ts';
import { DeviceRegistry } from '../ingest/device-registry.ts';
import { fingerprint } from '../ingest/fingerprint.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { IntegrationRules } from '../ingest/integration-rules.ts';
import type { InboundMessage, MessageOutcome } from '../ingest/message.ts';
import { PlatformError } from '../service/errors.ts';
import type { Seal } from '../service/seal.ts';
import { type ExternalRoute, KnownIntegration } from './directory.ts';
import { RouteMemory } from './route-memory.ts';

/** How long a replay may take: 500 messages of an expression that is slow, or a database that is away for a moment. */
const PATIENCE_MS = 15_000;
/** Replays at the same time; each may hold 32 MiB. */
const MOST_AT_ONCE = 4;

export type Replayed = Record<MessageOutcome, number>;

interface Replay {
  organizationId: string;
  /** Oldest first. */
  messages: readonly QuarantinedBytes[];
}

interface Wanted {
  id: string;
  organizationId: string;
  devices: DeviceRegistry;
}

/** An integration as it stands in the database now. */
interface CurrentIntegration {
  rules: IntegrationRules;
  routeOf(topic: string): ExternalRoute;
}

/**
 * Takes messages out of quarantine and through ingest again, by their integrations as they are now. What is stored
 * leaves quarantine with the same commit, so nothing is lost or doubled wherever it is interrupted.
 */
export class Replays {
  readonly #parts: { pool: pg.Pool; ingest: Ingest; seal: Seal };
  /** Organizations that replay. */
  readonly #running = new Set<string>();

  constructor(parts: { pool: pg.Pool; ingest: Ingest; seal: Seal }) {
    this.#parts = parts;
  }

  /**
   * @returns how many came to which end; `quarantined` ones stay, with the reason of now
   * @throws PlatformError `too_many_requests` while the organization replays already, `unavailable` when not all could
   *   be stored in time: those that were have left quarantine, the others are there unchanged
   */
  async run({ organizationId, messages }: Replay): Promise<Replayed> {
    if (this.#running.has(organizationId) || this.#running.size >= MOST_AT_ONCE) {
      throw new PlatformError(
        'too_many_requests',
        'Another replay is under way. Try again when it is done.',
        {
          retryAfter: 2,
        },
      );
    }
    this.#running.add(organizationId);
    try {
      return await this.#run(organizationId, messages);
    } finally {
      this.#running.delete(organizationId);
    }
  }

  async #run(organizationId: string, messages: readonly QuarantinedBytes[]): Promise<Replayed> {
    // Of their own: those that live connections share must not be replaced by these.
    const devices = new DeviceRegistry();
    const integrations = new Map<string, CurrentIntegration | undefined>();
    for (const { integrationId: id } of messages) {
      if (id !== null && !integrations.has(id)) {
        integrations.set(id, await this.#read({ id, organizationId, devices }));
      }
    }
    const progress = new Progress(messages.length);
    for (const message of messages) {
      const integration = integrations.get(message.integrationId ?? '');
      // Nobody knows any more how to read it.
      if (!integration) progress.settled('quarantined');
      else this.#parts.ingest.accept(inbound(message, integration, progress));
    }
    return progress.done;
  }

  async #read(wanted: Wanted): Promise<CurrentIntegration | undefined> {
    const { id, devices } = wanted;
    const { pool, seal } = this.#parts;
    const external = await findExternalIntegration(pool, id);
    if (!external) return this.#readHosted(wanted);
    const known = new KnownIntegration(external, { devices, seal, routes: new RouteMemory() });
    if (external.mode !== 'bridge') return known;
    // A bridge's topics came below the prefix.
    const { length } = devicesPrefix(external.organizationId);
    return { rules: known.rules, routeOf: (topic) => known.routeOf(topic.slice(length)) };
  }

  async #readHosted({ id, organizationId, devices }: Wanted): Promise<CurrentIntegration | undefined> {
    const found = await findGatewayIntegration(this.#parts.pool, id).catch((error) => {
      throw translated(error);
    });
    if (!found) return undefined;
    const rules: IntegrationRules = {
      id,
      idBytes: uuidBytes(id),
      organizationId,
      organizationBytes: uuidBytes(organizationId),
      decoding: decodingFor(found.decoder, found.decoderSettings),
      autoRegister: found.autoRegister,
      deviceLimit: found.deviceLimit,
      patterns: undefined,
    };
    return { rules, routeOf: (topic) => hostedRoute(rules, devices, topic) };
  }
}

function hostedRoute(rules: IntegrationRules, devices: DeviceRegistry, topic: string): ExternalRoute {
  const prefix = devicesPrefix(rules.organizationId);
  const address = topic.startsWith(prefix) ? parseDeviceTopic(topic.slice(prefix.length)) : undefined;
  const key = fingerprint(Buffer.from(`${rules.id}/${topic}`));
  if (address?.channel !== 'telemetry' && address?.channel !== 'status') {
    return { device: undefined, channel: 'telemetry', decoding: undefined, key };
  }
  const device = devices.ref(rules, address.externalDeviceId);
  return { device, channel: address.channel, decoding: undefined, key };
}

function inbound(
  message: QuarantinedBytes,
  integration: CurrentIntegration,
  progress: Progress,
): InboundMessage {
  const { device, channel, decoding } = integration.routeOf(message.topic);
  const { payload } = message;
  return {
    source: {
      integration: integration.rules,
      clientId: message.clientId ?? '',
      // One for all of the integration, so that they are stored in their order.
      clientKey: fingerprint(integration.rules.idBytes),
      connectionId: undefined,
    },
    device,
    channel,
    topic: message.topic,
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    qos: message.qos,
    retain: message.retain,
    dup: false,
    packetId: 0,
    // What states no time is charted where it came, not where it was replayed.
    receivedAt: message.receivedMicroseconds,
    quarantineId: uuidBytes(message.id),
    decoding,
    refusal: device ? undefined : { reason: 'topic_not_expected', detail: '' },
    get withdrawn() {
      return progress.isOver;
    },
    settled: (outcome) => progress.settled(outcome),
  };
}

/** How far a replay has come. */
class Progress {
  readonly #counts: Replayed = { stored: 0, duplicate: 0, quarantined: 0 };
  readonly #done = Promise.withResolvers<Replayed>();
  readonly #timer: NodeJS.Timeout;
  #left: number;
  /** What isn't stored by now stays as it is: who asked was told so. */
  isOver = false;

  constructor(count: number) {
    this.#left = count;
    this.#timer = setTimeout(() => this.#giveUp(), PATIENCE_MS);
    if (count === 0) this.#end();
  }

  get done(): Promise<Replayed> {
    return this.#done.promise;
  }

  settled(outcome: MessageOutcome): void {
    this.#counts[outcome] += 1;
    this.#left -= 1;
    if (this.#left === 0) this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#done.resolve(this.#counts);
  }

  #giveUp(): void {
    this.isOver = true;
    this.#done.reject(
      new PlatformError(
        'unavailable',
        `Not all could be replayed in time: ${this.#left} are in quarantine as before. Replay them again.`,
        { retryAfter: 5 },
      ),
    );
  }
}
