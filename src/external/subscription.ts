import type { LookupFunction } from 'node:net';
import type { BrokerSettings } from '../contract/broker-settings.ts';
import type { SubscriptionStatus } from '../database/subscriptions.ts';
import type { ActivityEvent, ActivityReason } from '../domain/activity.ts';
import { parseExpectedTopic } from '../domain/expected-topic.ts';
import { type Fingerprint, fingerprint } from '../ingest/fingerprint.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { Consumer } from '../mqtt/consumer.ts';
import type { ConsumerState, ReceivedMessage } from '../mqtt/consumer-options.ts';
import type { PublishArguments } from '../mqtt/publishing.ts';
import type { OrganizationQuota } from '../quota/organization-quota.ts';
import type { Clock } from '../service/clock.ts';
import type { MemoryBudget } from '../service/memory-budget.ts';
import { consumerProblem } from './consumer-problem.ts';
import type { KnownIntegration } from './directory.ts';
import { protocolVersionOf, targetOf } from './integration-broker.ts';
import { SubscribedMessage } from './subscribed-message.ts';
import { openTransport } from './transport.ts';

/** What a broker may send ahead of our acknowledgements; a commit takes some milliseconds. */
const RECEIVE_MAXIMUM = 20_000;
/** The same in bytes, of one integration: a process holds hundreds, and the database may be away. */
const UNACKNOWLEDGED_BYTES = 8 * 1024 * 1024;
/** A broker keeps what it has for us for so long: a weekend and more. */
const SESSION_EXPIRY_SECONDS = 7 * 86_400;
/** How long a stop waits for what was received to be stored; what isn't comes again. */
const DRAIN_MS = 2000;

export interface SubscriptionParts {
  ingest: Ingest;
  clock: Clock;
  lookup: LookupFunction;
  /** Largest payload. */
  messageBytes: number;
  /** Of all that the process holds unacknowledged. */
  budget: MemoryBudget;
  /** The organization's. */
  quota: OrganizationQuota;
  /** Whether this process is the one to connect, asked before each attempt. */
  mayConnect(): Promise<boolean>;
  /** The same as far as it is known here, without asking. */
  isOurs(): boolean;
  onStatus(status: SubscriptionStatus): void;
}

type Status = Omit<SubscriptionStatus, 'integrationId' | 'since'>;

/** One integration's connection to the customer's broker: its messages go through ingest, and are acknowledged after. */
export class Subscription {
  readonly #parts: SubscriptionParts;
  readonly #consumer: Consumer;
  readonly #clientKey: Fingerprint;
  readonly #clientId: string;
  readonly #settings: BrokerSettings;
  #integration: KnownIntegration;
  /** What was told last. */
  #status: Status | undefined;
  /** What the broker's session may be subscribed to. */
  #filters: readonly string[];
  #wasConnected = false;
  #stopped = false;

