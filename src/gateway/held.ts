import type { QuarantineReason } from '../domain/reading.ts';
import type { Microseconds } from '../domain/time.ts';
import type { DeviceRef } from '../ingest/device-registry.ts';
import type { InboundMessage, MessageOutcome, MessageSource } from '../ingest/message.ts';
import { reasonCode } from '../mqtt/reasons.ts';

/** What an acknowledgement still waits for. */
export const COMMIT = 1;
export const ENGINE = 2;

/** What a publish weighs in the limits of memory beside its payload, in bytes: measured at about 1,200. */
const OVERHEAD_BYTES = 1200;

/** PUBACK or PUBREC with a reason. */
const LONGEST_ACKNOWLEDGEMENT = 5;

/** Whoever holds publishes, told when nothing is awaited for one any more. */
export interface Holder {
  released(publish: HeldPublish): void;
}

/** A PUBLISH that is not acknowledged yet. */
export class HeldPublish {
  readonly holder: Holder;
  readonly qos: 0 | 1 | 2;
  /** 0 for QoS 0. */
  readonly packetId: number;
  /** COMMIT and ENGINE, as long as either is outstanding. */
  waiting: number;
  /** What its acknowledgement says in MQTT 5, the engine's word or the gateway's: 0, success, in 3.1.1. */
  reason = 0;

  constructor(holder: Holder, publish: { qos: 0 | 1 | 2; packetId: number }, waiting: number) {
    this.holder = holder;
    this.qos = publish.qos;
    this.packetId = publish.packetId;
    this.waiting = waiting;
  }

  /** Bytes of memory, roughly. */
  get weight(): number {
    return OVERHEAD_BYTES;
  }

  /** Whether it is the same message; of one that is not stored it is taken for granted. */
  isSame(_topic: string, _payload: Uint8Array): boolean {
    return true;
  }

  clear(flag: number): void {
    if ((this.waiting & flag) === 0) return;
    this.waiting &= ~flag;
    if (this.waiting === 0) this.holder.released(this);
  }
}

/** A PUBLISH that is stored as well. */
export class HeldMessage extends HeldPublish implements InboundMessage {
  readonly source: MessageSource;
  readonly device: DeviceRef | undefined;
  readonly channel: InboundMessage['channel'];
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly receivedAt: Microseconds;
  readonly decoding: InboundMessage['decoding'];
  readonly refusal: InboundMessage['refusal'];
  readonly correlation: InboundMessage['correlation'];

  readonly #keptBytes: number;
  readonly #isTold: boolean;

  /**
   * @param keptBytes what is kept in memory on its account, besides objects
   * @param isTold its acknowledgement can say that it is in quarantine for a limit
   */
  constructor(
    holder: Holder,
    message: Omit<InboundMessage, 'settled'>,
    { waiting, keptBytes, isTold = false }: { waiting: number; keptBytes: number; isTold?: boolean },
  ) {
    super(holder, message, waiting);
    this.#keptBytes = keptBytes;
    this.#isTold = isTold && message.qos === 1;
    this.source = message.source;
    this.device = message.device;
    this.channel = message.channel;
    this.topic = message.topic;
    this.payload = message.payload;
    this.retain = message.retain;
    this.dup = message.dup;
    this.receivedAt = message.receivedAt;
    this.decoding = message.decoding;
    this.refusal = message.refusal;
    this.correlation = message.correlation;
  }

  override get weight(): number {
    return this.#keptBytes + OVERHEAD_BYTES;
  }

  override isSame(topic: string, payload: Uint8Array): boolean {
    return this.topic === topic && this.payload.equals(payload);
  }

