import type { Duplex } from 'node:stream';
import type { IConnackPacket, Packet } from 'mqtt-packet';
import type { ConsumerOptions } from './consumer-options.ts';
import { connectPacket, encode, grantedBy, packetDecoder, textOf } from './consumer-packets.ts';
import { Inbound } from './inbound.ts';
import { KeepAlive } from './keep-alive.ts';
import { MalformedPacket, packetType } from './packet.ts';
import { type PublishArguments, Publishing } from './publishing.ts';
import { MqttFailure, reasonOf } from './reasons.ts';
import { Requests, readPuback } from './requests.ts';
import { PacketScanner } from './scanner.ts';
import { Subscribing } from './subscribing.ts';
import type { SubscriptionChange } from './subscriptions.ts';
import { Unread } from './unread.ts';
import type { Window } from './window.ts';

/** Milliseconds that a broker has for CONNACK, and for all of its SUBACKs. */
export const ANSWER_MS = 15_000;
/** Milliseconds for DISCONNECT to leave and the broker to close. */
const GOODBYE_MS = 1000;
const DEFAULT_PACKET_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);
const DISCONNECT = Buffer.from([0xe0, 0]);

export interface ConnectionOptions {
  consumer: ConsumerOptions;
  window: Window;
  /** CONNACK came. @returns what is to be changed on the broker now */
  onConnack(): SubscriptionChange;
  /** All filters asked for so far are answered. */
  onSubscribed(answered: Answered): void;
}

export interface Answered {
  sessionPresent: boolean;
  serverReceiveMaximum: number | undefined;
  maximumQoS: number | undefined;
  /** SUBACK's code by filter. */
  codes: ReadonlyMap<string, number>;
}

/** One MQTT connection of a consumer, from CONNECT to the end of the stream. */
export class ConsumerConnection {
  readonly #stream: Duplex;
  readonly #options: ConnectionOptions;
  readonly #scanner: PacketScanner;
  readonly #decode: (bytes: Buffer) => Packet;
  readonly #inbound: Inbound;
  readonly #requests = new Requests();
  readonly #subscribing: Subscribing;
  readonly #keepAlive: KeepAlive;
  readonly #unread = new Unread();
  #publishing: Publishing | undefined;
  #connack: IConnackPacket | undefined;
  #openedAt = 0;
  #deadline: NodeJS.Timeout | undefined;
  #isPaused = false;
  #isLeaving = false;
  #failure: MqttFailure | undefined;
  /** Resolves with why, once the stream has closed. */
  readonly ended: Promise<MqttFailure>;

