import { connect, type Socket } from 'node:net';
import { type Packet, parser, writeToStream } from 'mqtt-packet';

export interface DeviceOptions {
  port: number;
  clientId: string;
  username: string;
  password: string;
  /** Messages on their way at a time. */
  window?: number;
  /** `counting` as most libraries do, over the wrap at 65,535; `lowest` free, as small ones do. */
  packetIds?: 'counting' | 'lowest';
  /** The first packet id of a counting one. */
  firstPacketId?: number;
  /** Seconds. */
  keepAlive?: number;
  /** Filters to subscribe to each time there is no session. */
  subscribe?: string[];
  onMessage?: (topic: string, payload: Buffer, retained: boolean) => void;
  /** Whether it comes back when its connection ends; true unless told otherwise. */
  comesBack?: boolean;
  /** A message for others should this connection end without a goodbye. */
  will?: { topic: string; payload: string; retain?: boolean };
}

interface Unacknowledged {
  topic: string;
  payload: string;
  retain: boolean;
  packetId: number;
  wasSent: boolean;
  sentAt: number;
  acknowledged: (milliseconds: number) => void;
}

const RECONNECT_MS = 25;

/**
 * A device that never gives up: what was not acknowledged is sent again in its order, with DUP and its packet
 * id, in the session that it goes on with (MQTT 3.1.1 section 4.4), after every reconnect.
 */
export class Device {
  readonly #options: Required<Pick<DeviceOptions, 'window' | 'packetIds' | 'keepAlive'>> & DeviceOptions;
  readonly #unacknowledged = new Map<number, Unacknowledged>();
  readonly #room: (() => void)[] = [];
  #socket: Socket | undefined;
  #isUp = false;
  #isEnded = false;
  #up = Promise.withResolvers<void>();
  #nextPacketId: number;
  #pings: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** What has happened to it. */
  readonly counts = { connects: 0, disconnects: 0, refused: 0, resent: 0, pings: 0, pongs: 0 };
  readonly #refused = Promise.withResolvers<string>();
  readonly #subscribed = Promise.withResolvers<void>();
  readonly #left = Promise.withResolvers<void>();

  constructor(options: DeviceOptions) {
    const { window = 100, packetIds = 'counting', keepAlive = 15 } = options;
    this.#options = { ...options, window, packetIds, keepAlive };
    this.#nextPacketId = options.firstPacketId ?? 1;
    this.#connect();
  }

  /** Resolves when it is connected, at once if it is. */
  get connected(): Promise<void> {
    return this.#up.promise;
  }

  /** Resolves when its subscriptions are in force. */
  get subscribed(): Promise<void> {
    return this.#subscribed.promise;
  }

  /** Resolves when its connection ends for the first time. */
  get closed(): Promise<void> {
    return this.#left.promise;
  }

  /** Resolves with the return code, in words, when it is refused for the first time. */
  get refused(): Promise<string> {
    return this.#refused.promise;
  }

  /** Sends with QoS 1 once the window has room. @returns what resolves with the milliseconds to the PUBACK */
  async publish(topic: string, payload: string, retain = false): Promise<{ acknowledged: Promise<number> }> {
    while (this.#unacknowledged.size >= this.#options.window) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
    const { promise, resolve } = Promise.withResolvers<number>();
    const packetId = this.#takePacketId();
    const message = {
      topic,
      payload,
      retain,
      packetId,
      wasSent: false,
      sentAt: performance.now(),
      acknowledged: resolve,
    };
    this.#unacknowledged.set(packetId, message);
    if (this.#isUp) this.#send(message);
    return { acknowledged: promise };
  }

  /** Says goodbye. What is not acknowledged never will be. */
  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (this.#isUp) this.#write({ cmd: 'disconnect' });
    socket.end();
    await closed;
  }

  #takePacketId(): number {
    if (this.#options.packetIds === 'lowest') {
      for (let id = 1; ; id += 1) if (!this.#unacknowledged.has(id)) return id;
    }
    const id = this.#nextPacketId;
    this.#nextPacketId = id === 65_535 ? 1 : id + 1;
    return id;
  }

  #connect(): void {
    const { port, clientId, username, password, keepAlive, will } = this.#options;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    const decoder = parser();
    decoder.on('packet', (packet) => this.#received(packet));
    socket.on('data', (chunk) => decoder.parse(chunk));
    socket.on('error', () => {});
    socket.once('connect', () =>
      this.#write({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: false,
        clientId,
        username,
        password: Buffer.from(password),
        keepalive: keepAlive,
        will: will && { ...will, payload: Buffer.from(will.payload), qos: 1, retain: will.retain ?? false },
      }),
    );
    socket.once('close', () => this.#closed());
  }

  #closed(): void {
    this.#left.resolve();
    clearInterval(this.#pings);
    if (this.#isUp) {
      this.counts.disconnects += 1;
      this.#up = Promise.withResolvers<void>();
    }
    this.#isUp = false;
    const { comesBack = true } = this.#options;
    if (comesBack && !this.#isEnded)
      this.#retry = setTimeout(() => this.#connect(), RECONNECT_MS * (0.5 + Math.random()));
  }

  #received(packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        if (packet.returnCode === 0) this.#entered(packet.sessionPresent);
        else {
          this.counts.refused += 1;
          this.#refused.resolve(`refused with ${packet.returnCode}`);
          this.#socket!.destroy();
        }
        return;
      case 'puback': {
        const message = this.#unacknowledged.get(packet.messageId!);
        if (!message) return;
        this.#unacknowledged.delete(packet.messageId!);
        message.acknowledged(performance.now() - message.sentAt);
        this.#room.shift()?.();
        return;
      }
      case 'publish':
        this.#options.onMessage?.(packet.topic, packet.payload as Buffer, packet.retain);
        if (packet.qos === 1) this.#write({ cmd: 'puback', messageId: packet.messageId! });
        return;
      case 'suback':
        this.#subscribed.resolve();
        return;
      case 'pingresp':
        this.counts.pongs += 1;
    }
  }

  #entered(sessionPresent: boolean): void {
    this.counts.connects += 1;
    this.#isUp = true;
    const { subscribe = [], keepAlive } = this.#options;
    if (subscribe.length > 0 && !sessionPresent) {
      this.#write({
        cmd: 'subscribe',
        messageId: this.#takePacketId(),
        subscriptions: subscribe.map((topic) => ({ topic, qos: 1 as const })),
      });
    }
    for (const message of this.#unacknowledged.values()) {
      if (message.wasSent) this.counts.resent += 1;
      this.#send(message);
    }
    const unanswered = this.counts.pings - this.counts.pongs;
    this.#pings = setInterval(() => {
      // As every client does that gets no answer: what it is connected to may be gone.
      if (this.counts.pings - this.counts.pongs > unanswered) return this.#socket!.destroy();
      this.counts.pings += 1;
      this.#write({ cmd: 'pingreq' });
    }, keepAlive * 500);
    this.#up.resolve();
  }

  /** With DUP if it was sent before [MQTT-3.3.1-1]. */
  #send(message: Unacknowledged): void {
    const { topic, payload, retain, packetId, wasSent } = message;
    this.#write({ cmd: 'publish', topic, payload, qos: 1, messageId: packetId, dup: wasSent, retain });
    message.wasSent = true;
  }

  #write(packet: Packet): void {
    writeToStream(packet, this.#socket!);
  }
}
