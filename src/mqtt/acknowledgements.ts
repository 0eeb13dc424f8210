import type { ReceivedMessage } from './consumer-options.ts';
import type { PublishView } from './packet.ts';
import type { Window } from './window.ts';

/** A message as handed to the consumer's user. */
export class Delivery implements ReceivedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly packetId: number;
  readonly correlation: Buffer | undefined;
  readonly #acknowledgements: Acknowledgements;
  #isAcknowledged = false;

  constructor(
    topic: string,
    payload: Buffer,
    qos: 0 | 1,
    { retain, dup, packetId }: PublishView,
    correlation: Buffer | undefined,
    acknowledgements: Acknowledgements,
  ) {
    this.topic = topic;
    this.payload = payload;
    this.qos = qos;
    this.retain = retain;
    this.dup = dup;
    this.packetId = packetId;
    this.correlation = correlation;
    this.#acknowledgements = acknowledgements;
  }

  get isOrphan(): boolean {
    return this.#acknowledgements.isClosed;
  }

  get isAcknowledged(): boolean {
    return this.#isAcknowledged;
  }

  acknowledge(): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    this.#acknowledgements.acknowledged(this);
  }
}

/**
 * PUBACKs of one connection. They leave in the order in which the messages came [MQTT-4.6.0-2], and those that become
 * ready in one turn of the event loop leave in one write.
 */
export class Acknowledgements {
  readonly #window: Window;
  readonly #write: (bytes: Buffer) => void;
  #queue: Delivery[] = [];
  #head = 0;
  #isScheduled = false;
  #whenDrained: (() => void)[] = [];
  #isClosed = false;

  constructor(window: Window, write: (bytes: Buffer) => void) {
    this.#window = window;
    this.#write = write;
  }

  /** A message is about to be handed on. QoS 0 has no PUBACK, but its place in the window. */
  add(delivery: Delivery): void {
    this.#window.take(delivery.payload.length);
    if (delivery.qos === 1) this.#queue.push(delivery);
  }

  acknowledged(delivery: Delivery): void {
    this.#window.give(delivery.payload.length);
    if (this.#isScheduled || delivery.qos === 0) return;
    this.#isScheduled = true;
    // Behind all that this turn of the event loop still acknowledges.
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** Sends what may leave now. */
  flush(): void {
    const from = this.#head;
    while (this.#queue[this.#head]?.isAcknowledged) this.#head += 1;
    if (this.#head > from) this.#write(pubacks(this.#queue, from, this.#head));
    if (this.#head === this.#queue.length) this.#clear();
    else if (this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Resolves when every message of the connection is acknowledged, or the connection is gone. */
  drained(): Promise<void> {
    if (this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenDrained.push(resolve));
  }

  /** The connection is gone. What is acknowledged from now on only gives its place in the window back. */
  close(): void {
    this.#isClosed = true;
    this.#clear();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  #clear(): void {
    this.#queue = [];
    this.#head = 0;
    for (const resolve of this.#whenDrained.splice(0)) resolve();
  }
}

/** In MQTT 5 as in 3.1.1: without a reason code it means success (5.0 section 3.4.2.1). */
function pubacks(queue: readonly Delivery[], from: number, to: number): Buffer {
  const bytes = Buffer.allocUnsafe((to - from) * 4);
  for (let index = from, at = 0; index < to; index += 1) {
    const { packetId } = queue[index]!;
    bytes[at++] = 0x40;
    bytes[at++] = 2;
    bytes[at++] = packetId >> 8;
    bytes[at++] = packetId & 255;
  }
  return bytes;
}
