import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { DeviceRef } from '../ingest/device-registry.ts';
import { MalformedPacket, PacketTooLarge, packetType } from '../mqtt/packet.ts';
import { PacketScanner } from '../mqtt/scanner.ts';
import { admit, ConnectRefused, readConnect, refusalOf, returnCode, upstreamConnect } from './connect.ts';
import { type Ending, type GatewayContext, PACKET_OVERHEAD_BYTES, type Session } from './context.ts';
import { Relay } from './relay.ts';

export type Transport = 'tcp' | 'tls' | 'ws' | 'wss';

/** What the gateway wants to hear of its connections. */
export interface ConnectionEvents {
  admitted(connection: DeviceConnection, session: Session): void;
  refused(connection: DeviceConnection, refusal: ConnectRefused): void;
  ended(connection: DeviceConnection, ending: Ending): void;
}

const DISCONNECT = Buffer.from([0xe0, 0]);
/** What a client may send behind its CONNECT before it is answered. */
const MOST_EARLY_BYTES = 1_048_576;

/** One connection of a client, from its first byte to its last: CONNECT, then a relay between it and the engine. */
export class DeviceConnection {
  readonly id = randomUUID();
  readonly transport: Transport;
  readonly remoteAddress: string;
  session: Session | undefined;
  readonly #socket: Duplex;
  readonly #context: GatewayContext;
  readonly #events: ConnectionEvents;
  readonly #scanner: PacketScanner;
  #upstream: Duplex | undefined;
  #relay: Relay | undefined;
  /** `new` until CONNECT, `entering` until CONNACK. */
  #state: 'new' | 'entering' | 'open' | 'ended' = 'new';
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #heardAt: number;

  constructor(
    socket: Duplex,
    from: { transport: Transport; remoteAddress: string },
    context: GatewayContext,
    events: ConnectionEvents,
  ) {
    this.#socket = socket;
    this.transport = from.transport;
    this.remoteAddress = from.remoteAddress;
    this.#context = context;
    this.#events = events;
    this.#scanner = new PacketScanner(context.limits.messageBytes + PACKET_OVERHEAD_BYTES);
    this.#heardAt = performance.now();
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
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
    const { connectTimeoutMs } = this.#context.limits;
    const quiet = performance.now() - this.#heardAt;
    if (this.#state === 'new' || this.#state === 'entering') {
      if (quiet > connectTimeoutMs) this.end({ reason: 'connect_timeout', detail: '', manner: 'lost' });
      return;
    }
    const keepAlive = this.session?.keepAlive ?? 0;
    // While we don't read, we can't hear.
    if (this.#relay?.stalled) this.#heardAt = performance.now();
    else if (keepAlive > 0 && quiet > keepAlive * 1500) {
      this.end({ reason: 'keepalive_timeout', detail: `${keepAlive} s`, manner: 'lost' });
    }
  }

  /** Reads no more; resolves when all that was read has been acknowledged. */
  async drained(): Promise<void> {
    if (this.#state !== 'ended') await this.#relay?.drained();
  }

  /** Ends it for a reason of ours or the client's. Idempotent. */
  end(ending: Ending): void {
    if (this.#state === 'ended') return;
    const wasOpen = this.#state === 'open';
    if (this.#state === 'entering' && this.session)
      this.#context.entering.delete(this.session.engineClientId);
    this.#state = 'ended';
    this.#relay?.close();
    // Without DISCONNECT the engine publishes the will.
    if (wasOpen && ending.manner === 'closed') this.#upstream?.end(DISCONNECT);
    else this.#upstream?.destroy();
    // Answers already written still leave; a client that doesn't read them is cut off. What it still sends is read
    // and dropped: behind it stands the end that it says in return, and unread it would reset the connection.
    this.#socket.end();
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), 1000).unref();
    this.#early = [];
    this.#events.ended(this, ending);
  }

  #lost(detail: string): void {
    if (this.#state === 'ended') return;
    const partial = this.#scanner.partial ? 'within a packet' : '';
    this.end({ reason: 'connection_lost', detail: detail || partial, manner: 'lost' });
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#heardAt = performance.now();
    if (this.#state === 'entering') {
      this.#keepEarly(chunk);
      return;
    }
    try {
      if (this.#state === 'open') this.#relay!.fromClient(chunk);
      else if (this.#state === 'new') this.#expectConnect(chunk);
    } catch (error) {
      this.#violated(error);
    }
  }

  #keepEarly(chunk: Buffer): void {
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes > MOST_EARLY_BYTES) {
      this.end({ reason: 'protocol_violation', detail: 'too much before CONNACK', manner: 'lost' });
    }
  }

  #expectConnect(chunk: Buffer): void {
    const used = this.#scanner.push(chunk, (buffer, start, _body, end) => {
      if (buffer[start] !== packetType.connect << 4)
        throw new MalformedPacket('CONNECT has to come first [MQTT-3.1.0-1]');
      this.#state = 'entering';
      void this.#enter(Buffer.from(buffer.subarray(start, end)));
      return false;
    });
    if (this.#state === 'entering' && used < chunk.length) this.#keepEarly(chunk.subarray(used));
  }

