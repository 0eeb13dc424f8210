import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { claimLeases, holdsLease, releaseLeases } from '../database/leases.ts';
import {
  connectionLease,
  processLease,
  type SubscriptionStatus,
  subscribedFilters,
  wantedSubscriptions,
} from '../database/subscriptions.ts';
import type { Quotas } from '../quota/quotas.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { MemoryBudget } from '../service/memory-budget.ts';
import type { IntegrationDirectory, KnownIntegration } from './directory.ts';
import { brokerOf } from './integration-broker.ts';
import { StatusWriter } from './status-writer.ts';
import { Subscription, type SubscriptionParts } from './subscription.ts';

/** A lease is renewed so often that two lost rounds cost nothing, and gone soon enough to be taken over within 30 s. */
const ROUND_MS = 3000;
const LEASE_SECONDS = 12;
/** What all connections together may hold unacknowledged: while the database is away each gathers what its window takes. */
const UNACKNOWLEDGED_BYTES = 256 * 1024 * 1024;

export interface SubscriberOptions
  extends Pick<SubscriptionParts, 'ingest' | 'clock' | 'lookup' | 'messageBytes'> {
  pool: pg.Pool;
  log: Logger;
  directory: IntegrationDirectory;
  quotas: Quotas;
  /** Organizations whose integrations' status has changed. */
  onChanged: (organizationIds: string[]) => void;
  roundMs?: number;
  leaseSeconds?: number;
}

/**
 * Holds the connections to customers' brokers that are this process's share: each integration by one process at a
 * time, by a lease. A process that is gone lets go of its own when they lapse; one that came takes its share.
 *
 * While the database is away connections stay: nobody can take over meanwhile, and if another process can, the client
 * id, which is the same for all, leaves the broker with one connection all the same.
 */