  /** @param before filters that the session was last subscribed to, by whichever process */
  constructor(
    integration: KnownIntegration,
    settings: BrokerSettings,
    before: readonly string[],
    parts: SubscriptionParts,
  ) {
    const { id } = integration.stored;
    this.#parts = parts;
    this.#integration = integration;
    this.#filters = [...new Set([...before, ...filtersOf(integration)])];
    this.#settings = settings;
    this.#clientId = settings.client_id ?? `netneural-${id}`;
    this.#clientKey = fingerprint(Buffer.from(`${id}/subscription`));
    this.#consumer = new Consumer({
      open: (signal) => openTransport(targetOf(settings), { lookup: parts.lookup, signal }),
      protocolVersion: protocolVersionOf(settings),
      clientId: this.#clientId,
      username: settings.username,
      password: settings.password,
      keepAliveSeconds: settings.keep_alive_seconds,
      receiveMaximum: RECEIVE_MAXIMUM,
      sessionExpirySeconds: SESSION_EXPIRY_SECONDS,
      subscriptions: before,
      maxUnacknowledgedBytes: UNACKNOWLEDGED_BYTES,
      budget: parts.budget,
      rate: parts.quota,
      maxPacketBytes: parts.messageBytes + 65_540,
      onMessage: (message) => this.#received(message),
      onState: (state) => this.#changed(state),
      onOversized: (topic, bytes) => this.#oversized(topic, bytes),
      mayConnect: parts.mayConnect,
    });
    // What was subscribed to before and is not wanted any more is unsubscribed.
    this.#consumer.setSubscriptions(filtersOf(integration));
  }

  /** Whether another connection is needed for these settings. */
  isFor(settings: BrokerSettings): boolean {
    return JSON.stringify(settings) === JSON.stringify(this.#settings);
  }

  start(): void {
    this.#consumer.start();
  }

  get isConnected(): boolean {
    return this.#consumer.isConnected;
  }

  /** As Consumer.publish. */
  publish(...message: PublishArguments): Promise<void> {
    return this.#consumer.publish(...message);
  }

  /** Resolves when there is no connection any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#consumer.stop(DRAIN_MS);
  }

  /** The integration was edited: from now on its topics and decoders are these. */
  update(integration: KnownIntegration): void {
    this.#integration = integration;
    const filters = filtersOf(integration);
    if (this.#status && filters.some((filter) => !this.#filters.includes(filter))) {
      // Before the broker is asked: whoever comes after us must know of it to unsubscribe.
      this.#filters = [...new Set([...this.#filters, ...filters])];
      this.#tell({ ...this.#status, filters: this.#filters });
    }
    this.#consumer.setSubscriptions(filters);
  }

  #received(message: ReceivedMessage): void {
    const { ingest, clock, quota } = this.#parts;
    quota.take(message.topic.length + message.payload.length);
    // What follows waits until there is room, and the broker keeps what is behind that.
    if (quota.spent) this.#limited();
    if (message.payload.length > quota.limits.message_bytes) {
      quota.hit('message_bytes');
      this.#rejected('message_bytes_limit', message.topic, message.payload.length);
      message.acknowledge();
      return;
    }
    ingest.accept(
      new SubscribedMessage({
        received: message,
        route: this.#integration.routeOf(message.topic),
        source: {
          integration: this.#integration.rules,
          clientId: this.#clientId,
          clientKey: this.#clientKey,
          connectionId: undefined,
        },
        at: clock.receiveTime(),
        isOurs: this.#parts.isOurs,
        reply: (topic, payload) => {
          // A hub that gets no answer sends again.
          this.#consumer.publish(topic, payload, 0).catch(() => {});
        },
      }),
    );
  }

  #limited(): void {
    const { quota } = this.#parts;
    const limit = quota.spentRate() ?? 'messages_per_second';
    if (quota.hit(limit)) this.#log('limit_reached', `${limit}_limit`);
  }

  #oversized(topic: string, bytes: number): void {
    this.#rejected('message_too_large', topic, bytes);
  }

  #rejected(reason: ActivityReason, topic: string, bytes: number): void {
    const { ingest, clock } = this.#parts;
    ingest.journal.receipt(this.#integration.rules, {
      at: clock.receiveTime(),
      outcome: 'rejected',
      reason,
      topic,
      clientId: this.#clientId,
      bytes,
    });
  }

  #changed(state: ConsumerState): void {
    switch (state.state) {
      case 'connecting':
        // From then on it is retrying for as long as it takes.
        if (!this.#status) this.#tell({ state: 'connecting', filters: this.#filters });
        break;
      case 'connected':
        this.#connected(state);
        break;
      case 'stopped':
        if (this.#stopped) this.#tell({ state: 'stopped' });
        break;
      default:
        this.#failed(state);
    }
  }

  #connected({ refused, downgraded }: Extract<ConsumerState, { state: 'connected' }>): void {
    if (!this.#wasConnected) this.#log('broker_connected');
    this.#wasConnected = true;
    const filters = filtersOf(this.#integration);
    this.#filters = filters;
    if (refused.length > 0) {
      const topics = refused.map(({ filter }) => filter).join(', ');
      this.#log('subscribe_refused', 'filter_refused', topics);
      const isForAll = filters.every((filter) => refused.some((one) => one.filter === filter));
      this.#tell({
        state: isForAll ? 'refused' : 'connected',
        reason: 'filter_refused',
        detail: `The broker refused ${topics}: give this user the right to read it.`,
        filters,
      });
    } else if (downgraded.length > 0) {
      const detail = `The broker grants ${downgraded.join(', ')} with QoS 0 only: what comes while we are away is lost.`;
      this.#tell({ state: 'connected', reason: 'qos_lowered', detail, filters });
    } else this.#tell({ state: 'connected', filters });
  }

  #failed(state: Extract<ConsumerState, { state: 'retrying' | 'refused' }>): void {
    const { code, message, advice } = consumerProblem(state, protocolVersionOf(this.#settings));
    const detail = `${message}. ${advice}.`;
    const isRefused = state.state === 'refused';
    if (this.#wasConnected) this.#log('broker_lost', 'broker_away', detail);
    else if (isRefused && this.#status?.reason !== code)
      this.#log('broker_refused', 'broker_refused', detail);
    this.#wasConnected = false;
    this.#tell({ state: state.state, reason: code, detail, nextTryAt: state.nextTryAt });
  }

  #tell(status: Status): void {
    this.#status = status;
    const { clock, onStatus } = this.#parts;
    onStatus({ integrationId: this.#integration.stored.id, since: clock.now(), ...status });
  }

  #log(event: ActivityEvent, reason?: ActivityReason, detail?: string): void {
    const { ingest, clock } = this.#parts;
    const at = clock.receiveTime();
    ingest.journal.activity({
      integration: this.#integration.rules,
      at,
      event,
      reason,
      detail,
      clientId: this.#clientId,
    });
  }
}

function filtersOf({ stored }: KnownIntegration): string[] {
  const filters = stored.expectedTopics.flatMap(({ topic }) => {
    const pattern = parseExpectedTopic(topic);
    return 'problem' in pattern ? [] : [pattern.filter];
  });
  return [...new Set(filters)];
}
