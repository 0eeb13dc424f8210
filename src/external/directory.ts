import type pg from 'pg';
import type { WebhookSettings } from '../contract/integrations.ts';
import { uuidBytes } from '../database/binary-array.ts';
import { type ExternalIntegration, findExternalIntegration } from '../database/external-integrations.ts';
import type { StoredChannel } from '../domain/expected-topic.ts';
import { type Decoding, decodingFor } from '../ingest/decoding.ts';
import type { DeviceRef, DeviceRegistry } from '../ingest/device-registry.ts';
import { type Fingerprint, fingerprint } from '../ingest/fingerprint.ts';
import type { IntegrationRules } from '../ingest/integration-rules.ts';
import { matchTopic, type TopicPatterns, topicPatterns } from '../ingest/topic-patterns.ts';
import { hex } from '../service/hex.ts';
import { tokenHash } from '../service/random.ts';
import type { Seal } from '../service/seal.ts';
import { RouteMemory } from './route-memory.ts';

/** Looked up again after this even if nothing announced a change. */
const FRESH_MS = 60_000;
/** Integrations beyond this are forgotten, oldest first. */
const MOST_INTEGRATIONS = 10_000;
/** Topics remembered of each. */
const MOST_TOPICS = 10_000;
/** Longer ones are looked at each time: a topic may have 64 kB. */
const REMEMBERED_CHARACTERS = 512;

/** What is done with a message on a topic. Without a device it is none that is expected. */
export interface ExternalRoute {
  readonly device: DeviceRef | undefined;
  readonly channel: StoredChannel;
  readonly decoding: Decoding | undefined;
  /** Messages of one topic keep their order. */
  readonly key: Fingerprint;
}

/** A customer's integration in memory. */
export class KnownIntegration {
  readonly rules: IntegrationRules;
  readonly stored: ExternalIntegration;
  readAt = Date.now();
  readonly #patterns: TopicPatterns;
  readonly #routes = new Map<string, ExternalRoute>();
  readonly #memory: RouteMemory;
  readonly #devices: DeviceRegistry;
  readonly #seal: Seal;
  /** As many as there are tokens, at most. */
  readonly #accepted = new Map<string, ExternalIntegration['tokens'][number]>();
  #secrets: Promise<Record<string, string>> | undefined;

  constructor(stored: ExternalIntegration, { devices, seal, routes }: IntegrationParts) {
    this.stored = stored;
    this.#memory = routes;
    this.#devices = devices;
    this.#seal = seal;
    this.rules = {
      id: stored.id,
      idBytes: uuidBytes(stored.id),
      organizationId: stored.organizationId,
      organizationBytes: uuidBytes(stored.organizationId),
      decoding: decodingFor(stored.decoder, stored.decoderSettings),
      autoRegister: stored.autoRegister,
      deviceLimit: stored.deviceLimit,
      patterns: undefined,
    };
    this.#patterns = topicPatterns(stored.expectedTopics);
  }

  get webhook(): WebhookSettings {
    return { require_signature: false, emqx4_payload: 'auto', ...this.stored.configuration.webhook };
  }

  /** What is kept sealed, by name. @throws SealBroken */
  secrets(): Promise<Record<string, string>> {
    const { sealedSecrets, id } = this.stored;
    if (!sealedSecrets) return Promise.resolve({});
    this.#secrets ??= this.#seal.open(sealedSecrets, id).then((text) => JSON.parse(text));
    return this.#secrets;
  }

  /** Whether the token lets in now. One that did is remembered: hashing it each time costs more than all else here. */
  async accepts(token: string): Promise<boolean> {
    let known = this.#accepted.get(token);
    if (!known) {
      const hash = hex(await tokenHash(token));
      known = this.stored.tokens.find((stored) => stored.hash === hash);
      if (!known) return false;
      this.#accepted.set(token, known);
    }
    return known.expiresAt === null || known.expiresAt > Date.now();
  }

  routeOf(topic: string): ExternalRoute {
    const known = this.#routes.get(topic);
    if (known) return known;
    const route = this.#resolve(topic);
    if (topic.length > REMEMBERED_CHARACTERS) return route;
    if (this.#routes.size >= MOST_TOPICS) this.#memory.forget(this);
    this.#routes.set(topic, route);
    this.#memory.added(this);
    return route;
  }

  forgetRoutes(): void {
    this.#routes.clear();
  }

  #resolve(topic: string): ExternalRoute {
    const key = fingerprint(Buffer.from(`${this.stored.id}/${topic}`));
    const match = matchTopic(this.#patterns, topic);
    if (match) {
      const { externalDeviceId, channel, decoding } = match;
      return { device: this.#devices.ref(this.rules, externalDeviceId), channel, decoding, key };
    }
    return { device: undefined, channel: 'telemetry', decoding: undefined, key };
  }
}

interface IntegrationParts {
  devices: DeviceRegistry;
  seal: Seal;
  routes: RouteMemory;
}

interface Parts extends Omit<IntegrationParts, 'routes'> {
  pool: pg.Pool;
  /** Where changes are not announced, soon is enough: milliseconds. */
  freshMs?: number;
}

/** Customers' integrations that this process has met lately; PostgreSQL announces changes of them. */
export class IntegrationDirectory {
  readonly #parts: Parts;
  readonly #routes = new RouteMemory();
  readonly #known = new Map<string, KnownIntegration>();
  readonly #lookUps = new Map<string, Promise<KnownIntegration | undefined>>();
  /** Counts announcements: what was read while one came may be from before it. */
  #announced = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param id a UUID
   * @throws PlatformError `unavailable` when the database is away and the integration is not in memory
   */
  async get(id: string): Promise<KnownIntegration | undefined> {
    const known = this.#known.get(id);
    if (known && Date.now() - known.readAt < (this.#parts.freshMs ?? FRESH_MS)) return known;
    let lookUp = this.#lookUps.get(id);
    if (!lookUp) {
      lookUp = this.#lookUp(id).finally(() => {
        if (this.#lookUps.get(id) === lookUp) this.#lookUps.delete(id);
      });
      this.#lookUps.set(id, lookUp);
    }
    return lookUp;
  }

  /** The integration or one of its tokens has changed. */
  changed(id: string): void {
    this.#announced += 1;
    this.#lookUps.delete(id);
    this.#forget(id);
  }

  /** Announcements may have been missed. */
  allChanged(): void {
    this.#announced += 1;
    this.#lookUps.clear();
    for (const id of this.#known.keys()) this.#forget(id);
  }

  #forget(id: string): void {
    const known = this.#known.get(id);
    if (!known) return;
    this.#known.delete(id);
    this.#routes.forget(known);
  }

  async #lookUp(id: string): Promise<KnownIntegration | undefined> {
    const announced = this.#announced;
    const stored = await findExternalIntegration(this.#parts.pool, id);
    const before = this.#known.get(id);
    if (before && JSON.stringify(before.stored) === JSON.stringify(stored)) {
      // With all that it has learned of its topics and devices.
      before.readAt = Date.now();
      return before;
    }
    const known = stored && new KnownIntegration(stored, { ...this.#parts, routes: this.#routes });
    if (announced !== this.#announced) return known;
    this.#forget(id);
    if (!known) return undefined;
    this.#known.set(id, known);
    if (this.#known.size > MOST_INTEGRATIONS) this.#forget(this.#known.keys().next().value!);
    return known;
  }
}