export class Subscriber implements Service {
  readonly name = 'subscriber';
  readonly #options: SubscriberOptions;
  readonly #holder = randomUUID();
  readonly #statuses: StatusWriter;
  readonly #budget = new MemoryBudget(UNACKNOWLEDGED_BYTES);
  /** Leases of connections, and until when each is surely ours, on the clock that never goes back. */
  readonly #leases = new Map<string, number>();
  readonly #held = new Map<string, Subscription>();
  /** Taken or edited, and not followed yet. */
  readonly #unapplied = new Set<string>();
  /** Changes of one integration are made one after the other. */
  readonly #changes = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #stopped = false;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    const { pool, log, onChanged } = options;
    this.#statuses = new StatusWriter({ pool, log, holder: this.#holder, onChanged });
  }

  async start(): Promise<void> {
    this.#next();
    this.#timer = setInterval(() => this.#next(), this.#options.roundMs ?? ROUND_MS);
  }

  /** Disconnects, keeping the sessions, and lets others take over at once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#round;
    const ids = [...this.#leases.keys()];
    await Promise.all(ids.map((id) => this.#serially(id, () => this.#drop(id))));
    await this.#statuses.flush();
    this.#leases.clear();
    const names = [...ids.map(connectionLease), processLease(this.#holder)];
    await releaseLeases(this.#options.pool, names, this.#holder).catch(() => {});
  }

  /** Integrations that are connected or on their way. */
  get held(): number {
    return this.#held.size;
  }

  /** The connection of an integration, where it is held here and stands: a command may go over it. */
  connectionOf(id: string): Pick<Subscription, 'publish'> | undefined {
    const subscription = this.#held.get(id);
    return subscription?.isConnected ? subscription : undefined;
  }

  /** The integration was made, edited, stopped or deleted. */
  changed(id: string): void {
    if (this.#stopped) return;
    // Behind whatever is under way with it, which may have been looked up before.
    void this.#serially(id, () => this.#apply(id)).then(() => this.#next());
  }

  /** Changes may have been missed. */
  allChanged(): void {
    for (const id of this.#leases.keys()) this.changed(id);
    this.#next();
  }

  #next(): void {
    if (this.#stopped) return;
    this.#round ??= this.#share()
      .catch((error) => {
        this.#options.log.debug({ error: String(error) }, 'leases could not be renewed');
      })
      .finally(() => {
        this.#round = undefined;
      });
  }

  /** Renews what is held, gives up what is not wanted or too much, takes what is free up to an equal share. */
  async #share(): Promise<void> {
    void this.#statuses.flush();
    const before = [...this.#leases.keys()];
    await this.#claim(before, [processLease(this.#holder)]);
    const { integrations, processes } = await wantedSubscriptions(this.#options.pool);
    const wanted = new Set(integrations.map(({ id }) => id));
    const share = Math.ceil(wanted.size / Math.max(1, processes));

    const kept = new Set(before.filter((id) => wanted.has(id) && this.#leases.has(id)).slice(0, share));
    const given = before.filter((id) => !kept.has(id));
    // All at once: brokers that do not say goodbye take seconds, in which the others' leases are not renewed.
    await Promise.all(given.map((id) => this.#serially(id, () => this.#give(id))));

    const free = integrations.filter(({ id, held }) => !held && !this.#leases.has(id)).map(({ id }) => id);
    const room = free.slice(0, Math.max(0, share - this.#leases.size));
    await this.#claim(room);
    const due = new Set([...room, ...this.#unapplied]);
    await Promise.all([...due].map((id) => this.#serially(id, () => this.#apply(id))));
  }

  /** Claims leases of connections, and others by their names. */
  async #claim(ids: readonly string[], more: string[] = []): Promise<void> {
    const { pool, leaseSeconds: seconds = LEASE_SECONDS } = this.#options;
    const until = performance.now() + seconds * 1000;
    const names = [...ids.map(connectionLease), ...more];
    const claimed = await claimLeases(pool, { names, holder: this.#holder, seconds });
    for (const id of ids) {
      if (claimed.has(connectionLease(id))) this.#leases.set(id, until);
      else this.#leases.delete(id);
    }
  }

  /**
   * Makes the connection what the integration says now: none, the one that there is with other topics, or another one.
   * @throws what the database says; then it is done again with the next round
   */
  async #apply(id: string): Promise<void> {
    if (this.#stopped || !this.#leases.has(id)) return;
    this.#unapplied.add(id);
    const integration = await this.#options.directory.get(id);
    if (integration?.stored.enabled) await this.#connect(integration);
    else await this.#give(id);
    this.#unapplied.delete(id);
  }

  /** With settings that lead nowhere the lease is kept all the same: its holder tells of it. */
  async #connect(integration: KnownIntegration): Promise<void> {
    const { pool, quotas } = this.#options;
    const { id, organizationId } = integration.stored;
    const onStatus = (status: SubscriptionStatus) => this.#statuses.add(organizationId, status);
    const settings = await brokerOf(integration).catch((error: Error) => error);
    const held = this.#held.get(id);
    if (held && settings && !(settings instanceof Error) && held.isFor(settings))
      return held.update(integration);
    await this.#drop(id);
    if (!settings || settings instanceof Error) {
      const detail = settings?.message ?? 'The settings lead to no broker.';
      onStatus({ integrationId: id, since: Date.now(), state: 'refused', reason: 'bad_settings', detail });
      return;
    }
    const before = await subscribedFilters(pool, id);
    const subscription = new Subscription(integration, settings, before, {
      ...this.#options,
      budget: this.#budget,
      quota: await quotas.of(organizationId),
      mayConnect: () => holdsLease(pool, connectionLease(id), this.#holder),
      isOurs: () => (this.#leases.get(id) ?? 0) > performance.now(),
      onStatus,
    });
    this.#held.set(id, subscription);
    subscription.start();
  }

  async #drop(id: string): Promise<void> {
    const subscription = this.#held.get(id);
    this.#held.delete(id);
    await subscription?.stop();
  }

  async #give(id: string): Promise<void> {
    await this.#drop(id);
    await this.#statuses.flush();
    this.#leases.delete(id);
    this.#unapplied.delete(id);
    await releaseLeases(this.#options.pool, [connectionLease(id)], this.#holder);
  }

  #serially(id: string, change: () => Promise<void>): Promise<void> {
    const { log } = this.#options;
    const done = (this.#changes.get(id) ?? Promise.resolve()).then(change).catch((error) => {
      log.warn({ integration: id, error: String(error) }, 'a connection could not be changed');
    });
    this.#changes.set(id, done);
    void done.then(() => {
      if (this.#changes.get(id) === done) this.#changes.delete(id);
    });
    return done;
  }
}
