import { connect, type Socket } from 'node:net';
import mqttPacket, {
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type Packet,
} from 'mqtt-packet';
import type { Credential } from './platform.ts';

type PacketOf<Cmd extends Packet['cmd']> = Extract<Packet, { cmd: Cmd }>;

/** A TCP connection to the hosted broker that sends whatever a test likes, byte for byte. */
export class RawClient {
  readonly socket: Socket;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  /** The one that let it in. */
  connack: IConnackPacket | undefined;
  /** Every packet that has arrived and that no `expect` has taken. */
  readonly packets: Packet[] = [];
  readonly #protocolVersion: 4 | 5;
  #isClosed = false;
  #arrived = Promise.withResolvers<void>();

  constructor(mqttUrl: string, protocolVersion: 4 | 5 = 4) {
    this.#protocolVersion = protocolVersion;
    const { hostname, port } = new URL(mqttUrl);
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const parser = mqttPacket.parser({ protocolVersion });
    parser.on('packet', (packet) => {
      this.packets.push(packet);
      this.#signal();
    });
    this.socket.on('data', (chunk) => parser.parse(chunk));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        this.#isClosed = true;
        this.#signal();
        resolve();
      });
    });
  }

  /** @throws when CONNACK refuses or does not come */
  static async connect(
    mqttUrl: string,
    credential: Pick<Credential, 'username' | 'password'>,
    options: Partial<IConnectPacket> = {},
  ): Promise<RawClient> {
    const client = new RawClient(mqttUrl, options.protocolVersion === 5 ? 5 : 4);
    client.send(connectPacket(credential, options));
    const connack = await client.expect('connack');
    const code = connack.returnCode ?? connack.reasonCode;
    if (code !== 0) throw new Error(`CONNACK ${code}`);
    client.connack = connack;
    return client;
  }

  /** Packets and bytes in one write. */
  send(...parts: (Packet | Uint8Array)[]): void {
    const version = this.#protocolVersion;
    const bytes = parts.map((part) => (part instanceof Uint8Array ? part : encode(part, version)));
    this.socket.write(Buffer.concat(bytes));
  }

  /** The next packet of this kind; others stay. @throws when the connection ends before it comes */
  async expect<Cmd extends Packet['cmd']>(cmd: Cmd): Promise<PacketOf<Cmd>> {
    for (;;) {
      const at = this.packets.findIndex((packet) => packet.cmd === cmd);
      if (at >= 0) return this.packets.splice(at, 1)[0] as PacketOf<Cmd>;
      if (this.#isClosed) throw new Error(`closed before ${cmd}; came: ${JSON.stringify(this.packets)}`);
      await this.#arrived.promise;
    }
  }

  /** Publishes with QoS 1 and waits for PUBACK. */
  async publish(topic: string, payload: string | Buffer, more: Partial<IPublishPacket> = {}) {
    const messageId = more.messageId ?? 1;
    this.send(publishPacket(topic, payload, { ...more, messageId }));
    const answer = await this.expect('puback');
    if (answer.messageId !== messageId) throw new Error(`PUBACK of ${answer.messageId}`);
  }

  /** @returns SUBACK's codes */
  async subscribe(filters: string[], qos: 0 | 1 | 2 = 1): Promise<unknown[]> {
    this.send({
      cmd: 'subscribe',
      messageId: 9,
      subscriptions: filters.map((topic) => ({ topic, qos })),
    } as Packet);
    return (await this.expect('suback')).granted;
  }

  /** PINGREQ and its answer: whatever was sent before has been read by the gateway. */
  async ping(): Promise<void> {
    this.send({ cmd: 'pingreq' });
    await this.expect('pingresp');
  }

  /** A reset, without DISCONNECT: what a device's flat battery looks like. */
  async cut(): Promise<void> {
    this.socket.resetAndDestroy();
    await this.closed;
  }

  /** DISCONNECT, then the end. */
  async end(): Promise<void> {
    this.send({ cmd: 'disconnect' });
    await this.closed;
  }

  #signal(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers<void>();
  }
}

export function encode(packet: Packet, protocolVersion: 4 | 5 = 4): Buffer {
  return mqttPacket.generate(packet, { protocolVersion });
}

export function connectPacket(
  { username, password }: Pick<Credential, 'username' | 'password'>,
  options: Partial<IConnectPacket> = {},
): IConnectPacket {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 0,
    clientId: '',
    username,
    password: Buffer.from(password),
    ...options,
  } as IConnectPacket;
}

export function publishPacket(
  topic: string,
  payload: string | Buffer,
  options: Partial<IPublishPacket> = {},
): Packet {
  return { cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: false, ...options };
}

/** An MQTT string: its length in two bytes, then the bytes. */
export function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A packet by its first byte and its body, whatever is in them. */
export function rawPacket(first: number, ...body: (Uint8Array | number[])[]): Buffer {
  const content = Buffer.concat(body.map((part) => Buffer.from(part)));
  const header = [first];
  let rest = content.length;
  do {
    header.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), content]);
}
