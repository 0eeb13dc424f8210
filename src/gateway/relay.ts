import type { Duplex } from 'node:stream';
import { activityReasons } from '../domain/activity.ts';
import type { DeviceRef } from '../ingest/device-registry.ts';
import { MalformedPacket, PacketTooLarge, packetType, readPacketId, readPublish } from '../mqtt/packet.ts';
import { PacketScanner } from '../mqtt/scanner.ts';
import type { Ending, GatewayContext, Session } from './context.ts';
import { AcknowledgementQueue, COMMIT, ENGINE, HeldMessage, HeldPublish, type Holder } from './held.ts';
import { type CheckedSubscribe, checkSubscribe, completeSuback, subackCodes } from './subscribe.ts';
import { type TopicRoute, TopicRoutes } from './topic-routes.ts';

const PINGRESP = Buffer.from([0xd0, 0]);
/** Devices of one connection whose presence follows it; a gateway device may speak for many. */
const MOST_DEVICES = 2000;
/** SUBSCRIBEs that the engine has not answered yet. */
const MOST_SUBSCRIBES = 100;

export interface RelayOptions {
  connectionId: string;
  socket: Duplex;
  upstream: Duplex;
  scanner: PacketScanner;
  session: Session;
  context: GatewayContext;
  end: (ending: Ending) => void;
}

/**
 * Packets between an admitted client and the engine. Granted packets pass as the bytes they are; PUBLISH feeds
 * ingest on its way, and its acknowledgement is held until the row is committed and the engine has it.
 */
export class Relay implements Holder {
  readonly #options: RelayOptions;
  readonly #socket: Duplex;
  readonly #upstream: Duplex;
  readonly #context: GatewayContext;
  readonly #session: Session;
  readonly #engineScanner = new PacketScanner(268_435_455);
  readonly #routes: TopicRoutes;
  readonly #acknowledgements = new AcknowledgementQueue();
  readonly #subscribes = new Map<number, CheckedSubscribe>();
  readonly #devices = new Set<DeviceRef>();
  #heldCount = 0;
  #heldBytes = 0;
  #flushing = false;
  #closed = false;
  #stalled = false;
  #onDrained: (() => void) | undefined;
  /** The run of packets in the current chunk that go to the engine as they are. */
  #runBuffer: Buffer | undefined;
  #runStart = 0;
  #runEnd = 0;

  constructor(options: RelayOptions) {
    const { session, context } = options;
    this.#options = options;
    this.#socket = options.socket;
    this.#upstream = options.upstream;
    this.#context = context;
    this.#session = session;
    this.#routes = new TopicRoutes(session.grant, session.integration, context.ingest.devices);
    if (session.grant.externalDeviceId !== undefined) {
      this.#speaksFor(context.ingest.devices.ref(session.integration, session.grant.externalDeviceId));
    }
    this.#socket.on('drain', this.#resumeUpstream);
  }

  /** True while the socket is not read because too much waits. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Devices that this connection has spoken for. */
  get devices(): ReadonlySet<DeviceRef> {
    return this.#devices;
  }

  /** @throws MalformedPacket, PacketTooLarge */
  fromClient(chunk: Buffer): void {
    this.#options.scanner.push(chunk, this.#onClientPacket);
    this.#flushRun();
    if (this.#overfull()) this.#stall();
  }

  fromEngine(chunk: Buffer): void {
    let runStart = -1;
    let runEnd = -1;
    let runBuffer: Buffer | undefined;
    const flush = () => {
      if (runBuffer && runEnd > runStart) this.#write(runBuffer.subarray(runStart, runEnd));
      runBuffer = undefined;
    };
    this.#engineScanner.push(chunk, (buffer, start, body, end) => {
      if (this.#closed) return false;
      const replacement = this.#fromEnginePacket(buffer, start, body, end);
      if (replacement === undefined) {
        if (runBuffer !== buffer || runEnd !== start) {
          flush();
          runBuffer = buffer;
          runStart = start;
        }
        runEnd = end;
      } else {
        flush();
        if (replacement.length > 0) this.#write(replacement);
      }
      return true;
    });
    flush();
  }

