import { type Duplex, duplexPair } from 'node:stream';
import mqttPacket, { type IConnackPacket, type IPublishPacket, type Packet } from 'mqtt-packet';

type PacketOf<Cmd extends Packet['cmd']> = Extract<Packet, { cmd: Cmd }>;

/** A broker's end of one connection in memory, which answers what a test says, byte for byte. */
export class BrokerSide {
  readonly stream: Duplex;
  /** Packets that have arrived and that no `expect` has taken. */
  readonly packets: Packet[] = [];
  /** What arrived, one for each write of the client. */
  readonly writes: Buffer[] = [];
  readonly #protocolVersion: 4 | 5;
  #arrived = Promise.withResolvers<void>();

  constructor(stream: Duplex, protocolVersion: 4 | 5) {
    this.stream = stream;
    this.#protocolVersion = protocolVersion;
    const parser = mqttPacket.parser({ protocolVersion });
    parser.on('packet', (packet) => this.packets.push(packet));
    stream.on('data', (chunk: Buffer) => {
      this.writes.push(chunk);
      parser.parse(chunk);
      this.#signal();
    });
    stream.on('error', () => {});
    stream.on('close', () => this.#signal());
  }

  get isClosed(): boolean {
    return this.stream.closed;
  }

  /** Packets and bytes in one write. */
  send(...parts: (Packet | Uint8Array)[]): void {
    const options = { protocolVersion: this.#protocolVersion };
    const bytes = parts.map((part) =>
      part instanceof Uint8Array ? part : mqttPacket.generate(part, options),
    );
    this.stream.write(Buffer.concat(bytes));
  }

  /** The next packet of this kind; others stay. @throws when the connection ends before it comes */
  async expect<Cmd extends Packet['cmd']>(cmd: Cmd): Promise<PacketOf<Cmd>> {
    for (;;) {
      const at = this.packets.findIndex((packet) => packet.cmd === cmd);
      if (at >= 0) return this.packets.splice(at, 1)[0] as PacketOf<Cmd>;
      if (this.isClosed) throw new Error(`closed before ${cmd}; came: ${JSON.stringify(this.packets)}`);
      await this.#arrived.promise;
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await this.#arrived.promise;
  }

  connack(more: Partial<IConnackPacket> = {}): void {
    const code = this.#protocolVersion === 5 ? { reasonCode: 0 } : { returnCode: 0 };
    this.send({ cmd: 'connack', sessionPresent: false, ...code, ...more });
  }

  /** Lets the client in and grants what it subscribes. */
  async admit(more: Partial<IConnackPacket> = {}): Promise<PacketOf<'connect'>> {
    const connect = await this.expect('connect');
    this.connack(more);
    await this.grant();
    return connect;
  }

  /** Answers one SUBSCRIBE. @param codes default QoS 1 for each */
  async grant(codes?: number[]): Promise<PacketOf<'subscribe'>> {
    const subscribe = await this.expect('subscribe');
    const granted = codes ?? subscribe.subscriptions.map(() => 1);
    this.send({ cmd: 'suback', messageId: subscribe.messageId!, granted });
    return subscribe;
  }

  /** Messages of QoS 1 in one write. */
  publish(topic: string, ...packetIds: number[]): void {
    this.send(...packetIds.map((messageId) => message(topic, `m${messageId}`, { messageId })));
  }

  #signal(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers<void>();
  }
}

/** Where a client under test connects: hands out connections in memory, and counts them. */
export class BrokerSides {
  readonly #protocolVersion: 4 | 5;
  readonly #sides: BrokerSide[] = [];
  #arrived = Promise.withResolvers<void>();
  last: BrokerSide | undefined;
  /** Connections made so far, connections there are, and the most there were at a time. */
  made = 0;
  live = 0;
  most = 0;

  constructor(protocolVersion: 4 | 5) {
    this.#protocolVersion = protocolVersion;
  }

  readonly open = async (): Promise<Duplex> => {
    const [client, broker] = duplexPair();
    this.made += 1;
    this.live += 1;
    this.most = Math.max(this.most, this.live);
    // As with a socket: when one end is gone, so is the other.
    client.once('close', () => {
      this.live -= 1;
      broker.destroy();
    });
    broker.once('close', () => client.destroy());
    this.last = new BrokerSide(broker, this.#protocolVersion);
    this.#sides.push(this.last);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers<void>();
    return client;
  };

  /** The next connection that was made. */
  async next(): Promise<BrokerSide> {
    while (this.#sides.length === 0) await this.#arrived.promise;
    return this.#sides.shift()!;
  }
}

export function message(topic: string, payload: string | Buffer, more: Partial<IPublishPacket> = {}): Packet {
  return { cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: false, ...more };
}
