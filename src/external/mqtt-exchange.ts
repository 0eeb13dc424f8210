import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet';
import { bodyOffset, MalformedPacket, packetType } from '../mqtt/packet.ts';
import { PacketScanner } from '../mqtt/scanner.ts';
import { ConnectionClosed, KnownProblem, NotMqtt } from './connection-error.ts';
import { disconnectProblem, type MqttVersion } from './mqtt-refusals.ts';

/** Largest packet that is read, in bytes; a broker of version 5 is told. */
const PACKET_BYTES = 4 * 1024 * 1024;
const CLOSE_MS = 500;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Question and answer with a broker, one at a time, for trying a connection out. Acknowledges what it is sent. */
export class MqttExchange {
  readonly #stream: Duplex;
  readonly #version: MqttVersion;
  readonly #scanner = new PacketScanner(PACKET_BYTES);
  #isFirst = true;
  #failure: Error | undefined;
  #waiter: { take(packet: Packet): void; fail(error: Error): void } | undefined;

  constructor(stream: Duplex, version: MqttVersion) {
    this.#stream = stream;
    this.#version = version;
    stream.on('error', (error) => this.#fail(error));
    stream.on('close', () => this.#fail(new ConnectionClosed('closed')));
    stream.on('end', () => this.#fail(new ConnectionClosed('ended')));
    if (stream.destroyed) this.#fail(stream.errored ?? new ConnectionClosed('closed'));
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /**
   * Sends a packet. @returns the first thing but undefined that `take` makes of a packet that comes
   * @throws the stream's error, ConnectionClosed, NotMqtt, MalformedPacket, PacketTooLarge or KnownProblem
   */
  ask<Answer>(packet: Packet, take: (packet: Packet) => Answer | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      // First, for it throws on what MQTT can't carry.
      const bytes = this.#encode(packet);
      this.#waiter = {
        take: (came) => {
          const answer = take(came);
          if (answer !== undefined) resolve(answer);
        },
        fail: reject,
      };
      this.#stream.write(bytes);
    });
  }

  /** Says goodbye and closes, by force if the broker does not. */
  async end(): Promise<void> {
    this.#waiter = undefined;
    if (this.#stream.destroyed) return;
    const closed = new Promise((resolve) => this.#stream.once('close', resolve));
    const timer = setTimeout(() => this.#stream.destroy(), CLOSE_MS);
    this.#stream.end(this.#encode({ cmd: 'disconnect' }));
    await closed;
    clearTimeout(timer);
  }

  destroy(): void {
    this.#waiter = undefined;
    this.#stream.destroy();
  }

  #encode(packet: Packet): Buffer {
    return generate(packet, { protocolVersion: this.#version });
  }

  #read(chunk: Buffer): void {
    if (this.#failure) return;
    try {
      if (this.#isFirst) checkFirstBytes(chunk);
      this.#scanner.push(chunk, (buffer, start, _body, end) => this.#receive(buffer.subarray(start, end)));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** @returns false when there is no use in more */
  #receive(bytes: Buffer): boolean {
    const packet = decode(bytes, this.#isFirst ? answeredVersion(bytes, this.#version) : this.#version);
    this.#isFirst = false;
    if (packet.cmd === 'disconnect') {
      this.#fail(new KnownProblem(disconnectProblem(packet.reasonCode ?? 0)));
      return false;
    }
    if (packet.cmd === 'publish' && packet.qos === 1) {
      this.#stream.write(this.#encode({ cmd: 'puback', messageId: packet.messageId }));
    }
    this.#waiter?.take(packet);
    return true;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiter?.fail(this.#failure);
    this.#stream.destroy();
  }
}

/** The CONNECT of a client that nobody knows, without a session to come back to. */
export function connectPacket(
  protocolVersion: MqttVersion,
  login: { username?: string; password?: string } = {},
): IConnectPacket {
  const { username, password } = login;
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion,
    // 23 characters of these kinds are what every broker takes [MQTT-3.1.3-5].
    clientId: `netneural-test-${randomLetters(8)}`,
    clean: true,
    keepalive: 60,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
    ...(protocolVersion === 5 ? { properties: { maximumPacketSize: PACKET_BYTES } } : {}),
  };
}

function randomLetters(count: number): string {
  return Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** CONNACK comes first, or AUTH (MQTT 5.0 section 4.12). Anything else is another protocol's. @throws NotMqtt */
function checkFirstBytes(chunk: Buffer): void {
  if (chunk.toString('latin1', 0, 5) === 'HTTP/') throw new NotMqtt('http');
  // A TLS record that carries an alert: type 21, version 3.x.
  if (chunk[0] === 0x15 && chunk[1] === 0x03) throw new NotMqtt('tls');
  const isMqtt = chunk[0] === packetType.connack << 4 || chunk[0] === packetType.auth << 4;
  if (!isMqtt) throw new NotMqtt('other');
}

/** A broker that knows only 3.1.1 answers a version 5 CONNECT in its own form, which has two bytes in its body. */
function answeredVersion(bytes: Buffer, asked: MqttVersion): MqttVersion {
  return bytes.length - bodyOffset(bytes, 0) === 2 ? 4 : asked;
}

/** @throws MalformedPacket */
function decode(bytes: Buffer, protocolVersion: MqttVersion): Packet {
  let decoded: Packet | undefined;
  const reader = parser({ protocolVersion });
  reader.on('packet', (packet) => {
    decoded = packet;
  });
  reader.on('error', (error: Error) => {
    throw new MalformedPacket(error.message);
  });
  reader.parse(bytes);
  if (!decoded) throw new MalformedPacket('not a whole packet');
  return decoded;
}
