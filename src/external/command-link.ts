import type { BrokerSettings } from '../contract/broker-settings.ts';
import type { Publisher } from '../mqtt/publisher.ts';
import { MqttFailure } from '../mqtt/reasons.ts';
import { unlessAborted } from '../service/unless-aborted.ts';
import type { CommandPublish } from './command-publish.ts';

/** For resolving, connecting, TLS, WebSocket and CONNACK together. */
const CONNECT_MS = 8000;
/** After a failure nobody connects for so long, and for twice as long after each further one. */
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 30_000;

export interface CommandLinkOptions {
  organizationId: string;
  settings: BrokerSettings;
  /** So long a connection is kept for what may follow. */
  idleMs: number;
  /** @throws MqttFailure */
  connect(signal: AbortSignal): Promise<Publisher>;
  /** Called before it connects. @throws MqttFailure when there is no room for one more connection */
  makeRoom(): void;
}

/** One integration's connection for commands: made when there is one to send, and kept a moment for the next. */
export class CommandLink {
  readonly organizationId: string;
  readonly #options: CommandLinkOptions;
  readonly #closing = new AbortController();
  #publisher: Publisher | undefined;
  #connecting: Promise<Publisher> | undefined;
  /** Commands under way, and how many were confirmed. */
  #pending = 0;
  #confirmed = 0;
  #idle: NodeJS.Timeout | undefined;
  #isRetired = false;
  #failures = 0;
  /** Until then, on the clock that never goes back, the last failure is the answer. */
  #rest: { until: number; failure: MqttFailure } | undefined;

  constructor(options: CommandLinkOptions) {
    this.#options = options;
    this.organizationId = options.organizationId;
  }

  /** Whether another one is needed for these settings. */
  isFor(settings: BrokerSettings): boolean {
    const own = this.#options.settings;
    return settings === own || JSON.stringify(settings) === JSON.stringify(own);
  }

  /** There is a connection, or one is being made. */
  get isOccupied(): boolean {
    return this.#publisher !== undefined || this.#connecting !== undefined;
  }

  get isIdle(): boolean {
    return this.#pending === 0;
  }

  /**
   * Resolves with the broker's PUBACK, on the connection there is or on a new one.
   * @throws MqttFailure; the signal's reason when there was none until it was aborted
   */
  async publish(message: CommandPublish, signal: AbortSignal): Promise<void> {
    clearTimeout(this.#idle);
    const waited = this.isIdle ? this.#publisher : undefined;
    this.#pending += 1;
    try {
      await this.#publish(message, signal).catch((error) => {
        // A connection that nobody used may have ended unnoticed.
        if (!waited || waited.isOpen || error.reason !== 'connection_lost') throw error;
        return this.#publish(message, signal);
      });
    } finally {
      this.#pending -= 1;
      if (this.#pending === 0) this.#rested();
    }
  }

  /** Closes once what is under way has come to something. */
  retire(): void {
    this.#isRetired = true;
    if (this.#pending === 0) this.#rested();
  }

  /** Resolves when there is no connection any more. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const publisher = this.#publisher;
    this.#publisher = undefined;
    await publisher?.close(0);
  }

  /** The same for good, also while it connects. */
  async stop(): Promise<void> {
    this.#isRetired = true;
    this.#closing.abort();
    await this.#connecting?.catch(() => {});
    await this.close();
  }

  async #publish({ topic, payload, properties }: CommandPublish, signal: AbortSignal): Promise<void> {
    const publisher = await unlessAborted(this.#connected(), signal);
    const confirmed = this.#confirmed;
    try {
      await unlessAborted(publisher.publish(topic, payload, 1, { properties, signal }), signal);
    } catch (error) {
      // It answers pings at most.
      const isDead = signal.aborted && this.#confirmed === confirmed && publisher === this.#publisher;
      if (isDead) this.#failed(new MqttFailure('publish_timeout'));
      if (isDead) void this.close();
      throw error;
    }
    this.#confirmed += 1;
    this.#failures = 0;
    this.#rest = undefined;
  }

  async #connected(): Promise<Publisher> {
    if (this.#publisher?.isOpen) return this.#publisher;
    if (this.#rest && performance.now() < this.#rest.until) throw this.#rest.failure;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Publisher> {
    this.#options.makeRoom();
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(CONNECT_MS)]);
    const publisher = await this.#options.connect(signal).catch((failure) => {
      this.#failed(failure);
      throw failure;
    });
    this.#publisher = publisher;
    if (this.#pending === 0) this.#rested();
    const confirmed = this.#confirmed;
    void publisher.ended.then((failure) => {
      if (this.#publisher !== publisher) return;
      this.#publisher = undefined;
      // One that never confirmed anything is made again with care.
      if (this.#confirmed === confirmed) this.#failed(failure);
    });
    return publisher;
  }

  #failed(failure: MqttFailure): void {
    const wait = Math.min(FIRST_REST_MS * 2 ** this.#failures, LONGEST_REST_MS);
    this.#failures += 1;
    this.#rest = { until: performance.now() + wait * (0.5 + Math.random() / 2), failure };
  }

  /** Nothing is under way. */
  #rested(): void {
    clearTimeout(this.#idle);
    if (this.#isRetired) void this.close();
    else this.#idle = setTimeout(() => void this.close(), this.#options.idleMs);
  }
}
