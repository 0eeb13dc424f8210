import { randomUUID } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { IConnackPacket, Packet } from 'mqtt-packet';
import type {
  ConnectionProblem,
  ConnectionStep,
  ConnectionStepName,
  ConnectionTest,
} from '../contract/connection-test.ts';
import { type BrokerUrl, brokerEndpoint, parseBrokerUrl } from '../domain/broker-url.ts';
import { sharedFilter } from '../domain/topic.ts';
import { bounded, NoAnswer } from '../service/bounded.ts';
import { ConnectionError, KnownProblem } from './connection-error.ts';
import { connectPacket, MqttExchange } from './mqtt-exchange.ts';
import { connectRefusal, type MqttVersion, publishRefusal, subscribeRefusal } from './mqtt-refusals.ts';
import { problemOf } from './problems.ts';
import { secondLook } from './second-look.ts';
import { attempted, type BrokerTarget, openTransport, type TransportOptions } from './transport.ts';

export interface ConnectionSettings extends BrokerTarget {
  /** 4 is MQTT 3.1.1. */
  protocolVersion: MqttVersion;
  /** Before what the URL holds. */
  username?: string;
  password?: string;
  /** Topic filters that are to be read; the first 64 are tried. */
  topics: readonly string[];
  /** A message is published here and has to come back. */
  roundTripTopic?: string;
}

export interface ConnectionTestOptions {
  /** The guard's. */
  lookup: LookupFunction;
  signal?: AbortSignal;
  /** Most that one step and all of them may take, in milliseconds. */
  stepMs?: number;
  totalMs?: number;
}

const STEP_MS = 5000;
const TOTAL_MS = 20_000;
const MOST_TOPICS = 64;
/** Works, so the step is ok all the same. */
const QOS_LOWERED = 'qos_lowered';

/**
 * Tries what a subscriber would do: resolve, connect, TLS, WebSocket, MQTT, SUBSCRIBE, and a message there and back if
 * asked for. Leaves nothing behind: its client id is random, its session ends with it. Never throws.
 */
export async function testConnection(
  settings: ConnectionSettings,
  options: ConnectionTestOptions,
): Promise<ConnectionTest> {
  const { stepMs = STEP_MS, totalMs = TOTAL_MS } = options;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new NoAnswer(totalMs)), totalMs);
  const signal = options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal;
  const trial = new Trial(settings, { lookup: options.lookup, signal, stepMs });
  try {
    await trial.run();
  } finally {
    clearTimeout(timer);
  }
  return { ok: trial.steps.every(({ ok }) => ok), steps: trial.steps };
}

class Trial {
  readonly steps: ConnectionStep[] = [];
  readonly #settings: ConnectionSettings;
  readonly #options: TransportOptions & { stepMs: number };
  #exchange: MqttExchange | undefined;
  #connack: IConnackPacket | undefined;
  readonly #url: BrokerUrl;
  #packetId = 0;
  #since = performance.now();

  constructor(settings: ConnectionSettings, options: TransportOptions & { stepMs: number }) {
    this.#settings = settings;
    this.#options = options;
    const parsed = parseBrokerUrl(settings.url);
    // `openTransport` says so, before anything is made of it.
    this.#url = 'problem' in parsed ? { url: settings.url } : parsed;
  }

