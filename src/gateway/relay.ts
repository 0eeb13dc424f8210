import type { Duplex } from 'node:stream';
import type { DeviceRef } from '../ingest/device-registry.ts';
import type { Dialect } from '../mqtt/dialect.ts';
import {
  PacketTooLarge,
  ProtocolViolation,
  type PublishView,
  packetType,
  readPacketId,
  readReason,
} from '../mqtt/packet.ts';
import { readCorrelation } from '../mqtt/properties.ts';
import { reasonCode } from '../mqtt/reasons.ts';
import type { PacketScanner } from '../mqtt/scanner.ts';
import { Unread } from '../mqtt/unread.ts';
import { CommandWatch } from './command-watch.ts';
import { Complaints } from './complaints.ts';
import type { Ending, GatewayContext, Session } from './context.ts';
import { Downstream } from './downstream.ts';
import { Flow } from './flow.ts';
import { endingByEngine } from './goodbye.ts';
import { AcknowledgementQueue, COMMIT, ENGINE, HeldMessage, HeldPublish, type Holder } from './held.ts';
import { SubscribesUnderWay } from './subscribe.ts';
import { TopicAliases } from './topic-aliases.ts';
import { type TopicRoute, TopicRoutes } from './topic-routes.ts';
import type { Admission } from './upstream.ts';

const NOTHING = Buffer.alloc(0);
const PINGRESP = Buffer.from([0xd0, 0]);
/** Devices of one connection whose presence follows it; a gateway device may speak for many. */
const MOST_DEVICES = 2000;

export interface RelayOptions {
  socket: Duplex;
  upstream: Duplex;
  scanner: PacketScanner;
  session: Session;
  admission: Admission;
  /** That the connection before, which this one took over, has spoken for. */
  devices: Iterable<DeviceRef>;
  context: GatewayContext;
  end: (ending: Ending) => void;
  /** Called when what was put off is to be read: with nothing new. */
  onResumed: () => void;
  /** The engine has said that it stops. */
  engineStops: () => void;
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
  readonly #dialect: Dialect;
  readonly #receiveMaximum: number;
  /** QoS 2 ends here, and goes on as QoS 1: the engine has no more. */
  readonly #lowersQoS: boolean;
  readonly #routes: Pick<TopicAliases, 'routeOf'>;
  readonly #acknowledgements = new AcknowledgementQueue();
  readonly #subscribes: SubscribesUnderWay;
  readonly #commands: CommandWatch;
  readonly #downstream: Downstream;
  readonly #devices = new Set<DeviceRef>();
  readonly #flow: Flow;
  readonly #complaints: Complaints;
  /** From a PUBLISH on that its organization's rate doesn't allow yet. */
  readonly #unread = new Unread();
  /** The memory behind the chunk that is being read, once a message of it is held. */
  #counted: ArrayBufferLike | undefined;
  #flushing = false;
  #closed = false;
  #onStored: (() => void) | undefined;
  #onDrained: (() => void) | undefined;
  /** The run of packets in the current chunk that go to the engine as they are. */
  #runBuffer: Buffer | undefined;
  #runStart = 0;
  #runEnd = 0;