  released(publish: HeldPublish): void {
    this.#heldCount -= 1;
    this.#heldBytes -= publish.weight;
    this.#context.budget.give(publish.weight);
    if (this.#closed) return;
    if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(this.#flushAcknowledgements);
    }
  }

  /** Reads no more; resolves when all that was read has been acknowledged, or the connection ends. */
  drained(): Promise<void> {
    this.#stalled = true;
    this.#socket.pause();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      if (this.#heldCount === 0 || this.#closed) resolve();
    });
  }

  /** No more packets either way. */
  close(): void {
    this.#closed = true;
    this.#onDrained?.();
    this.#socket.off('drain', this.#resumeUpstream);
    this.#context.budget.forget(this.#resume);
  }

  readonly #onClientPacket = (buffer: Buffer, start: number, body: number, end: number): boolean => {
    const type = buffer[start]! >> 4;
    switch (type) {
      case packetType.publish:
        return this.#publish(buffer, start, body, end);
      case packetType.pingreq:
        this.#write(PINGRESP);
        return true;
      case packetType.subscribe:
        this.#subscribe(Buffer.from(buffer.subarray(start, end)));
        return !this.#closed;
      case packetType.puback:
      case packetType.pubrec:
      case packetType.pubrel:
      case packetType.pubcomp:
      case packetType.unsubscribe:
        readPacketId(buffer, body, end);
        this.#forward(buffer, start, end);
        return true;
      case packetType.disconnect:
        this.#flushRun();
        this.#options.end({ reason: 'client_disconnected', detail: '', manner: 'closed' });
        return false;
      default:
        throw new MalformedPacket(`packet type ${type} after CONNECT`);
    }
  };

  #publish(buffer: Buffer, start: number, body: number, end: number): boolean {
    const view = readPublish(buffer, start, body, end);
    const bytes = view.payloadEnd - view.payloadStart;
    const { messageBytes } = this.#context.limits;
    if (bytes > messageBytes) throw new PacketTooLarge(bytes, messageBytes);
    const route = this.#routes.routeOf(buffer, view.topicStart, view.topicEnd);
    if (!route.granted) {
      this.#refusePublish(route);
      return false;
    }
    const { qos, packetId } = view;
    // Sent again before it was answered: the answer to the first will do.
    if (qos > 0 && this.#acknowledgements.has(packetId)) return true;
    // An empty retained message clears what is retained; it is no reading.
    const clears = view.retain && bytes === 0;
    const stored = route.channel !== undefined && !clears;
    const forwarded = view.retain || qos === 2 || this.#context.engine.wants(route.topic);
    const waiting = (stored ? COMMIT : 0) | (forwarded && qos > 0 ? ENGINE : 0);
    if (forwarded) this.#forward(buffer, start, end);
    const { device } = route;
    if (device && !this.#devices.has(device)) this.#speaksFor(device);
    if (!stored) {
      if (qos > 0) this.#hold(new HeldPublish(this, view, waiting));
      return true;
    }
    const message = new HeldMessage(
      this,
      {
        source: this.#session.source,
        device: device!,
        channel: route.channel!,
        topic: route.topic,
        payload: buffer.subarray(view.payloadStart, view.payloadEnd),
        qos,
        retain: view.retain,
        dup: view.dup,
        packetId,
        receivedAt: this.#context.clock.receiveTime(),
      },
      waiting,
    );
    this.#hold(message);
    this.#context.ingest.accept(message);
    return true;
  }

  #hold(publish: HeldPublish): void {
    this.#heldCount += 1;
    this.#heldBytes += publish.weight;
    this.#context.budget.take(publish.weight);
    if (publish.qos > 0) this.#acknowledgements.add(publish);
    if (publish.waiting === 0) this.released(publish);
  }

  /** 3.1.1 has no way to refuse one PUBLISH, so the connection ends [MQTT-3.3.5-2]; the owner reads why. */
  #refusePublish(route: TopicRoute): void {
    const { context, session } = { context: this.#context, session: this.#session };
    const at = context.clock.receiveTime();
    const who = { at, clientId: session.clientId, topic: route.topic };
    context.ingest.journal.rejected(session.integration, { ...who, reason: 'topic_not_granted' });
    context.ingest.journal.activity({
      integration: session.integration,
      ...who,
      event: 'publish_refused',
      reason: 'topic_not_granted',
      credentialId: session.credential.id,
      username: session.credential.username,
    });
    this.#flushRun();
    this.#options.end({ reason: 'topic_not_granted', detail: route.topic.slice(0, 200), manner: 'lost' });
  }

  #subscribe(bytes: Buffer): void {
    const check = checkSubscribe(bytes, this.#session.grant, {
      shared: this.#context.engine.protocolLevel === 5,
    });
    if (this.#subscribes.size >= MOST_SUBSCRIBES)
      throw new MalformedPacket('too many SUBSCRIBEs without an answer');
    for (const filter of check.refused) {
      this.#context.ingest.journal.activity({
        integration: this.#session.integration,
        at: this.#context.clock.receiveTime(),
        event: 'subscribe_refused',
        reason: 'filter_not_granted',
        detail: activityReasons.filter_not_granted,
        credentialId: this.#session.credential.id,
        username: this.#session.credential.username,
        clientId: this.#session.clientId,
        topic: filter,
      });
    }
    this.#flushRun();
    if (!check.forward) {
      this.#write(completeSuback(check, new Uint8Array()));
      return;
    }
    if (check.refused.length > 0) this.#subscribes.set(check.packetId, check);
    this.#upstream.write(check.forward);
  }

  /** @returns undefined to pass the packet on, other bytes to send in its place, or none */
  #fromEnginePacket(buffer: Buffer, start: number, body: number, end: number): Buffer | undefined {
    const type = buffer[start]! >> 4;
    if (type === packetType.puback || type === packetType.pubrec) {
      // One that nothing waits for belongs to an exchange from before a reconnect.
      return this.#acknowledgements.engineAcknowledged(readPacketId(buffer, body, end)) ? nothing : undefined;
    }
    if (type === packetType.suback && this.#subscribes.size > 0) {
      const { packetId, codes } = subackCodes(buffer, body, end);
      const check = this.#subscribes.get(packetId);
      if (!check) return undefined;
      this.#subscribes.delete(packetId);
      return completeSuback(check, codes);
    }
    return undefined;
  }

  /** The device's presence follows this connection from now on. */
  #speaksFor(device: DeviceRef): void {
    if (this.#devices.size >= MOST_DEVICES) return;
    this.#devices.add(device);
    this.#context.ingest.signal({
      source: this.#session.source,
      device,
      connection: 'connected',
      at: this.#context.clock.receiveTime(),
    });
  }

  #forward(buffer: Buffer, start: number, end: number): void {
    if (this.#runBuffer !== buffer || this.#runEnd !== start) {
      this.#flushRun();
      this.#runBuffer = buffer;
      this.#runStart = start;
    }
    this.#runEnd = end;
  }

  #flushRun(): void {
    if (!this.#runBuffer) return;
    this.#upstream.write(this.#runBuffer.subarray(this.#runStart, this.#runEnd));
    this.#runBuffer = undefined;
  }

  /** Acknowledgements of a whole batch leave in one write. */
  readonly #flushAcknowledgements = (): void => {
    this.#flushing = false;
    if (this.#closed) return;
    const bytes = this.#acknowledgements.takeReady();
    if (bytes) this.#write(bytes);
    if (this.#onDrained) {
      if (this.#heldCount === 0) this.#onDrained();
      return;
    }
    if (this.#stalled && !this.#overfull()) this.#resume();
  };

  #write(bytes: Buffer): void {
    if (!this.#socket.write(bytes)) this.#upstream.pause();
  }

  readonly #resumeUpstream = (): void => {
    this.#upstream.resume();
  };

  #overfull(): boolean {
    const { limits, budget } = this.#context;
    return (
      this.#heldCount >= limits.inFlight ||
      this.#heldBytes >= limits.connectionBytes ||
      this.#upstream.writableLength >= limits.connectionBytes ||
      // A client that sends and never reads what it is answered.
      this.#socket.writableLength >= limits.connectionBytes ||
      budget.spent
    );
  }

  #stall(): void {
    if (this.#stalled || this.#closed) return;
    this.#stalled = true;
    this.#socket.pause();
    if (this.#context.budget.spent) this.#context.budget.whenRoom(this.#resume);
    this.#upstream.once('drain', this.#resume);
    this.#socket.once('drain', this.#resume);
  }

  readonly #resume = (): void => {
    if (!this.#stalled || this.#closed || this.#onDrained) return;
    if (this.#overfull()) {
      if (this.#context.budget.spent) this.#context.budget.whenRoom(this.#resume);
      return;
    }
    this.#stalled = false;
    this.#upstream.off('drain', this.#resume);
    this.#socket.off('drain', this.#resume);
    this.#socket.resume();
  };
}

const nothing = Buffer.alloc(0);
