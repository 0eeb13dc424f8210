import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { BrokerTaken, brokerRows, takeBroker, writeBroker } from '../../database/broker.ts';
import { type Clock, systemClock } from '../../service/clock.ts';
import type { Service } from '../../service/lifecycle.ts';
import type { Logger } from '../../service/log.ts';
import type { EndedBy, Engine, EngineStatus, PlatformMessage } from '../engine.ts';
import { Broker } from './broker.ts';
import { Journal } from './journal.ts';
import { defaultLimits, type EmbeddedLimits } from './limits.ts';
import { Message } from './message.ts';
import { RetainedMessages } from './retained.ts';
import { Router } from './router.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import { mayPublish, PLATFORM_USER } from './wall.ts';

export interface EmbeddedEngineOptions {
  /** Of a role that owns the schema `broker`; one connection is used at a time. */
  pool: pg.Pool;
  log: Logger;
  limits?: Partial<EmbeddedLimits>;
  clock?: Clock;
}

/**
 * The broker in this process: Aedes with sessions, routing and persistence of our own. MQTT 3.1 and 3.1.1.
 *
 * What must survive a restart or a crash (retained messages, persistent sessions with their subscriptions, queues
 * and QoS 2 packet ids) is in PostgreSQL before it is acknowledged. While the database is away acknowledgements
 * wait and nobody is disconnected. Wills are in memory only: after a crash they would be stale.
 *
 * One engine owns the tables: when another starts on the same database, this one closes its connections.
 */
export function embeddedEngine(options: EmbeddedEngineOptions): Engine & Service {
  return new EmbeddedEngine(options);
}

class EmbeddedEngine implements Engine, Service {
  readonly name = 'embedded';
  readonly protocolLevel = 4;
  readonly maximumQoS = 2;
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  readonly #limits: EmbeddedLimits;
  readonly #journal: Journal;
  readonly #retained: RetainedMessages;
  readonly #sessions: Sessions;
  readonly #router: Router;
  readonly #broker: Broker;
  #epoch = 0;
  #lastId = 0;
  #expiry: NodeJS.Timeout | undefined;
  #state: 'new' | 'running' | 'stopped' = 'new';
  #failure: string | undefined;
  #stopping: Promise<void> | undefined;

  constructor({ pool, log, limits: changed = {}, clock = systemClock() }: EmbeddedEngineOptions) {
    const limits = { ...defaultLimits, ...changed };
    const nextId = () => ++this.#lastId;
    const journal = new Journal({
      write: (changes) => writeBroker(pool, this.#epoch, changes),
      isFinal: (error) => error instanceof BrokerTaken,
      failed: (error) => this.#fail(error),
      log,
    });
    const shared = { journal, limits, log, nextId, clock };
    const retained = new RetainedMessages(shared);
    const sessions = new Sessions(shared);
    const router = new Router({ subscriptions: sessions.subscriptions, retained, journal });
    this.#pool = pool;
    this.#log = log;
    this.#limits = limits;
    this.#journal = journal;
    this.#retained = retained;
    this.#sessions = sessions;
    this.#router = router;
    this.#broker = new Broker({ ...shared, retained, sessions, router });
  }

  async start(): Promise<void> {
    const started = performance.now();
    this.#epoch = await takeBroker(this.#pool);
    await this.#load();
    await this.#broker.start();
    this.#state = 'running';
    this.#expiry = setInterval(() => this.#sessions.expire(), this.#limits.expiryInterval).unref();
    const { retained, queued } = this.status();
    this.#log.info(
      { retained, queued, ms: Math.round(performance.now() - started) },
      'embedded engine is ready',
    );
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  connect(): Duplex {
    return this.#broker.connect();
  }

  wants(topic: string): boolean {
    return this.#router.wants(topic);
  }

  reaches(topic: string): boolean {
    return this.#router.reaches(topic);
  }

  async publish(message: PlatformMessage): Promise<boolean> {
    if (this.#state !== 'running') throw new Error('the engine is not running');
    if (!mayPublish(PLATFORM_USER, message.topic)) throw new Error('not a topic to publish to');
    const isWanted = this.#router.wants(message.topic);
    await this.#router.route(new Message(message))?.promise;
    return isWanted;
  }

  async purge(clientId: string): Promise<void> {
    this.#broker.drop(clientId);
    const session = this.#sessions.get(clientId);
    if (session) this.#sessions.end(session);
    await this.#journal.pending()?.promise;
  }

  async whyEnded(): Promise<EndedBy> {
    return this.status().healthy ? 'client' : 'engine';
  }

  status(): EngineStatus {
    const detail = this.#trouble();
    return {
      healthy: detail === undefined,
      version: `Aedes ${this.#broker.version}`,
      clients: this.#broker.clients,
      retained: this.#retained.size,
      queued: this.#sessions.queued,
      dropped: this.#sessions.dropped + this.#retained.refused,
      detail,
    };
  }

  #trouble(): string | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#state !== 'running') return 'The engine is not running.';
    const since = this.#journal.failingSince;
    if (since === undefined) return undefined;
    return `The engine has not been able to write to the database since ${new Date(since).toISOString()}; acknowledgements wait.`;
  }

  async #load(): Promise<void> {
    const sessions = new Map<number, Session>();
    for await (const row of brokerRows(this.#pool, 'sessions')) {
      sessions.set(row.id, this.#sessions.restore(row));
      this.#seen(row);
    }
    for await (const row of brokerRows(this.#pool, 'subscriptions')) {
      const session = sessions.get(row.sessionId);
      if (session) this.#sessions.restoreSubscription(session, row);
      this.#seen(row);
    }
    for await (const row of brokerRows(this.#pool, 'queue')) {
      sessions.get(row.sessionId)?.outbox.restore(row);
      this.#seen(row);
    }
    for await (const row of brokerRows(this.#pool, 'incoming')) {
      sessions.get(row.sessionId)?.incoming.set(row.packetId, row);
      this.#seen(row);
    }
    for await (const row of brokerRows(this.#pool, 'retained')) {
      this.#retained.restore(row);
      this.#seen(row);
    }
  }

  /** Ids go on behind the highest that is in use. */
  #seen({ id }: { id: number }): void {
    this.#lastId = Math.max(this.#lastId, id);
  }

  #fail(error: unknown): void {
    this.#failure = 'Another engine has started on this database; this one has closed its connections.';
    this.#log.error({ error }, this.#failure);
    clearInterval(this.#expiry);
    void this.#broker.close();
  }

  async #stop(): Promise<void> {
    if (this.#state === 'new') return;
    this.#state = 'stopped';
    clearInterval(this.#expiry);
    const deadline = performance.now() + this.#limits.stopTimeout;
    // First what is under way, so that its acknowledgements still go out; then that clients have left.
    await this.#journal.settled(this.#limits.stopTimeout);
    await this.#broker.close();
    const isWritten = await this.#journal.settled(Math.max(0, deadline - performance.now()));
    this.#journal.stop();
    if (!isWritten && !this.#failure)
      this.#log.error({}, 'the engine stopped before the database had taken everything');
  }
}
