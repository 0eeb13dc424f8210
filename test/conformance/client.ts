import type { Duplex } from 'node:stream';
import mqtt, { type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt';
import mqttPacket, {
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type Packet,
} from 'mqtt-packet';
import type { Engine } from '../../src/engine/engine.ts';
import { eventually } from '../support/eventually.ts';

export interface Received {
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
  dup: boolean;
  /** Of MQTT 5. */
  properties?: IPublishPacket['properties'];
}

export interface TestClientOptions extends IClientOptions {
  /** Tries again where the engine closes before CONNACK, or grants no subscription. */
  patient?: boolean;
}

const PATIENCE_MS = 20_000;

/** Without a word. */
class ClosedEarly extends Error {
  override message = 'closed before CONNACK';
}

async function untilLetIn<Client>(connect: () => Promise<Client>): Promise<Client> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof ClosedEarly) || performance.now() > deadline) throw error;
    }
  }
}

/** What has arrived and was not asked for yet, or who asks and waits. */
class Inbox<Item> {
  readonly #items: Item[] = [];
  readonly #waiting: ((item: Item) => void)[] = [];

  put(item: Item): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  next(): Promise<Item> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(item);
  }
}

/** An MQTT.js client on the engine's own transport, as the gateway would connect it. */
export class TestClient {
  readonly mqtt: MqttClient;
  readonly #inbox = new Inbox<Received>();
  #stream: Duplex | undefined;
  /** Of the last CONNACK. */
  sessionPresent = false;

  readonly #isPatient: boolean;

  private constructor(engine: () => Engine, { patient, ...options }: TestClientOptions) {
    this.#isPatient = patient ?? false;
    const open = () => {
      this.#stream = engine().connect();
      return this.#stream;
    };
    this.mqtt = new mqtt.MqttClient(open as never, {
      protocolVersion: 4,
      reconnectPeriod: 0,
      resubscribe: false,
      keepalive: 0,
      connectTimeout: 5000,
      ...options,
    });
    this.mqtt.on('error', () => {});
    this.mqtt.on('message', (topic, payload, { qos, retain, dup, properties }) => {
      this.#inbox.put({
        topic,
        payload: payload.toString(),
        qos,
        retain,
        dup,
        ...(properties && { properties }),
      });
    });
    this.mqtt.on('connect', (packet) => {
      this.sessionPresent = packet.sessionPresent;
    });
  }

  /** Resolves with CONNACK; rejects when it refuses. `engine` as a function is asked again at each reconnect. */
  static connect(engine: Engine | (() => Engine), options: TestClientOptions): Promise<TestClient> {
    const once = () => TestClient.#connect(engine, options);
    return options.patient ? untilLetIn(once) : once();
  }

  static #connect(engine: Engine | (() => Engine), options: TestClientOptions): Promise<TestClient> {
    const client = new TestClient(typeof engine === 'function' ? engine : () => engine, options);
    return new Promise((resolve, reject) => {
      client.mqtt.once('connect', () => resolve(client));
      client.mqtt.once('error', reject);
      client.mqtt.once('close', () => reject(new ClosedEarly()));
    });
  }

  next(): Promise<Received> {
    return this.#inbox.next();
  }

  async take(count: number): Promise<Received[]> {
    const all: Received[] = [];
    while (all.length < count) all.push(await this.next());
    return all;
  }

  /** Everything until the message with this payload, without it: the signal that nothing more was on its way. */
  async until(payload: string): Promise<Received[]> {
    const all: Received[] = [];
    for (;;) {
      const message = await this.next();
      if (message.payload === payload) return all;
      all.push(message);
    }
  }

  async publish(topic: string, payload: string, options: IClientPublishOptions = {}) {
    await this.mqtt.publishAsync(topic, payload, { qos: 1, ...options });
  }

  /** @returns granted QoS, or 128, for each filter */
  async subscribe(filters: string | string[], qos: 0 | 1 | 2 = 1): Promise<number[]> {
    if (!this.#isPatient) return this.#subscribe(filters, qos);
    return eventually(async () => {
      const granted = await this.#subscribe(filters, qos);
      if (granted.includes(128)) throw new Error(`SUBACK ${granted}`);
      return granted;
    }, PATIENCE_MS);
  }

  async #subscribe(filters: string | string[], qos: 0 | 1 | 2): Promise<number[]> {
    const granted = Promise.withResolvers<number[]>();
    this.mqtt.subscribe(filters, { qos }, (error, _grants, packet) => {
      if (packet) granted.resolve(packet.granted as number[]);
      else granted.reject(error);
    });
    return granted.promise;
  }

  /** Ends with DISCONNECT. */
  end(): Promise<void> {
    return this.mqtt.endAsync();
  }

  /** Resolves when the client has connected again. */
  connected(): Promise<void> {
    return new Promise((resolve) => {
      if (this.mqtt.connected) resolve();
      else this.mqtt.once('connect', () => resolve());
    });
  }

  /** Resolves when the connection that there is now has ended. */
  closed(): Promise<void> {
    return new Promise((resolve) => this.mqtt.once('close', () => resolve()));
  }

  /** Ends as a lost connection does, and resolves when the client has seen it. */
  async cut(): Promise<void> {
    if (!this.mqtt.connected) return;
    const closed = this.closed();
    this.#stream?.destroy();
    await closed;
  }
}

