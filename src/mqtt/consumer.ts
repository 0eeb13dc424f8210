import type { Duplex } from 'node:stream';
import { pause } from '../service/pause.ts';
import { unlessAborted } from '../service/unless-aborted.ts';
import { Backoff } from './backoff.ts';
import { ANSWER_MS, type Answered, ConsumerConnection } from './consumer-connection.ts';
import type { ConsumerOptions, ConsumerState } from './consumer-options.ts';
import { isRefusal } from './consumer-packets.ts';
import type { PublishArguments } from './publishing.ts';
import { MqttFailure, reasonOf } from './reasons.ts';
import { Subscriptions } from './subscriptions.ts';
import { Window } from './window.ts';

const DEFAULT_UNACKNOWLEDGED_BYTES = 64 * 1024 * 1024;

/**
 * Subscribes on a broker with QoS 1 and lets its user acknowledge each message when it is stored. Comes back by itself
 * whenever the connection ends, with the same session, and never has two connections.
 */
export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #subscriptions: Subscriptions;
  readonly #window: Window;
  readonly #backoff: Backoff;
  #connection: ConsumerConnection | undefined;
  #stopping: AbortController | undefined;
  /** Settles when no run is under way. */
  #runs: Promise<void> = Promise.resolve();
  /** Settles when the stream opened last has closed; none is opened before. */
  #closed: Promise<void> = Promise.resolve();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.pace);
    this.#subscriptions = new Subscriptions(options.subscriptions);
    this.#window = new Window(
      options.receiveMaximum,
      options.maxUnacknowledgedBytes ?? DEFAULT_UNACKNOWLEDGED_BYTES,
      options.budget,
      options.rate,
    );
  }

  /** Connects, and again whenever that ends; `onState` hears of it. After a stop that is under way. */
  start(): void {
    if (this.#stopping) return;
    const stopping = new AbortController();
    this.#stopping = stopping;
    this.#runs = this.#runs.then(() => this.#run(stopping.signal));
  }

  /**
   * Disconnects and keeps the session. Resolves when there is no connection any more. Safe before `start`, idempotent.
   * @param drainMs how long to wait, reading no more, until what was handed on is acknowledged: what isn't comes again
   */
  async stop(drainMs = 0): Promise<void> {
    this.#stopping?.abort();
    this.#stopping = undefined;
    void this.#connection?.close(drainMs);
    await this.#runs;
  }

  /** From now on just these filters, on the broker as soon as there is a connection. */
  setSubscriptions(filters: readonly string[]): void {
    const change = this.#subscriptions.set(filters);
    if (change.subscribe.length + change.unsubscribe.length > 0) this.#connection?.change(change);
  }

  /** Whether there is a connection that can be published on. */
  get isConnected(): boolean {
    return this.#connection?.isOpen ?? false;
  }

  /** Publishes on the connection there is; see Publishing.publish. @throws MqttFailure, at once if there is none */
  async publish(...message: PublishArguments): Promise<void> {
    if (!this.#connection) throw new MqttFailure('not_connected');
    return this.#connection.publish(...message);
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { failure, stoodMs, isRefused } = await this.#connect(signal);
      if (signal.aborted) break;
      const wait = this.#backoff.next(failure, stoodMs);
      const { reason, detail, code, cause } = failure;
      const nextTryAt = Date.now() + wait;
      if (isRefused) this.#options.onState({ state: 'refused', reason, detail, code: code!, nextTryAt });
      else this.#options.onState({ state: 'retrying', reason, detail, code, nextTryAt, cause });
      await pause(wait, signal);
    }
    this.#options.onState({ state: 'stopped' });
  }

  /** One connection, from before it is opened until it has closed. */
  async #connect(
    signal: AbortSignal,
  ): Promise<{ failure: MqttFailure; stoodMs: number; isRefused: boolean }> {
    let stream: Duplex;
    try {
      await this.#permission(signal);
      this.#options.onState({ state: 'connecting' });
      stream = await this.#open(signal);
    } catch (error) {
      return { failure: error as MqttFailure, stoodMs: 0, isRefused: false };
    }
    const connection = new ConsumerConnection(stream, {
      consumer: this.#options,
      window: this.#window,
      onConnack: () => this.#subscriptions.all(),
      onSubscribed: (answered) => this.#subscribed(answered),
    });
    this.#connection = connection;
    if (signal.aborted) void connection.close(0);
    const failure = await connection.ended;
    this.#connection = undefined;
    return { failure, stoodMs: connection.stoodMs, isRefused: connection.wasRefused && isRefusal(failure) };
  }

  /** @throws MqttFailure when there is to be no connection now */
  async #permission(signal: AbortSignal): Promise<void> {
    if (this.#window.full) throw new MqttFailure('backlog');
    let may: boolean | undefined;
    try {
      may = await unlessAborted(Promise.resolve(this.#options.mayConnect?.() ?? true), signal);
    } catch (error) {
      throw new MqttFailure('held_back', { detail: wordsOf(error), cause: error });
    }
    if (!may) throw new MqttFailure('held_back');
  }

  /** Opens a stream, once the one before has closed. One that comes too late is closed. @throws MqttFailure */
  async #open(signal: AbortSignal): Promise<Duplex> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_MS);
    const either = AbortSignal.any([signal, late.signal]);
    let opening: Promise<Duplex> | undefined;
    try {
      await unlessAborted(this.#closed, either);
      opening = this.#options.open(either);
      this.#closed = opening.then(whenClosed, () => {});
      return await unlessAborted(opening, either);
    } catch (error) {
      opening?.then(
        (stream) => stream.destroy(),
        () => {},
      );
      if (late.signal.aborted) throw new MqttFailure('connect_timeout');
      throw new MqttFailure('unreachable', { detail: wordsOf(error), cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  #subscribed({ codes, sessionPresent, serverReceiveMaximum, maximumQoS }: Answered): void {
    this.#subscriptions.answered();
    const state: Extract<ConsumerState, { state: 'connected' }> = {
      state: 'connected',
      sessionPresent,
      serverReceiveMaximum,
      maximumQoS,
      refused: [],
      downgraded: [],
    };
    for (const [filter, code] of codes) {
      if (code >= 0x80) state.refused.push({ filter, code, reason: reasonOf(code) });
      else if (code === 0) state.downgraded.push(filter);
    }
    this.#options.onState(state);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function whenClosed(stream: Duplex): Promise<void> {
  // Also where nobody has come to listen yet.
  stream.on('error', () => {});
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => stream.once('close', () => resolve()));
}