  async #enter(bytes: Buffer): Promise<void> {
    try {
      const connect = readConnect(bytes, this.#context.engine.protocolLevel);
      const session = await admit(connect, this.#context, this.id);
      if (this.#state !== 'entering') return;
      this.session = session;
      this.#openUpstream(upstreamConnect(connect, session), session);
    } catch (error) {
      if (this.#state !== 'entering') return;
      if (error instanceof ConnectRefused) this.#refuse(error);
      else this.#violated(error);
    }
  }

  #openUpstream(connect: Buffer, session: Session): void {
    const upstream = this.#context.engine.connect();
    this.#upstream = upstream;
    this.#context.entering.add(session.engineClientId);
    const scanner = new PacketScanner(268_435_455);
    upstream.on('error', () => upstream.destroy());
    upstream.on('close', () => this.#engineLeft());
    upstream.on('end', () => this.#engineLeft());
    upstream.on('data', (chunk: Buffer) => {
      if (this.#relay) {
        this.#relay.fromEngine(chunk);
        return;
      }
      const used = scanner.push(chunk, (buffer, start, body, end) => {
        this.#connack(
          session,
          Buffer.from(buffer.subarray(start, end)),
          buffer[body + 1] ?? returnCode.serverUnavailable,
        );
        return false;
      });
      if (used < chunk.length && this.#state === 'open') this.#relay!.fromEngine(chunk.subarray(used));
    });
    upstream.write(connect);
  }

  #connack(session: Session, bytes: Buffer, code: number): void {
    if (this.#state !== 'entering') return;
    this.#context.entering.delete(session.engineClientId);
    if (code !== returnCode.accepted) {
      this.#refuse(new ConnectRefused(code, 'engine_unavailable'));
      return;
    }
    this.#state = 'open';
    this.#relay = new Relay({
      connectionId: this.id,
      socket: this.#socket,
      upstream: this.#upstream!,
      scanner: this.#scanner,
      session,
      context: this.#context,
      end: (ending) => this.end(ending),
    });
    this.#events.admitted(this, session);
    this.#socket.write(bytes);
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) this.#received(chunk);
  }

  #refuse(refusal: ConnectRefused): void {
    if (this.session) this.#context.entering.delete(this.session.engineClientId);
    this.session = undefined;
    this.#events.refused(this, refusal);
    this.#socket.write(refusalOf(refusal));
    this.#state = 'ended';
    this.#upstream?.destroy();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 1000).unref();
    this.#events.ended(this, { reason: refusal.reason, detail: '', manner: 'closed' });
  }

  #engineLeft(): void {
    if (this.#state === 'entering') {
      this.#refuse(new ConnectRefused(returnCode.serverUnavailable, 'engine_unavailable'));
      return;
    }
    // The engine lets go of a client before it greets the next one with the same id.
    if (this.session && this.#context.entering.has(this.session.engineClientId)) {
      this.end({ reason: 'taken_over', detail: '', manner: 'taken_over' });
    } else {
      this.end({ reason: 'engine_unavailable', detail: 'the engine closed the connection', manner: 'lost' });
    }
  }

  #violated(error: unknown): void {
    if (error instanceof PacketTooLarge) {
      this.end({ reason: 'packet_too_large', detail: error.message, manner: 'lost' });
    } else if (error instanceof MalformedPacket) {
      this.end({ reason: 'malformed_packet', detail: error.message, manner: 'lost' });
    } else {
      this.#context.log.error({ error: String(error) }, 'a connection failed');
      this.end({ reason: 'malformed_packet', detail: 'it could not be processed', manner: 'lost' });
    }
  }
}
