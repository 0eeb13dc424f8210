import { randomUUID } from 'node:crypto';
import { Consumer } from '../../mqtt/consumer.ts';
import type { ConsumerState } from '../../mqtt/consumer-options.ts';
import { MqttFailure } from '../../mqtt/reasons.ts';
import { batched } from '../../service/batched.ts';
import type { Logger } from '../../service/log.ts';
import { within } from '../../service/within.ts';
import type { PlatformMessage } from '../engine.ts';
import { BrokerReport } from './broker-report.ts';
import type { Dialer } from './dialer.ts';
import { nameOf } from './endpoint.ts';
import { maximumQoS } from './maximum-qos.ts';

/** An engine is ours and near: it is looked for often, by this one connection. */
const PACE = { firstMs: 200, longestMs: 2000 };
const KEEP_ALIVE_SECONDS = 15;
/** How long a start waits for the first try to come to something. */
const FIRST_TRY_MS = 5000;
/** Mosquitto writes 100,000 retained messages in 0.14 s, in which it answers nobody. */
const ANSWER_MS = 3000;
/** Nobody is subscribed there: it asks for PUBACK and no more. */
const PING_TOPIC = 'netneural/ping';
/** Of what it hears: a few dozen topics of $SYS. */
const RECEIVE_MAXIMUM = 100;

export interface PlatformClientOptions {
  dialer: Dialer;
  username: string | undefined;
  password: string | undefined;
  log: Logger;
  /** It has said nothing for as long as it may, though the connection stood. */
  onSilent: () => void;
}

type Problem = Extract<ConsumerState, { state: 'retrying' | 'refused' }>;

/**
 * The platform's own connection to a broker in another process: it publishes, hears what the broker tells of itself, and
 * knows by its own fate whether it is there. MQTT 5, where the broker speaks it, for then PUBACK says whether anybody is
 * subscribed.
 */
export class PlatformClient {
  readonly report = new BrokerReport();
  readonly #options: PlatformClientOptions;
  readonly #firstTry = Promise.withResolvers<void>();
  readonly #answers = batched(async (asked: 'answers'[]) => {
    const answers = await this.#ping();
    return asked.map(() => answers);
  }, Number.MAX_SAFE_INTEGER);
  #consumer: Consumer;
  #problem: Problem | undefined;
  /** The version of MQTT that the engine was found to speak; undefined until it was reached. */
  protocolLevel: 4 | 5 | undefined;
  /** The highest QoS that the engine takes; undefined until it was reached. */
  maximumQoS: 1 | 2 | undefined;
  #isStopped = false;

  constructor(options: PlatformClientOptions) {
    this.#options = options;
    this.#consumer = this.#create(5);
  }

  /** Resolves when it is connected, or has failed for the first time; it tries on. */
  async start(): Promise<void> {
    this.#consumer.start();
    await within(FIRST_TRY_MS, this.#firstTry.promise).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#consumer.stop();
  }

  get isConnected(): boolean {
    return this.#consumer.isConnected;
  }

  /** Why it is not connected, in stable words and the other side's own; undefined before the first try. */
  get problem(): string | undefined {
    if (!this.#problem) return undefined;
    const { reason, detail } = this.#problem;
    return detail ? `${reason}: ${detail}` : reason;
  }

  /** As Engine.publish. */
  async publish(message: PlatformMessage): Promise<boolean> {
    const { topic, payload, qos, retain, expirySeconds, responseTopic, correlationData } = message;
    const properties = {
      messageExpiryInterval: expirySeconds,
      responseTopic,
      correlationData: correlationData && Buffer.from(correlationData),
    };
    try {
      await this.#consumer.publish(topic, Buffer.from(payload), qos, { retain, properties });
      return true;
    } catch (error) {
      if (error instanceof MqttFailure && error.reason === 'no_matching_subscribers') return false;
      throw error;
    }
  }

  /** Whether the broker answers now. Never rejects; whoever asks while one answer is awaited gets the next. */
  answers(): Promise<boolean> {
    return this.#answers.ask('answers');
  }

  async #ping(): Promise<boolean> {
    try {
      await within(ANSWER_MS, this.#consumer.publish(PING_TOPIC, '', 1));
      return true;
    } catch (error) {
      // Whatever it thinks of the topic.
      return error instanceof MqttFailure && error.packet === 'puback';
    }
  }

  #create(protocolVersion: 4 | 5): Consumer {
    const { dialer, username, password } = this.#options;
    const consumer: Consumer = new Consumer({
      open: (signal) => dialer.dialed(signal),
      protocolVersion,
      clientId: `platform-${randomUUID()}`,
      username,
      password,
      clean: true,
      sessionExpirySeconds: 0,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      receiveMaximum: RECEIVE_MAXIMUM,
      pace: PACE,
      subscriptions: BrokerReport.filters,
      onMessage: (message) => {
        this.report.read(message.topic, message.payload);
        message.acknowledge();
      },
      onState: (state) => this.#changed(state, protocolVersion),
    });
    return consumer;
  }

  #changed(state: ConsumerState, protocolVersion: 4 | 5): void {
    if (this.#isStopped || state.state === 'connecting' || state.state === 'stopped') return;
    if (state.state === 'connected') {
      this.#options.log.info({ engine: nameOf(this.#options.dialer.endpoint) }, 'connected to the engine');
      this.#problem = undefined;
      this.protocolLevel = protocolVersion;
      void this.#connected(state.maximumQoS);
      return;
    } else if (protocolVersion === 5 && state.reason === 'unsupported_version') {
      this.#speakOlder();
      return;
    } else this.#failed(state);
    this.#firstTry.resolve();
  }

  /** @param said of MQTT 5 */
  async #connected(said: number | undefined): Promise<void> {
    const { dialer, username, password } = this.#options;
    if (said !== undefined) this.maximumQoS = said < 2 ? 1 : 2;
    else this.maximumQoS = await maximumQoS(dialer, { username, password });
    this.#firstTry.resolve();
  }

  #failed(problem: Problem): void {
    const { log, dialer } = this.#options;
    const isNew = this.#problem?.reason !== problem.reason;
    if (problem.reason === 'keep_alive_timeout') this.#options.onSilent();
    this.#problem = problem;
    const fields = { engine: nameOf(dialer.endpoint), reason: problem.reason, detail: problem.detail };
    if (isNew) log.error(fields, 'the engine can’t be reached; it is tried again');
    else log.debug(fields, 'the engine can’t be reached');
  }

  /** Of MQTT 3.1.1 alone: it will not say whether anybody is subscribed. */
  #speakOlder(): void {
    const newer = this.#consumer;
    this.#consumer = this.#create(4);
    void newer.stop().then(() => {
      if (!this.#isStopped) this.#consumer.start();
    });
  }
}
