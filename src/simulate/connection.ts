import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';

/** More unacknowledged messages than this and a device waits for its broker. */
const MOST_IN_FLIGHT = 100;
const RECONNECT_MS = 1_000;
const GOODBYE_MS = 3_000;

/**
 * One MQTT 3.1.1 connection as a device has it: it says `online`, retained, has a last will that says
 * `offline`, publishes with QoS 1, hears commands, and comes back by itself when it was lost.
 */
export class DeviceConnection {
  readonly #client: MqttClient;
  readonly #topics: string[];
  #inFlight = 0;
  #isCut = false;
  #onIdle: (() => void) | undefined;

  /**
   * @param device.topics of all the devices that share the connection, each up to its channels; a will can speak for
   * one only
   * @param device.onCommand hears the device's topic with what came on its commands
   */
  constructor(device: {
    url: string;
    username: string | undefined;
    password: string | undefined;
    clientId: string;
    topics: string[];
    onCommand: (topic: string, payload: Uint8Array) => void;
  }) {
    const { url, username, password, clientId, topics, onCommand } = device;
    this.#topics = topics;
    const [willTopic, ...others] = topics.map((topic) => `${topic}/status`);
    this.#client = connect(url, {
      username,
      password,
      clientId,
      protocolVersion: 4,
      keepalive: 30,
      reconnectPeriod: RECONNECT_MS,
      resubscribe: false,
      will:
        willTopic !== undefined && others.length === 0
          ? { topic: willTopic, payload: Buffer.from('offline'), qos: 1, retain: true }
          : undefined,
    });
    this.#client.on('connect', () => {
      this.#isCut = false;
      this.#client.options.reconnectPeriod = RECONNECT_MS;
      this.#listen();
      this.#say('online');
    });
    this.#client.on('message', (topic, payload) => onCommand(topic.replace(/\/commands$/, ''), payload));
    // What goes wrong later shows in `connected`; the client tries again by itself.
    this.#client.on('error', () => {});
  }

  /** Resolves once it is connected. Rejects when it is refused or nothing answers, and then gives up. */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.once('connect', () => resolve());
      this.#client.once('error', (error) => {
        this.#client.end(true);
        reject(error);
      });
    });
  }

  get connected(): boolean {
    return this.#client.connected && !this.#isCut;
  }

  get idle(): boolean {
    return this.#inFlight === 0;
  }

  get ready(): boolean {
    return this.connected && this.#inFlight < MOST_IN_FLIGHT;
  }

  /** Publishes with QoS 1, through a loss of the connection too; `done` hears of the PUBACK, or that there won't be one. */
  publish(topic: string, payload: string, done: (acknowledged: boolean) => void): void {
    this.#inFlight += 1;
    this.#client.publish(topic, payload, { qos: 1 }, (error) => {
      this.#inFlight -= 1;
      done(!error);
      if (this.idle) this.#onIdle?.();
    });
  }

  /** Loses the connection as soon as nothing is in flight; resolves when it is back, in `milliseconds` or more. */
  async restart(milliseconds: number): Promise<void> {
    if (!this.idle) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.cut(milliseconds);
    await new Promise<void>((resolve) => this.#client.once('connect', () => resolve()));
  }

  /** Loses the connection without a goodbye, to be back in `milliseconds`. */
  cut(milliseconds: number): void {
    this.#client.options.reconnectPeriod = Math.max(milliseconds, RECONNECT_MS);
    this.#isCut = true;
    this.#client.stream.destroy();
  }

  /** Says `offline` and disconnects; a broker that doesn't answer is left without. */
  async close(): Promise<void> {
    if (this.connected) {
      const patience = new AbortController();
      const tooLong = sleep(GOODBYE_MS, undefined, patience).catch(() => {});
      await Promise.race([this.#say('offline').then(() => this.#client.endAsync()), tooLong]);
      patience.abort();
    }
    this.#client.end(true);
    // Once a goodbye is under way, `end` does nothing more.
    this.#client.stream.destroy();
  }

  /** Where that is refused, no commands come. */
  #listen(): void {
    const topics = this.#topics.map((topic) => `${topic}/commands`);
    this.#client.subscribe(topics, { qos: 1 }, () => {});
  }

  async #say(status: 'online' | 'offline'): Promise<void> {
    const said = this.#topics.map((topic) =>
      this.#client.publishAsync(`${topic}/status`, status, { qos: 1, retain: true }),
    );
    await Promise.allSettled(said);
  }
}
