import { activityReasons } from '../domain/activity.ts';
import type { GatewayContext, Session } from './context.ts';

/** Refused filters of one SUBSCRIBE that are recorded: it can hold a thousand. */
const MOST_FILTERS = 10;
/** A client of MQTT 5 may go on publishing what is refused: its owner reads of each topic once in a while. */
const AGAIN_MS = 60_000;
const MOST_TOPICS = 100;

/** Tells a client's owner of what the client sent and nobody got. */
export class Complaints {
  readonly #context: GatewayContext;
  readonly #session: Session;
  /** When each topic was told of, in milliseconds since 1970. */
  readonly #told = new Map<string, number>();

  constructor(context: GatewayContext, session: Session) {
    this.#context = context;
    this.#session = session;
  }

  publishRefused(topic: string): void {
    const { integration, clientId } = this.#session;
    const at = this.#context.clock.receiveTime();
    const reason = 'topic_not_granted';
    const receipt = { at, outcome: 'rejected', reason, topic, clientId, bytes: 0 } as const;
    this.#context.ingest.journal.receipt(integration, receipt);
    if (!this.#isToBeTold(topic)) return;
    this.#context.ingest.journal.activity({ ...this.#who(), at, event: 'publish_refused', reason, topic });
  }

  #isToBeTold(topic: string): boolean {
    const now = this.#context.clock.now();
    if (now - (this.#told.get(topic) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return false;
    if (this.#told.size >= MOST_TOPICS) this.#told.clear();
    this.#told.set(topic, now);
    return true;
  }

  /** A message waits because the organization sends more than it may. */
  putOff(): void {
    const { quota } = this.#session;
    const limit = quota.spentRate() ?? 'messages_per_second';
    if (!quota.hit(limit)) return;
    const at = this.#context.clock.receiveTime();
    const reason = `${limit}_limit` as const;
    this.#context.ingest.journal.activity({ ...this.#who(), at, event: 'limit_reached', reason });
  }

  subscribeRefused(filters: readonly string[]): void {
    const reason = 'filter_not_granted';
    for (const topic of filters.slice(0, MOST_FILTERS)) {
      this.#context.ingest.journal.activity({
        ...this.#who(),
        at: this.#context.clock.receiveTime(),
        event: 'subscribe_refused',
        reason,
        detail: activityReasons[reason],
        topic,
      });
    }
  }

  /** A filter is one more than the organization may subscribe to. */
  subscribedTooMuch(topic: string): void {
    if (!this.#session.quota.hit('subscriptions')) return;
    const at = this.#context.clock.receiveTime();
    const reason = 'subscriptions_limit';
    this.#context.ingest.journal.activity({ ...this.#who(), at, event: 'subscribe_refused', reason, topic });
  }

  /** A message came again before it was answered. */
  repeated(topic: string, bytes: number): void {
    const { integration, clientId } = this.#session;
    const at = this.#context.clock.receiveTime();
    const receipt = { at, outcome: 'duplicate', topic, clientId, bytes } as const;
    this.#context.ingest.journal.receipt(integration, receipt);
  }

  #who() {
    const { integration, credential, clientId } = this.#session;
    return { integration, credentialId: credential.id, username: credential.username, clientId };
  }
}