  /** Whatever the outcome, the message is in the database. With QoS 2 a refusal would end its exchange (section 4.3.3). */
  settled(_outcome: MessageOutcome, reason?: QuarantineReason): void {
    if (this.#isTold && (reason === 'stored_rows' || reason === 'device_limit'))
      this.reason = reasonCode.quota_exceeded;
    this.clear(COMMIT);
  }
}

/**
 * Acknowledgements leave in the order in which the packets came [MQTT-4.6.0-2], however commits and the engine
 * overtake each other.
 */
export class AcknowledgementQueue {
  #queue: HeldPublish[] = [];
  #head = 0;
  /** By packet id, for what the engine says of it: the first with that id, and those behind it. */
  readonly #inFlight = new Map<number, HeldPublish>();
  /** A client must not use a packet id again before it is answered [MQTT-2.3.1-2]. Those that do lose nothing. */
  readonly #reused = new Map<number, HeldPublish[]>();
  /** Of QoS 2, between PUBREC and PUBCOMP. */
  #halfway = 0;

  get length(): number {
    return this.#queue.length - this.#head;
  }

  /** Publishes whose exchange has not come to its end: what Receive Maximum bounds (MQTT 5 section 4.9). */
  get underWay(): number {
    return this.length + this.#halfway;
  }

  /** What the client last used this packet id for, if it was not answered yet. */
  unanswered(packetId: number): HeldPublish | undefined {
    return this.#reused.get(packetId)?.at(-1) ?? this.#inFlight.get(packetId);
  }

  add(publish: HeldPublish): void {
    const { packetId } = publish;
    this.#queue.push(publish);
    if (!this.#inFlight.has(packetId)) this.#inFlight.set(packetId, publish);
    else if (!this.#reused.get(packetId)?.push(publish)) this.#reused.set(packetId, [publish]);
  }

  /** The engine acknowledged. @returns false when nothing with this id waits for it */
  engineAcknowledged(packetId: number, reason: number): boolean {
    const isAwaited = (publish: HeldPublish | undefined) => ((publish?.waiting ?? 0) & ENGINE) !== 0;
    let publish = this.#inFlight.get(packetId);
    if (!isAwaited(publish)) publish = this.#reused.get(packetId)?.find(isAwaited);
    if (!publish) return false;
    if (publish.reason === 0) publish.reason = reason;
    publish.clear(ENGINE);
    return true;
  }

  /** PUBCOMP goes to the client. One may be of an exchange from before a reconnect. */
  completed(): void {
    if (this.#halfway > 0) this.#halfway -= 1;
  }

  /** The engine is gone and acknowledges nothing more. */
  abandon(): void {
    for (let at = this.#head; at < this.#queue.length; at += 1) this.#queue[at]!.clear(ENGINE);
  }

  /** PUBACKs and PUBRECs that may leave now, as bytes; undefined when none may. */
  takeReady(): Buffer | undefined {
    let count = 0;
    while (this.#head + count < this.#queue.length && this.#queue[this.#head + count]!.waiting === 0)
      count += 1;
    if (count === 0) return undefined;
    const bytes = Buffer.allocUnsafe(count * LONGEST_ACKNOWLEDGEMENT);
    let at = 0;
    for (let index = 0; index < count; index += 1) {
      const { qos, packetId, reason } = this.#queue[this.#head + index]!;
      this.#answered(packetId);
      // One with 0x80 or more ends the exchange [MQTT-4.3.3-4 of MQTT 5].
      if (qos === 2 && reason < 0x80) this.#halfway += 1;
      bytes[at++] = qos === 1 ? 0x40 : 0x50;
      bytes[at++] = reason === 0 ? 2 : 3;
      bytes[at++] = packetId >> 8;
      bytes[at++] = packetId & 255;
      if (reason !== 0) bytes[at++] = reason;
    }
    this.#head += count;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return bytes.subarray(0, at);
  }

  #answered(packetId: number): void {
    const reused = this.#reused.size > 0 ? this.#reused.get(packetId) : undefined;
    if (!reused) {
      this.#inFlight.delete(packetId);
      return;
    }
    this.#inFlight.set(packetId, reused.shift()!);
    if (reused.length === 0) this.#reused.delete(packetId);
  }
}
