import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { EndedBy } from '../engine/engine.ts';
import type { DeviceRef } from '../ingest/device-registry.ts';
import { type ConnackPacket, readConnack } from '../mqtt/connect.ts';
import { MalformedPacket, PacketTooLarge, ProtocolViolation, packetType } from '../mqtt/packet.ts';
import { PacketScanner } from '../mqtt/scanner.ts';
import { within } from '../service/within.ts';
import type { ClientCertificate } from './client-certificate.ts';
import { admit } from './connect.ts';
import { type Ending, type GatewayContext, PACKET_OVERHEAD_BYTES, type Session } from './context.ts';
import { goodbye } from './goodbye.ts';
import type { From } from './listeners.ts';
import { ConnectRefused, type Refusal, refusingConnack } from './refusals.ts';
import { Relay } from './relay.ts';
import { admissionOf } from './upstream.ts';

export type Transport = 'tcp' | 'tls' | 'ws' | 'wss';

/** How a client comes in. */
export interface Entrance {
  /** Devices that the one before with its client id has spoken for. */
  devices: Iterable<DeviceRef>;
  /** Resolves when the engine has nothing more of a revoked one before. */
  cleared: Promise<void> | undefined;
}

/** What the gateway wants to hear of its connections. */
export interface ConnectionEvents {
  /** Whether one with its client id is there, which would make room for it. */
  replaces(session: Session): boolean;
  /** It may come in, and the engine is asked next: whoever has its client id now makes room. */
  entering(connection: DeviceConnection, session: Session): Entrance;
  /** The engine has let one in: it is there. */
  accepted(): void;
  admitted(connection: DeviceConnection, session: Session): void;
  refused(connection: DeviceConnection, refusal: Refusal): void;
  /** @param session of one that was admitted or on its way in */
  ended(connection: DeviceConnection, ending: Ending & { wasOpen: boolean }): void;
}

const NOTHING = Buffer.alloc(0);
const DISCONNECT = Buffer.from([0xe0, 0]);
const PINGREQ = Buffer.from([0xc0, 0]);
/** How long clients and the engine may take to hang up once they were told to. */
const GOODBYE_MS = 1000;
/** When the engine is away clients are let go one a millisecond, in no order, so that they come back like that. */
const LONGEST_SPREAD_MS = 10_000;
/** A client that is let go doesn't wait longer for the commits of what it sent. */
const LONGEST_STORING_MS = 5000;

/** How a connection ends that the engine has ended without a reason, and what a client is told that was on its way in. */
const endingsByEngine: Record<EndedBy, Omit<Ending, 'detail'> & { refusal: Refusal['reason'] }> = {
  client: { reason: 'protocol_violation', manner: 'lost', refusal: 'engine_refused' },
  // It is no doing of the client's, and it will be back: nothing is concluded.
  node: { reason: 'engine_node_lost', manner: 'closed', refusal: 'engine_node_lost' },
  engine: { reason: 'engine_unavailable', manner: 'lost', refusal: 'engine_unavailable' },
};

/** One connection of a client, from its first byte to its last: CONNECT, then a relay between it and the engine. */
export class DeviceConnection {
  readonly id = randomUUID();
  readonly transport: Transport;
  readonly remoteAddress: string;
  readonly certificate: ClientCertificate | undefined;
  session: Session | undefined;
  readonly #socket: Duplex;
  readonly #context: GatewayContext;
  readonly #events: ConnectionEvents;
  readonly #scanner: PacketScanner;
  #upstream: Duplex | undefined;
  #relay: Relay | undefined;
  #hasEngineLeft = false;
  /** `new` until CONNECT, `entering` until CONNACK. */
  #state: 'new' | 'entering' | 'open' | 'ended' = 'new';
  /** What came with CONNECT; more is not read before that is answered [MQTT-3.1.4-5]. */
  #early: Buffer | undefined;
  readonly #openedAt = performance.now();
  #heardAt = this.#openedAt;
  /** Seconds; 0 for an engine that needs to hear nothing. */
  #engineKeepAlive = 0;
  #pingedAt = this.#openedAt;