/** Packets by hand, for what no proper client does. */
export class RawClient {
  readonly stream: Duplex;
  readonly closed: Promise<void>;
  /** The one that let it in. */
  connack: IConnackPacket | undefined;
  readonly #inbox = new Inbox<Packet>();
  readonly #protocolVersion: 3 | 4 | 5;

  constructor(engine: Engine, protocolVersion: 3 | 4 | 5 = 4) {
    this.stream = engine.connect();
    this.#protocolVersion = protocolVersion;
    const parser = mqttPacket.parser({ protocolVersion });
    parser.on('packet', (packet) => this.#inbox.put(packet));
    this.stream.on('data', (chunk) => parser.parse(chunk));
    this.closed = new Promise((resolve) => this.stream.once('close', () => resolve()));
  }

  static connect(
    engine: Engine,
    {
      patient,
      ...options
    }: Partial<IConnectPacket> & {
      clientId: string;
      username: string;
      protocolVersion?: 3 | 4 | 5;
      patient?: boolean;
    },
  ): Promise<RawClient> {
    const once = () => RawClient.#connect(engine, options);
    return patient ? untilLetIn(once) : once();
  }

  static async #connect(
    engine: Engine,
    options: Partial<IConnectPacket> & { protocolVersion?: 3 | 4 | 5 },
  ): Promise<RawClient> {
    const client = new RawClient(engine, options.protocolVersion);
    client.send({
      ...connectPacket,
      protocolId: options.protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
      ...options,
    });
    const answer = await Promise.race([client.next(), client.closed]);
    if (!answer) throw new ClosedEarly();
    if (answer.cmd !== 'connack' || (answer.returnCode ?? answer.reasonCode) !== 0)
      throw new Error(`CONNACK ${JSON.stringify(answer)}`);
    client.connack = answer;
    return client;
  }

  /** All in one write. */
  send(...packets: Packet[]): void {
    const options = { protocolVersion: this.#protocolVersion };
    this.stream.write(Buffer.concat(packets.map((packet) => mqttPacket.generate(packet, options))));
  }

  next(): Promise<Packet> {
    return this.#inbox.next();
  }

  /** The next packet, which must be one of this kind. */
  async expect<Cmd extends Packet['cmd']>(cmd: Cmd): Promise<Extract<Packet, { cmd: Cmd }>> {
    const packet = await this.next();
    if (packet.cmd !== cmd) throw new Error(`${packet.cmd} instead of ${cmd}`);
    return packet as Extract<Packet, { cmd: Cmd }>;
  }

  async subscribe(topic: string, qos: 0 | 1 | 2): Promise<void> {
    this.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] });
    await this.expect('suback');
  }

  /** Loses the connection. */
  async cut(): Promise<void> {
    this.stream.destroy();
    await this.closed;
  }
}

export const connectPacket = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 0,
  clientId: '',
} as const;