  constructor(options: RelayOptions) {
    const { session, admission, context } = options;
    this.#options = options;
    this.#socket = options.socket;
    this.#upstream = options.upstream;
    this.#context = context;
    this.#session = session;
    this.#dialect = session.dialect;
    this.#receiveMaximum = admission.receiveMaximum;
    this.#lowersQoS = context.engine.maximumQoS === 1;
    this.#flow = new Flow({
      ...options,
      limits: context.limits,
      budget: context.budget,
      rate: session.quota,
    });
    this.#complaints = new Complaints(context, session);
    this.#subscribes = new SubscribesUnderWay({ ...session, shared: context.engine.protocolLevel !== 4 });
    this.#commands = new CommandWatch(context, session, admission.isResumed);
    this.#downstream = new Downstream({
      acknowledgements: this.#acknowledgements,
      subscribes: this.#subscribes,
      commands: this.#commands,
      toClient: (bytes) => this.#write(bytes),
      toEngine: (bytes) => void this.#upstream.write(bytes),
      disconnected: (reason) => {
        if (reason === reasonCode.server_shutting_down) options.engineStops();
        else options.end(endingByEngine(reason));
      },
    });
    const routes = new TopicRoutes(session.grant, session.integration, context.ingest.devices);
    this.#routes =
      session.protocolLevel === 5 ? new TopicAliases(routes, admission.topicAliasMaximum) : routes;
    for (const device of options.devices) this.#speakFor(device);
    if (session.grant.externalDeviceId !== undefined) {
      this.#speakFor(context.ingest.devices.ref(session.integration, session.grant.externalDeviceId));
    }
    this.#socket.on('drain', this.#resumeUpstream);
  }

  /** True while the socket is not read because too much waits. */
  get stalled(): boolean {
    return this.#flow.stalled;
  }

  /** Since when it is not read because the organization's rate is spent. */
  get putOffAt(): number | undefined {
    return this.#flow.putOffAt;
  }

  /** Devices that this connection has spoken for. */
  get devices(): ReadonlySet<DeviceRef> {
    return this.#devices;
  }

  /** @throws MalformedPacket, PacketTooLarge, ProtocolViolation */
  fromClient(chunk: Buffer): void {
    this.#context.budget.give(this.#unread.length);
    const bytes = this.#unread.before(chunk);
    const used = this.#options.scanner.push(bytes, this.#onClientPacket);
    if (this.#unread.keep(bytes, used)) this.#wait();
    this.#counted = undefined;
    this.#flushRun();
    this.#flow.check();
  }

  #wait(): void {
    this.#context.budget.take(this.#unread.length);
    this.#complaints.putOff();
    this.#flow.putOff();
  }

  fromEngine(chunk: Buffer): void {
    this.#downstream.push(chunk);
  }

  released(publish: HeldPublish): void {
    this.#flow.release(publish.weight);
    if (this.#closed) {
      if (this.#flow.held === 0) this.#onStored?.();
      return;
    }
    if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(this.#flushAcknowledgements);
    }
  }

  /** Reads no more; resolves when all that was read has been acknowledged, or the connection ends. */
  drained(): Promise<void> {
    this.#flow.stop();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      if (this.#flow.held === 0 || this.#closed) resolve();
    });
  }

  /** Resolves when nothing that was read before the end waits for its commit any more. */
  stored(): Promise<void> {
    return new Promise((resolve) => {
      this.#onStored = resolve;
      if (this.#flow.held === 0) resolve();
    });
  }

  /** No more packets either way. */
  close(): void {
    this.#closed = true;
    this.#downstream.close();
    this.#subscribes.close();
    // The engine will say nothing any more; what waits for a commit keeps its weight until then.
    this.#acknowledgements.abandon();
    this.#onDrained?.();
    this.#socket.off('drain', this.#resumeUpstream);
    this.#flow.close();
    this.#context.budget.give(this.#unread.length);
    this.#unread.before(NOTHING);
  }

  readonly #onClientPacket = (buffer: Buffer, start: number, body: number, end: number): boolean => {
    const type = buffer[start]! >> 4;
    if (type === packetType.publish) {
      const { quota } = this.#session;
      if (quota.spent) {
        return this.#unread.putOff(buffer, start, end);
      }
      quota.take(end - start);
      return this.#publish(buffer, start, body, end);
    }
    if (this.#session.protocolLevel === 3 && (buffer[start]! & DUP) !== 0) {
      const again = withoutDup(buffer.subarray(start, end));
      return this.#onOtherPacket(type, again, 0, body - start, again.length);
    }
    return this.#onOtherPacket(type, buffer, start, body, end);
  };

  #onOtherPacket(type: number, buffer: Buffer, start: number, body: number, end: number): boolean {
    this.#dialect.checkPacket(buffer, start, body, end);
    switch (type) {
      case packetType.pingreq:
        this.#write(PINGRESP);
        return true;
      case packetType.subscribe:
        this.#subscribe(buffer.subarray(start, end), body - start);
        return true;
      case packetType.unsubscribe:
        this.#subscribes.end(this.#dialect.readUnsubscribe(buffer, body, end));
        this.#forward(buffer, start, end);
        return true;
      case packetType.puback:
      case packetType.pubrec:
        if (this.#commands.isWaiting)
          this.#commands.acknowledged(readPacketId(buffer, body, end), readReason(buffer, body, end));
        this.#forward(buffer, start, end);
        return true;
      case packetType.pubrel:
        if (this.#lowersQoS) this.#completed(readPacketId(buffer, body, end));
        else this.#forward(buffer, start, end);
        return true;
      case packetType.pubcomp:
        this.#forward(buffer, start, end);
        return true;
      case packetType.disconnect:
        this.#disconnect(buffer.subarray(start, end), body - start);
        return false;
      default:
        throw new ProtocolViolation(`packet type ${type} after CONNECT`);
    }
  }

  /** MQTT 5's DISCONNECT keeps the will from being published only if it says that all is well [MQTT-3.14.4-3]. */
  #disconnect(farewell: Buffer, body: number): void {
    this.#flushRun();
    const manner = (farewell[body] ?? 0) === 0 ? 'closed' : 'lost';
    this.#options.end({ reason: 'client_disconnected', detail: '', manner, farewell });
  }

  #publish(buffer: Buffer, start: number, body: number, end: number): boolean {
    const view = this.#dialect.readPublish(buffer, start, body, end);
    const bytes = view.payloadEnd - view.payloadStart;
    const { messageBytes } = this.#context.limits;
    if (bytes > messageBytes) throw new PacketTooLarge(bytes, messageBytes);
    if (bytes > this.#session.quota.limits.message_bytes) return this.#refuseSize(bytes);
    const { qos, packetId } = view;
    if (qos > 0 && this.#acknowledgements.underWay >= this.#receiveMaximum) {
      const problem = `more than ${this.#receiveMaximum} publishes without their answer`;
      throw new ProtocolViolation(problem, reasonCode.receive_maximum_exceeded);
    }
    const route = this.#routes.routeOf(buffer, view);
    if (!route.granted) return this.#refusePublish(route, view);
    const earlier = qos > 0 ? this.#acknowledgements.unanswered(packetId) : undefined;
    // An alias that it sets is for the engine to know as well.
    const maySuffice = earlier && view.dup && view.topicAlias === undefined;
    if (maySuffice && earlier.isSame(route.topic, payloadOf(buffer, view))) {
      // The answer to the first will do; one more would be taken for an answer to what comes next.
      if (route.channel) this.#complaints.repeated(route.topic, bytes);
      return true;
    }
    // An empty retained message clears what is retained; it is no reading.
    const clears = view.retain && bytes === 0;
    const stored = route.channel !== undefined && !clears;
    // A SUBSCRIBE of this client that the engine has not seen yet may be for this very topic.
    const forwarded =
      view.retain ||
      qos === 2 ||
      view.topicAlias !== undefined ||
      this.#subscribes.count > 0 ||
      this.#context.engine.wants(route.topic);
    const waiting = (stored ? COMMIT : 0) | (forwarded && qos > 0 ? ENGINE : 0);
    if (forwarded) {
      if (qos === 2 && this.#lowersQoS) buffer[start]! ^= QOS_2_TO_1;
      this.#forward(buffer, start, end);
    }
    if (route.isSpokenFor && !clears && !this.#devices.has(route.device!)) this.#speakFor(route.device!);
    if (stored) this.#store(buffer, view, route, waiting);
    else if (qos > 0) this.#hold(new HeldPublish(this, view, waiting));
    return true;
  }

  /** PUBCOMP in the engine's place: it knows of no QoS 2. */
  #completed(packetId: number): void {
    this.#acknowledgements.completed();
    this.#write(Buffer.from([packetType.pubcomp << 4, 2, packetId >> 8, packetId & 255]));
  }

  #store(buffer: Buffer, view: PublishView, route: TopicRoute, waiting: number): void {
    const { qos, retain, dup, packetId, propertiesStart, payloadStart } = view;
    const payload = payloadOf(buffer, view);
    // It says which command is answered, and nothing of a reading.
    const correlation =
      route.channel === 'responses' && propertiesStart !== undefined
        ? readCorrelation(buffer, propertiesStart, payloadStart)
        : undefined;
    const message = new HeldMessage(
      this,
      {
        source: this.#session.source,
        device: route.device,
        channel: route.channel!,
        topic: route.topic,
        payload,
        qos,
        retain,
        dup,
        packetId,
        receivedAt: this.#context.clock.receiveTime(),
        decoding: route.decoding,
        refusal: route.refusal,
        correlation,
      },
      { waiting, keptBytes: this.#keptBy(payload), isTold: this.#session.protocolLevel === 5 },
    );
    this.#hold(message);
    this.#context.ingest.accept(message);
  }

  /** A payload keeps all of the memory that it was read into; the first one of it is what is charged. */
  #keptBy({ buffer }: Buffer): number {
    if (buffer === this.#counted) return 0;
    this.#counted = buffer;
    return buffer.byteLength;
  }

  #hold(publish: HeldPublish): void {
    this.#flow.hold(publish.weight);
    if (publish.qos > 0) this.#acknowledgements.add(publish);
    if (publish.waiting === 0) this.released(publish);
  }

  /** No version of MQTT has another answer to it (MQTT 5 section 4.13.1). */
  #refuseSize(bytes: number): false {
    const { quota } = this.#session;
    quota.hit('message_bytes');
    this.#flushRun();
    const detail = `message_bytes_limit is ${quota.limits.message_bytes}, and the message has ${bytes} bytes`;
    this.#options.end({ reason: 'message_bytes_limit', detail, manner: 'lost' });
    return false;
  }

  /**
   * MQTT 5 says so in PUBACK or PUBREC, in its turn. 3.1.1 has no way to refuse one PUBLISH, so the connection ends
   * [MQTT-3.3.5-2]. The owner reads why.
   * @returns whether the connection lives on
   */
  #refusePublish({ topic }: TopicRoute, view: PublishView): boolean {
    this.#complaints.publishRefused(topic);
    if (this.#session.protocolLevel === 5) {
      const refused = new HeldPublish(this, view, 0);
      refused.reason = reasonCode.not_authorized;
      if (view.qos > 0) this.#hold(refused);
      return true;
    }
    this.#flushRun();
    this.#options.end({ reason: 'topic_not_granted', detail: topic.slice(0, 200), manner: 'lost' });
    return false;
  }

  #subscribe(packet: Buffer, body: number): void {
    const { forward, answer, refused, beyond } = this.#subscribes.begin(packet, body);
    this.#complaints.subscribeRefused(refused);
    if (beyond) this.#complaints.subscribedTooMuch(beyond);
    this.#flushRun();
    if (forward) this.#upstream.write(forward);
    else this.#write(answer);
  }

  /** The device's presence follows this connection from now on. */
  #speakFor(device: DeviceRef): void {
    if (this.#devices.size >= MOST_DEVICES) return;
    this.#devices.add(device);
    this.#commands.spokeFor(device.externalDeviceId);
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
      if (this.#flow.held === 0) this.#onDrained();
      return;
    }
    this.#flow.resume();
  };

  #write(bytes: Buffer): void {
    if (!this.#socket.write(bytes)) this.#upstream.pause();
  }

  readonly #resumeUpstream = (): void => {
    this.#upstream.resume();
  };
}

function payloadOf(buffer: Buffer, { payloadStart, payloadEnd }: PublishView): Buffer {
  return buffer.subarray(payloadStart, payloadEnd);
}

/** Changes the QoS in a PUBLISH's fixed header. */
const QOS_2_TO_1 = 6;
/** The flag of the fixed header by which a packet says that it is sent again. */
const DUP = 8;

/** MQTT 3.1 has the flag in PUBREL, SUBSCRIBE and UNSUBSCRIBE too (its section 2.1), where 3.1.1 forbids it. */
function withoutDup(packet: Buffer): Buffer {
  const type = packet[0]! >> 4;
  const mayHaveIt =
    type === packetType.pubrel || type === packetType.subscribe || type === packetType.unsubscribe;
  if (!mayHaveIt) return packet;
  const copy = Buffer.from(packet);
  copy[0]! &= ~DUP;
  return copy;
}