  constructor(socket: Duplex, from: From, context: GatewayContext, events: ConnectionEvents) {
    this.#socket = socket;
    this.transport = from.transport;
    this.remoteAddress = from.remoteAddress;
    this.certificate = from.certificate;
    this.#context = context;
    this.#events = events;
    this.#scanner = new PacketScanner(context.limits.messageBytes + PACKET_OVERHEAD_BYTES);
    socket.on('data', (chunk: Buffer | string) => {
      if (typeof chunk !== 'string') this.#received(chunk);
      else this.#violated(new MalformedPacket('a text message over WebSocket [MQTT-6.0.0-1]'));
    });
    socket.on('error', (error) => this.#lost(error.message));
    socket.on('close', () => this.#lost(''));
    socket.on('end', () => this.#lost(''));
  }

  /** Devices that it has spoken for. */
  get devices(): Iterable<DeviceRef> {
    return this.#relay?.devices ?? [];
  }

  /** Closes it if nothing has come for too long, by a clock that nobody sets. */
  checkAlive(): void {
    const now = performance.now();
    if (this.#state === 'ended') return;
    if (this.#state !== 'open') {
      // However busily it sends: nobody stays without a name.
      if (now - this.#openedAt > this.#context.limits.connectTimeoutMs)
        this.end({ reason: 'connect_timeout', detail: '', manner: 'lost' });
      return;
    }
    this.#keepEngine(now);
    if (this.#waitsTooLong(now)) return;
    const quiet = now - this.#heardAt;
    const keepAlive = this.session?.keepAlive ?? 0;
    // While we don't read, we can't hear.
    if (this.#relay?.stalled) this.#heardAt = now;
    else if (keepAlive > 0 && quiet > keepAlive * 1500) {
      this.end({ reason: 'keepalive_timeout', detail: `${keepAlive} s`, manner: 'lost' });
    }
  }

  /** Ends it if its organization's rate keeps it waiting for too long, or is going to. */
  #waitsTooLong(now: number): boolean {
    const { putOffAt } = this.#relay!;
    if (putOffAt === undefined) return false;
    const { quota } = this.session!;
    const { putOffMs } = this.#context.limits;
    if (now - putOffAt < putOffMs && quota.retryAfter() * 1000 < putOffMs) return false;
    const limit = quota.spentRate() ?? 'messages_per_second';
    this.end({ reason: `${limit}_limit`, detail: '', manner: 'lost' });
    return true;
  }

  /** A client that only listens sends nothing for days but pings, which are answered here. */
  #keepEngine(now: number): void {
    if (this.#engineKeepAlive === 0 || now - this.#pingedAt < this.#engineKeepAlive * 500) return;
    this.#pingedAt = now;
    this.#upstream!.write(PINGREQ);
  }

  /** Reads no more; resolves when all that was read has been acknowledged. */
  async drained(): Promise<void> {
    if (this.#state !== 'ended') await this.#relay?.drained();
  }

  /** Ends it for a reason of ours or the client's. Idempotent. */
  end(ending: Ending): void {
    if (this.#state === 'ended') return;
    const wasOpen = this.#state === 'open';
    this.#state = 'ended';
    this.session?.quota.leave();
    this.#relay?.close();
    this.#leaveEngine(ending);
    const lastWords = wasOpen ? goodbye(ending, this.session!) : undefined;
    const spread = Math.min(this.#context.connections(), LONGEST_SPREAD_MS);
    const isOfMany = ending.reason === 'engine_unavailable' || ending.reason === 'engine_node_lost';
    if (!isOfMany) this.#hangUp(lastWords);
    else {
      // It may come to another gateway and send again what waits for its commit here: it is known there only after that.
      const stored = within(LONGEST_STORING_MS, this.#relay?.stored() ?? Promise.resolve()).catch(() => {});
      void stored.then(() => setTimeout(() => this.#hangUp(lastWords), Math.random() * spread).unref());
    }
    this.#events.ended(this, { ...ending, wasOpen });
  }

  /** Resolves when the engine has closed its connection. */
  async leftEngine(): Promise<void> {
    const upstream = this.#upstream;
    if (upstream && !upstream.closed) await new Promise<void>((resolve) => upstream.once('close', resolve));
  }

  /** Without DISCONNECT the engine publishes the will, also of one that it has not greeted yet. */
  #leaveEngine({ manner, reason, farewell }: Ending): void {
    const upstream = this.#upstream;
    if (!farewell && manner !== 'closed' && reason !== 'revoked') upstream?.destroy();
    else if (upstream) {
      upstream.end(farewell ?? DISCONNECT);
      // What still comes is dropped; behind it is the engine's end.
      upstream.resume();
      const timer = setTimeout(() => upstream.destroy(), GOODBYE_MS);
      upstream.once('close', () => clearTimeout(timer));
    }
  }

  /**
   * Answers already written still leave; a client that doesn't read them is cut off. What it still sends is read
   * and dropped: behind it stands the end that it says in return, and unread it would reset the connection.
   */
  #hangUp(lastWords?: Buffer): void {
    this.#early = undefined;
    this.#socket.end(lastWords);
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
  }

  #lost(detail: string): void {
    if (this.#state === 'ended') return;
    const partial = this.#scanner.partial ? 'within a packet' : '';
    this.end({ reason: 'connection_lost', detail: detail || partial, manner: 'lost' });
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#heardAt = performance.now();
    try {
      if (this.#state === 'open') this.#relay!.fromClient(chunk);
      else if (this.#state === 'new') this.#expectConnect(chunk);
      else if (this.#state === 'entering') this.#keepEarly(chunk);
    } catch (error) {
      this.#violated(error);
    }
  }

  #keepEarly(chunk: Buffer): void {
    this.#early = this.#early ? Buffer.concat([this.#early, chunk]) : chunk;
    this.#socket.pause();
  }

  #expectConnect(chunk: Buffer): void {
    // By its first byte, or something that is no MQTT at all might wait for the rest of what it never began.
    if (!this.#scanner.partial && chunk[0] !== packetType.connect << 4)
      throw new MalformedPacket('CONNECT has to come first [MQTT-3.1.0-1]');
    const used = this.#scanner.push(chunk, (buffer, start, _body, end) => {
      this.#state = 'entering';
      void this.#enter(Buffer.from(buffer.subarray(start, end)));
      return false;
    });
    if (this.#state === 'entering' && used < chunk.length) this.#keepEarly(chunk.subarray(used));
  }

  async #enter(bytes: Buffer): Promise<void> {
    try {
      const { session, upstream } = await this.#context.door.run(() => admit(bytes, this.#context, this));
      if (this.#state !== 'entering') return;
      await this.#takePlace(session);
      if (this.#state !== 'entering') {
        session.quota.leave();
        return;
      }
      this.session = session;
      const { devices, cleared } = this.#events.entering(this, session);
      if (cleared) await cleared;
      if (this.#state === 'entering') this.#openUpstream(upstream, session, devices);
    } catch (error) {
      if (this.#state !== 'entering') return;
      if (error instanceof ConnectRefused) this.#refuse(error.refusal);
      else this.#violated(error);
    }
  }

  /** @throws ConnectRefused when its organization has as many connections as it may */
  async #takePlace(session: Session): Promise<void> {
    const { quota } = session;
    if (await quota.enter(this.#events.replaces(session))) return;
    const isKnown = !quota.hit('connections');
    throw new ConnectRefused({ ...session, reason: 'connections_limit', isKnown });
  }

  #openUpstream(connect: Buffer, session: Session, devices: Iterable<DeviceRef>): void {
    const upstream = this.#context.engine.connect();
    this.#upstream = upstream;
    const scanner = new PacketScanner(268_435_455);
    upstream.on('error', () => upstream.destroy());
    upstream.on('close', () => this.#engineLeft());
    upstream.on('end', () => this.#engineLeft());
    const admitted = (buffer: Buffer, start: number, body: number, end: number) => {
      const connack = readConnack(buffer, body, end);
      this.#connack({ session, devices, connack, bytes: Buffer.from(buffer.subarray(start, end)) });
      return false;
    };
    upstream.on('data', (chunk: Buffer) => {
      try {
        const used = this.#relay ? 0 : scanner.push(chunk, admitted);
        if (used < chunk.length && this.#state === 'open') this.#relay!.fromEngine(chunk.subarray(used));
      } catch (error) {
        this.#engineFailed(error);
      }
    });
    upstream.write(connect);
  }

  /** It is no client's fault what an engine sends, and no reason to fail with it. */
  #engineFailed(error: unknown): void {
    this.#context.log.error({ error: String(error) }, 'the engine sends what can’t be read');
    if (this.#state === 'entering') this.#refuse({ ...this.session!, reason: 'engine_refused' });
    else this.end({ reason: 'engine_unavailable', detail: 'it sent what can’t be read', manner: 'lost' });
  }

  #connack(answer: {
    session: Session;
    devices: Iterable<DeviceRef>;
    connack: ConnackPacket;
    bytes: Buffer;
  }): void {
    if (this.#state !== 'entering') return;
    const { session, connack } = answer;
    if (connack.code !== 0) {
      // An older version's code says nothing to a client of MQTT 5.
      const isForeign = session.protocolLevel === 5 && connack.code < 0x80;
      this.#refuse({ ...session, reason: 'engine_refused', ...(!isForeign && { code: connack.code }) });
      return;
    }
    const admission = admissionOf(answer.bytes, connack, session, this.#context.limits);
    this.#state = 'open';
    this.#engineKeepAlive = admission.engineKeepAlive;
    this.#events.accepted();
    this.#relay = new Relay({
      socket: this.#socket,
      upstream: this.#upstream!,
      scanner: this.#scanner,
      session,
      admission,
      devices: answer.devices,
      context: this.#context,
      end: (ending) => this.end(ending),
      onResumed: () => this.#received(NOTHING),
      engineStops: () => this.#engineLeft(true),
    });
    this.#events.admitted(this, session);
    this.#socket.write(admission.connack);
    const early = this.#early;
    this.#early = undefined;
    if (early) this.#received(early);
    if (!this.#relay.stalled) this.#socket.resume();
  }

  #refuse(refusal: Refusal): void {
    this.#state = 'ended';
    this.session?.quota.leave();
    this.#upstream?.destroy();
    this.#events.refused(this, refusal);
    this.#hangUp(refusingConnack(refusal));
    this.#events.ended(this, { reason: refusal.reason, detail: '', manner: 'closed', wasOpen: false });
  }

  /** @param isStopping it has said that this is why */
  #engineLeft(isStopping = false): void {
    if (this.#hasEngineLeft || (this.#state !== 'entering' && this.#state !== 'open')) return;
    this.#hasEngineLeft = true;
    void this.#context.engine.whyEnded(this.#upstream!, isStopping).then(async (by) => {
      const { refusal, ...ending } = endingsByEngine[by];
      if (this.#state === 'entering') this.#refuse({ ...this.session!, reason: refusal });
      // Before MQTT 5 an engine does not say that another has the client id now.
      else if (by === 'client' && (await this.#context.hasMoved(this.session!, this.id)))
        this.end({ reason: 'taken_over', detail: '', manner: 'taken_over' });
      else this.end({ ...ending, detail: 'the engine closed the connection' });
    });
  }

  #violated(error: unknown): void {
    if (error instanceof PacketTooLarge) {
      this.end({ reason: 'packet_too_large', detail: error.message, manner: 'lost' });
    } else if (error instanceof MalformedPacket) {
      this.end({ reason: 'malformed_packet', detail: error.message, manner: 'lost' });
    } else if (error instanceof ProtocolViolation) {
      this.end({ reason: 'protocol_violation', detail: error.message, manner: 'lost', code: error.code });
    } else {
      this.#context.log.error({ error: String(error) }, 'a connection failed');
      this.end({ reason: 'malformed_packet', detail: 'it could not be processed', manner: 'lost' });
    }
  }
}