  /** Sends CONNECT. */
  constructor(stream: Duplex, options: ConnectionOptions) {
    const { consumer, window } = options;
    const maxPacketBytes = consumer.maxPacketBytes ?? DEFAULT_PACKET_BYTES;
    const write = (bytes: Buffer) => void stream.write(bytes);
    this.#stream = stream;
    this.#options = options;
    this.#inbound = new Inbound(consumer, window, write);
    this.#scanner = new PacketScanner(maxPacketBytes, this.#oversized);
    this.#decode = packetDecoder(consumer.protocolVersion);
    this.#subscribing = new Subscribing({
      requests: this.#requests,
      send: (packets) => write(Buffer.concat(packets.map((packet) => this.#encode(packet)))),
      answered: () => this.#subscribed(),
    });
    this.#keepAlive = new KeepAlive({
      ping: write,
      gone: () => this.#end(new MqttFailure('keep_alive_timeout')),
    });
    this.ended = this.#listen();
    this.#expectAnswer('connect_timeout');
    this.#guarded(() => write(this.#encode(connectPacket(consumer, maxPacketBytes))));
  }

  /** Milliseconds since CONNACK; 0 without one. */
  get stoodMs(): number {
    return this.#connack ? performance.now() - this.#openedAt : 0;
  }

  /** True when it was CONNACK that ended it. */
  get wasRefused(): boolean {
    return !this.#connack && this.#failure?.code !== undefined;
  }

  /** CONNACK let us in, and nothing has ended it. */
  get isOpen(): boolean {
    return this.#connack !== undefined && !this.#failure;
  }

  /** Tells the broker; `onSubscribed` follows when all is answered. Without effect before CONNACK: then all is told. */
  change(change: SubscriptionChange): void {
    if (!this.isOpen || this.#isLeaving) return;
    this.#expectAnswer('subscribe_timeout');
    this.#guarded(() => this.#subscribing.change(change));
  }

  /** As Publishing.publish. */
  async publish(...message: PublishArguments): Promise<void> {
    if (!this.#publishing || this.#failure) throw this.#failure ?? new MqttFailure('not_connected');
    return this.#publishing.publish(...message);
  }

  /**
   * Reads no more, waits up to `drainMs` for what was handed on to be acknowledged, and disconnects. Resolves when the
   * stream has closed. Called again with less to wait, it waits less.
   */
  async close(drainMs: number): Promise<void> {
    this.#isLeaving = true;
    this.#pause();
    if (drainMs > 0 && this.isOpen) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, drainMs);
      });
      await Promise.race([this.#inbound.acknowledgements.drained(), late]);
      clearTimeout(timer);
    }
    this.#leave();
    await this.ended;
  }

  /** @returns what `ended` is */
  #listen(): Promise<MqttFailure> {
    const lost = (detail?: string) => this.#end(new MqttFailure('connection_lost', { detail }));
    this.#stream.on('error', (error) => lost(error.message));
    this.#stream.on('end', () => lost(`closed by the broker${this.#connack ? '' : ' before CONNACK'}`));
    this.#stream.on('data', this.#read);
    return new Promise((resolve) => {
      const closed = () => {
        lost();
        resolve(this.#failure!);
      };
      if (this.#stream.closed) closed();
      else this.#stream.once('close', closed);
    });
  }

  #leave(): void {
    if (this.#failure) return;
    if (this.#connack) this.#inbound.acknowledgements.flush();
    this.#release(new MqttFailure('stopped'));
    // Before CONNACK nothing but CONNECT may be sent; its end is waited for all the same, or the broker might meet the
    // next connection before this one's end.
    if (this.#connack) this.#stream.end(DISCONNECT);
    else this.#stream.end();
    // What still comes is dropped, so that the broker's end is seen behind it.
    this.#stream.resume();
    this.#deadline = setTimeout(() => this.#stream.destroy(), GOODBYE_MS);
  }

  #end(failure: MqttFailure): void {
    this.#release(failure);
    clearTimeout(this.#deadline);
    this.#stream.destroy();
  }

  /** Nothing is taken in or sent any more. The first reason counts. */
  #release(failure: MqttFailure): void {
    if (this.#failure) return;
    this.#failure = failure;
    clearTimeout(this.#deadline);
    this.#keepAlive.stop();
    this.#inbound.acknowledgements.close();
    this.#publishing?.close(failure);
    this.#requests.close(failure);
  }

  #encode(packet: Packet): Buffer {
    return encode(packet, this.#options.consumer.protocolVersion);
  }

  readonly #read = (chunk: Buffer): void => {
    this.#keepAlive.heard();
    if (this.#failure) return;
    this.#guarded(() => {
      const bytes = this.#unread.before(chunk);
      this.#unread.keep(bytes, this.#scanner.push(bytes, this.#packet));
    });
    // For the window a chunk is read to its end: it may be passed by what one chunk holds.
    if (this.#unread.length > 0 || this.#options.window.full) this.#pause();
  };

  /** Whatever goes wrong ends this connection and nothing else. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      const { message: detail } = error as Error;
      if (error instanceof MqttFailure) this.#end(error);
      else if (error instanceof MalformedPacket) this.#end(new MqttFailure('protocol_error', { detail }));
      else this.#end(new MqttFailure('internal_error', { detail, cause: error }));
    }
  }

  readonly #packet = (buffer: Buffer, start: number, body: number, end: number): boolean => {
    const type = buffer[start]! >> 4;
    if (type === packetType.publish && this.#connack) {
      if (this.#options.consumer.rate?.spent) return this.#unread.putOff(buffer, start, end);
      this.#inbound.deliver(buffer, start, body, end);
    } else if (type === packetType.puback && this.#connack)
      this.#requests.answer(readPuback(buffer, body, end));
    else this.#control(this.#decode(buffer.subarray(start, end)));
    return !this.#failure;
  };

  readonly #oversized = (buffer: Buffer, body: number, end: number, bytes: number): void => {
    if (!this.#connack) throw new MalformedPacket(`${bytes} bytes before CONNACK [MQTT-3.2.0-1]`);
    this.#inbound.passOver(buffer, body, end, bytes);
  };

  #control(packet: Packet): void {
    const name = packet.cmd.toUpperCase();
    if (packet.cmd === 'connack' && !this.#connack) this.#connected(packet);
    else if (!this.#connack) throw new MalformedPacket(`${name} before CONNACK [MQTT-3.2.0-1]`);
    else if (packet.cmd === 'suback' || packet.cmd === 'unsuback') this.#requests.answer(packet);
    else if (packet.cmd === 'disconnect') {
      const { reasonCode: code = 0, properties } = packet;
      throw new MqttFailure(reasonOf(code), {
        code,
        packet: 'disconnect',
        detail: textOf(properties?.reasonString),
      });
    } else if (packet.cmd !== 'pingresp') throw new MalformedPacket(`${name} from a broker`);
  }

  #connected(connack: IConnackPacket): void {
    const limits = grantedBy(connack);
    this.#connack = connack;
    this.#openedAt = performance.now();
    this.#keepAlive.start(connack.properties?.serverKeepAlive ?? this.#options.consumer.keepAliveSeconds);
    this.#publishing = new Publishing({
      requests: this.#requests,
      limits,
      encode: (packet) => this.#encode(packet),
      write: (bytes, done) => this.#stream.write(bytes, done),
      unsent: () => this.#stream.writableLength,
    });
    this.change(this.#options.onConnack());
  }

  #subscribed(): void {
    clearTimeout(this.#deadline);
    const { sessionPresent, properties } = this.#connack!;
    const { codes } = this.#subscribing;
    const { protocolVersion } = this.#options.consumer;
    this.#options.onSubscribed({
      sessionPresent,
      serverReceiveMaximum: properties?.receiveMaximum,
      maximumQoS: protocolVersion === 5 ? (properties?.maximumQoS ?? 2) : undefined,
      codes,
    });
  }

  #expectAnswer(reason: 'connect_timeout' | 'subscribe_timeout'): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      // What is not read can't be seen to answer.
      if (this.#isPaused) this.#expectAnswer(reason);
      else this.#end(new MqttFailure(reason));
    }, ANSWER_MS);
  }

  #pause(): void {
    this.#isPaused = true;
    this.#keepAlive.deaf = true;
    this.#stream.pause();
    // Last: it may be called at once.
    if (!this.#isLeaving) this.#options.window.whenRoom = this.#resume;
  }

  readonly #resume = (): void => {
    if (this.#failure || this.#isLeaving) return;
    this.#isPaused = false;
    this.#keepAlive.deaf = false;
    if (this.#unread.length > 0) this.#read(NOTHING);
    if (!this.#isPaused) this.#stream.resume();
  };
}
