import type { WebhookReceipt } from '../contract/webhook.ts';
import type { QuarantineReason } from '../domain/reading.ts';
import { fingerprint } from '../ingest/fingerprint.ts';
import type { InboundMessage, MessageOutcome, MessageSource } from '../ingest/message.ts';
import { PlatformError } from '../service/errors.ts';
import type { ExternalRoute, KnownIntegration } from './directory.ts';
import type { PostedMessage } from './webhook-forms.ts';

const RETRY_AFTER_SECONDS = 2;

/** The messages of one request on their way to the database. */
export class Delivery {
  readonly #receipts: WebhookReceipt[];
  readonly #done = Promise.withResolvers<WebhookReceipt[]>();
  readonly #gone = Promise.withResolvers<void>();
  #left: number;
  #deadline: number;
  #timer: NodeJS.Timeout;
  /** Its sender was told to send again. */
  withdrawn = false;

  constructor(count: number, patienceMs: number) {
    this.#receipts = new Array(count);
    this.#left = count;
    this.#deadline = performance.now() + patienceMs;
    this.#timer = setTimeout(() => this.#withdraw(), patienceMs);
    if (count === 0) this.#finish();
  }

  get done(): Promise<WebhookReceipt[]> {
    return this.#done.promise;
  }

  /** Resolves when nothing of it is in memory any more: later than `done` where it was withdrawn. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  settle(index: number, receipt: WebhookReceipt): void {
    this.#receipts[index] = receipt;
    this.drop();
  }

  /** One of them is not to be stored any more. */
  drop(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#finish();
  }

  /** Waits no longer than this from now. */
  hurry(ms: number): void {
    if (performance.now() + ms >= this.#deadline) return;
    this.#deadline = performance.now() + ms;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#withdraw(), ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #finish(): void {
    this.#done.resolve(this.#receipts);
    this.#gone.resolve();
  }

  #withdraw(): void {
    this.withdrawn = true;
    this.#done.reject(
      new PlatformError('unavailable', 'The messages could not be stored in time. Send them again.', {
        retryAfter: RETRY_AFTER_SECONDS,
      }),
    );
  }
}

/** One of them, as ingest takes it. */
export class DeliveredMessage implements InboundMessage {
  readonly source: MessageSource;
  readonly device: InboundMessage['device'];
  readonly channel: InboundMessage['channel'];
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly packetId: number;
  readonly isRetainedCopy: boolean;
  readonly receivedAt: number;
  readonly senderId: string | undefined;
  readonly sentAt: InboundMessage['sentAt'];
  readonly decoding: InboundMessage['decoding'];
  readonly refusal: InboundMessage['refusal'];
  readonly #delivery: Delivery;
  readonly #index: number;

  constructor(parts: {
    message: PostedMessage;
    route: ExternalRoute;
    integration: KnownIntegration;
    delivery: Delivery;
    index: number;
    at: number;
  }) {
    const { message, route, integration } = parts;
    const { clientId, payload } = message;
    // Packet ids are the client's, and what they were used for is known in one lane.
    const clientKey = message.mqtt?.packetId
      ? fingerprint(Buffer.from(`${integration.stored.id}/client/${clientId}`))
      : route.key;
    this.source = { integration: integration.rules, clientId, clientKey, connectionId: undefined };
    this.device = route.device;
    this.channel = route.channel;
    this.topic = message.topic;
    this.payload = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    this.qos = message.qos;
    this.retain = message.retain;
    this.dup = message.mqtt?.dup ?? false;
    this.packetId = message.mqtt?.packetId ?? 0;
    this.isRetainedCopy = message.mqtt?.isRetainedCopy ?? false;
    this.receivedAt = parts.at;
    this.senderId = message.id;
    this.sentAt = message.sentAt;
    this.decoding = route.decoding;
    this.refusal = route.device ? undefined : { reason: 'topic_not_expected', detail: '' };
    this.#delivery = parts.delivery;
    this.#index = parts.index;
  }

  get withdrawn(): boolean {
    return this.#delivery.withdrawn;
  }

  settled(outcome: MessageOutcome, reason?: QuarantineReason): void {
    const id = this.senderId;
    this.#delivery.settle(this.#index, reason ? { id, outcome, reason } : { id, outcome });
  }

  dropped(): void {
    this.#delivery.drop();
  }
}
