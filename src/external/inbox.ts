import type { WebhookReceipt } from '../contract/webhook.ts';
import { type ActivityReason, activityReasons } from '../domain/activity.ts';
import { isTopicName } from '../domain/topic.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { OrganizationQuota } from '../quota/organization-quota.ts';
import type { Quotas } from '../quota/quotas.ts';
import type { Clock } from '../service/clock.ts';
import { PlatformError } from '../service/errors.ts';
import { DeliveredMessage, Delivery } from './delivery.ts';
import type { KnownIntegration } from './directory.ts';
import type { PostedMessage, UnreadableMessage } from './webhook-forms.ts';

/** How long a request waits for its commit: VerneMQ gives up after 5 s. */
const PATIENCE_MS = 4500;
/** The same while the database is away: somebody has to find out when it is back. */
const PATIENCE_AWAY_MS = 1000;
/** What waits for its commit at most, so that one sender leaves room for others. */
const MOST_WAITING = { messages: 20_000, bytes: 32 * 1024 * 1024, bytesOfAll: 128 * 1024 * 1024 };
/** Counted for a message beside its payload. */
const OVERHEAD_BYTES = 500;
/** Told to who is refused; a rate of nothing would be waited for in vain. */
const LONGEST_RETRY_SECONDS = 3600;

export interface InboxOptions {
  ingest: Ingest;
  clock: Clock;
  /** Largest payload. */
  messageBytes: number;
  /** Absent: nobody counts. */
  quotas?: Quotas;
}

/** Takes posted messages, and answers once they are committed. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #waiting = new Map<string, { messages: number; bytes: number }>();
  readonly #open = new Set<Delivery>();
  #bytes = 0;
  #isAway = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /**
   * @returns a receipt for each message, in their order, after the commit
   * @throws PlatformError `unavailable` when the database is away, `too_many_requests` when too much waits already: then
   *   nothing of it is stored, or what is will be known again by its id or time; `messages_per_second_limit` or
   *   `bytes_per_second_limit` when its organization's rate is spent
   */
  async deliver(
    integration: KnownIntegration,
    messages: readonly (PostedMessage | UnreadableMessage)[],
  ): Promise<WebhookReceipt[]> {
    const quota = await this.#options.quotas?.of(integration.stored.organizationId);
    if (quota?.spent) this.#refuse(integration, quota);
    for (const message of messages) quota?.take(lengthOf(message));
    const bytes = messages.reduce((sum, message) => sum + sizeOf(message), 0);
    const leave = this.#enter(integration, messages.length, bytes);
    const delivery = new Delivery(messages.length, this.#isAway ? PATIENCE_AWAY_MS : PATIENCE_MS);
    this.#open.add(delivery);
    try {
      for (const [index, message] of messages.entries())
        this.#accept({ delivery, index, integration, message, quota });
      return await delivery.done;
    } finally {
      delivery.end();
      this.#open.delete(delivery);
      // What was withdrawn waits for the database all the same, if not to be stored.
      void delivery.gone.then(leave);
    }
  }

  /** The database went away, or is back. */
  databaseAvailable(available: boolean): void {
    this.#isAway = !available;
    if (!available) for (const delivery of this.#open) delivery.hurry(PATIENCE_AWAY_MS);
  }

  /** A request is taken whole, and what it takes too much is paid for by those behind it. */
  #refuse({ rules }: KnownIntegration, quota: OrganizationQuota): never {
    const { ingest, clock } = this.#options;
    const limit = quota.spentRate() ?? 'messages_per_second';
    const reason = `${limit}_limit` as const;
    if (quota.hit(limit))
      ingest.journal.activity({
        integration: rules,
        at: clock.receiveTime(),
        event: 'limit_reached',
        reason,
      });
    throw new PlatformError(reason, activityReasons[reason], {
      retryAfter: Math.min(Math.max(1, quota.retryAfter()), LONGEST_RETRY_SECONDS),
    });
  }

  #enter({ stored: { id } }: KnownIntegration, count: number, bytes: number): () => void {
    const own = this.#waiting.get(id) ?? { messages: 0, bytes: 0 };
    const isFull =
      own.messages > 0 &&
      (own.messages + count > MOST_WAITING.messages || own.bytes + bytes > MOST_WAITING.bytes);
    if (isFull || this.#bytes + bytes > MOST_WAITING.bytesOfAll) {
      throw new PlatformError(
        this.#isAway ? 'unavailable' : 'too_many_requests',
        'Too many messages wait to be stored. Try again shortly.',
        { retryAfter: 1 },
      );
    }
    own.messages += count;
    own.bytes += bytes;
    this.#bytes += bytes;
    this.#waiting.set(id, own);
    return () => {
      own.messages -= count;
      own.bytes -= bytes;
      this.#bytes -= bytes;
      if (own.messages === 0) this.#waiting.delete(id);
    };
  }

  #accept(one: {
    delivery: Delivery;
    index: number;
    integration: KnownIntegration;
    message: PostedMessage | UnreadableMessage;
    quota: OrganizationQuota | undefined;
  }): void {
    const { delivery, index, integration, message, quota } = one;
    const { ingest, clock, messageBytes } = this.#options;
    const at = clock.receiveTime();
    const problem = problemOf(message, messageBytes, quota?.limits.message_bytes);
    if (problem?.reason === 'message_bytes_limit') quota?.hit('message_bytes');
    if (!problem) {
      const posted = message as PostedMessage;
      const route = integration.routeOf(posted.topic);
      ingest.accept(new DeliveredMessage({ message: posted, route, integration, delivery, index, at }));
      return;
    }
    const { topic = '', clientId = '', payload } = message as Partial<PostedMessage>;
    const { reason, detail } = problem;
    const bytes = payload?.length ?? 0;
    ingest.journal.receipt(integration.rules, { at, outcome: 'rejected', reason, topic, clientId, bytes });
    delivery.settle(index, { id: message.id, outcome: 'rejected', reason, detail });
  }
}

/** Why a message can't even be kept in quarantine. */
function problemOf(
  message: PostedMessage | UnreadableMessage,
  messageBytes: number,
  limit = Number.POSITIVE_INFINITY,
): { reason: ActivityReason; detail: string } | undefined {
  if (!('topic' in message)) return { reason: 'unreadable_message', detail: message.problem };
  if (!isTopicName(message.topic) || !message.topic.isWellFormed()) {
    return { reason: 'unreadable_message', detail: 'topic: is none that can be published to' };
  }
  if (message.payload.length > messageBytes) {
    return { reason: 'message_too_large', detail: `payload: may have ${messageBytes} bytes at most` };
  }
  if (message.payload.length > limit) {
    return { reason: 'message_bytes_limit', detail: `payload: may have ${limit} bytes at most` };
  }
  return undefined;
}

/** As it counts for the organization's rate. */
function lengthOf(message: PostedMessage | UnreadableMessage): number {
  return 'topic' in message ? message.topic.length + message.payload.length : 0;
}

function sizeOf(message: PostedMessage | UnreadableMessage): number {
  return 'topic' in message ? message.payload.length + OVERHEAD_BYTES : OVERHEAD_BYTES;
}