  async run(): Promise<void> {
    const { topics, roundTripTopic } = this.#settings;
    try {
      if (!(await this.#open())) return;
      if (!(await this.#try('mqtt', () => this.#connect()))) return;
      for (const filter of topics.slice(0, MOST_TOPICS)) {
        if (!(await this.#try('subscribe', () => this.#subscribe(filter), filter))) return;
      }
      if (roundTripTopic !== undefined) {
        await this.#try('round_trip', () => this.#roundTrip(roundTripTopic), roundTripTopic);
      }
    } finally {
      if (this.#connack) await this.#exchange?.end();
      else this.#exchange?.destroy();
    }
  }

  async #open(): Promise<boolean> {
    const onStep = (step: ConnectionStepName, milliseconds: number) => {
      this.steps.push({ step, ok: true, ms: tenths(milliseconds) });
      this.#since = performance.now();
    };
    try {
      const stream = await openTransport(this.#settings, { ...this.#options, onStep });
      this.#exchange = new MqttExchange(stream, this.#settings.protocolVersion);
      return true;
    } catch (error) {
      const step = error instanceof ConnectionError ? error.attempted.step : 'resolve';
      await this.#failed(step, error);
      return false;
    }
  }

  /** @returns whether there is a connection to go on with */
  async #try(
    step: ConnectionStepName,
    work: () => Promise<ConnectionStep['problem']>,
    detail?: string,
  ): Promise<boolean> {
    this.#since = performance.now();
    try {
      const problem = await bounded(this.#options.stepMs, this.#options.signal, work);
      const ok = problem === undefined || problem.code === QOS_LOWERED;
      this.steps.push({ step, ok, ms: this.#elapsed(), detail, problem });
      return true;
    } catch (cause) {
      const at = attempted(this.#settings, brokerEndpoint(this.#url.url));
      await this.#failed(step, new ConnectionError({ step, ...at }, cause), detail);
      return false;
    }
  }

  async #failed(step: ConnectionStepName, error: unknown, detail?: string): Promise<void> {
    const ms = this.#elapsed();
    let problem = problemOf(error);
    const isUnclear = problem.code === 'connection_closed' && ['tls', 'websocket', 'mqtt'].includes(step);
    if (isUnclear && error instanceof ConnectionError) {
      problem = (await secondLook(error, this.#settings, this.#options)) ?? problem;
    }
    this.steps.push({ step, ok: false, ms, detail, problem });
  }

  async #connect(): Promise<undefined> {
    const { protocolVersion, username, password } = this.#settings;
    const login = username === undefined ? this.#url : { username, password };
    this.#connack = await this.#exchange!.ask(connectPacket(protocolVersion, login), connackOf);
    const { reasonCode, returnCode } = this.#connack;
    const refused = connectRefusal(protocolVersion, reasonCode ?? returnCode ?? 0);
    if (refused) throw new KnownProblem(refused);
  }

  /** @returns why it was refused, or granted with less than asked for */
  async #subscribe(asked: string): Promise<ConnectionProblem | undefined> {
    // As a member of a shared subscription the test would take messages away from those that are there for them.
    const topic = sharedFilter(asked)?.filter ?? asked;
    const messageId = this.#nextPacketId();
    // Retained messages are of no interest; version 3.1.1 can't say so.
    const isNew = this.#settings.protocolVersion === 5;
    const subscription = { topic, qos: 1 as const, ...(isNew ? { nl: false, rap: false, rh: 2 } : {}) };
    const granted = await this.#exchange!.ask(
      { cmd: 'subscribe', messageId, subscriptions: [subscription] },
      (packet) => (packet.cmd === 'suback' && packet.messageId === messageId ? packet.granted : undefined),
    );
    const code = Number(granted[0] ?? 0x80);
    return code === 0 ? qosLowered(asked) : subscribeRefusal(asked, code);
  }

  async #roundTrip(topic: string): Promise<ConnectionProblem | undefined> {
    const refused = await this.#subscribe(topic);
    if (refused && refused.code !== QOS_LOWERED) throw new KnownProblem(refused);
    const payload = JSON.stringify({ netneural_test: randomUUID() });
    const qos = this.#connack?.properties?.maximumQoS === 0 ? 0 : 1;
    const messageId = this.#nextPacketId();
    const isBack = (packet: Packet) =>
      packet.cmd === 'publish' && packet.topic === topic && packet.payload.toString() === payload;
    let isAcknowledged = qos === 0;
    let isReturned = false;
    const publish: Packet = { cmd: 'publish', topic, payload, qos, dup: false, retain: false, messageId };
    const problem = await this.#exchange!.ask(publish, (packet) => {
      if (packet.cmd === 'puback' && packet.messageId === messageId) {
        const rejected = publishRefusal(topic, packet.reasonCode ?? 0);
        if (rejected) return rejected;
        isAcknowledged = true;
      }
      isReturned ||= isBack(packet);
      return isAcknowledged && isReturned ? null : undefined;
    });
    if (problem) throw new KnownProblem(problem);
    return refused;
  }

  #nextPacketId(): number {
    this.#packetId += 1;
    return this.#packetId;
  }

  #elapsed(): number {
    return tenths(performance.now() - this.#since);
  }
}

function connackOf(packet: Packet): IConnackPacket | undefined {
  return packet.cmd === 'connack' ? packet : undefined;
}

function qosLowered(filter: string): ConnectionProblem {
  return {
    code: QOS_LOWERED,
    message: `The broker grants only QoS 0 for ${filter}: messages can be lost on the way`,
    advice: 'Allow QoS 1 on the broker',
  };
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
