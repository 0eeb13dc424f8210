import type { QueueRow, RetainedRow } from '../../database/broker.ts';
import { type Budget, messageBytes } from './budget.ts';
import type { Journal } from './journal.ts';
import type { Message, QoS } from './message.ts';

/** How one message goes to one client. */
export interface Delivery {
  topic: string;
  payload: Buffer;
  qos: QoS;
  packetId: number;
  retain: boolean;
  dup: boolean;
}

/** The connection that a session has at the moment. */
export interface Link {
  /** False while the client reads too slowly for more. */
  readonly ready: boolean;
  /** False when so much is on the way that QoS 0 messages are better dropped. */
  readonly roomy: boolean;
  publish(delivery: Delivery): void;
  release(packetId: number): void;
}

export interface OutboxOptions {
  sessionId: number;
  /** Absent for a clean session, of which nothing is kept. */
  journal: Journal | undefined;
  budget: Budget;
  /** Messages on the way to the client at a time. */
  window: number;
  nextId: () => number;
  /** A message found no room; `limit` names what was full. */
  dropped: (limit: string) => void;
}

interface Entry extends QueueRow {
  readonly bytes: number;
  /** What the packet id may be used for is on disk: always with QoS 1, where using another one after a crash does no harm. */
  safe: boolean;
  /** Sent before, so that it goes out with DUP [MQTT-3.3.1-1]. */
  sent: boolean;
}

const MAX_PACKET_ID = 65_535;

/**
 * What one session still has to deliver, in order: waiting, on the way, and retained messages of new subscriptions.
 * A full outbox takes no more; what it has is never given up for something newer.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Entry[] = [];
  /** Position of the first that waits; the ones before it are gone. */
  #first = 0;
  /** By packet id, in the order they were sent. */
  readonly #inflight = new Map<number, Entry>();
  /** Retained messages still to be sent, by the filter that asked for them. */
  readonly #replays = new Map<string, { granted: QoS; messages: Iterator<RetainedRow> }>();
  #link: Link | undefined;
  #lastPacketId = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Messages that wait or are not acknowledged. */
  get size(): number {
    return this.#waiting.length - this.#first + this.#inflight.size;
  }

  /** Takes a message for delivery with at most the granted QoS; without a link those of QoS 0 go nowhere. */
  offer(message: Message, granted: QoS): void {
    const qos = Math.min(message.qos, granted) as QoS;
    if (qos === 0) {
      this.#passOn(message);
      return;
    }
    const limit = this.#options.budget.exceededBy(messageBytes(message.topic, message.payload));
    if (limit === undefined) {
      this.#waiting.push(
        this.#newEntry({ topic: message.topic, payload: message.hold(), qos, retain: false }),
      );
      this.pump();
    } else this.#options.dropped(limit);
  }

  /** Sends retained messages as the client takes them, after what waits. A repeated filter starts over. */
  replay(filter: string, granted: QoS, messages: Iterator<RetainedRow>): void {
    this.#replays.set(filter, { granted, messages });
    this.pump();
  }

  cancelReplay(filter: string): void {
    this.#replays.delete(filter);
  }

  /** What was on the way goes out again in its old order with its old packet ids [MQTT-4.4.0-1]. */
  attach(link: Link): void {
    this.#link = link;
    for (const entry of this.#inflight.values()) {
      if (entry.safe) this.#send(entry);
    }
    this.pump();
  }

  detach(link: Link): void {
    if (this.#link === link) this.#link = undefined;
  }

  /** Sends while the client takes more. To be called when it may. */
  pump(): void {
    while (this.#link?.ready && this.#inflight.size < this.#options.window) {
      const entry = this.#shift() ?? this.#nextRetained();
      if (!entry) return;
      if (entry === 'sent') continue;
      this.#start(entry);
    }
  }

  /** The client's PUBACK or PUBCOMP: that message is delivered. */
  acknowledge(packetId: number, by: 'puback' | 'pubcomp'): void {
    const entry = this.#inflight.get(packetId);
    if (!entry || entry.qos !== (by === 'puback' ? 1 : 2)) return;
    this.#inflight.delete(packetId);
    this.#forget(entry);
    this.pump();
  }

  /**
   * The client's PUBREC: from now on only PUBREL is owed. That must be on disk before PUBREL is sent, or a
   * restart would send the message again to a client that has forgotten its packet id.
   * @returns when the caller may send PUBREL on the connection that PUBREC came from
   */
  async received(packetId: number): Promise<void> {
    const entry = this.#inflight.get(packetId);
    if (entry?.qos !== 2) return;
    if (!entry.released) {
      entry.released = true;
      this.#options.journal?.update('queue', entry);
    }
    const link = this.#link;
    await this.#secure(entry);
    if (this.#link !== link && this.#inflight.get(packetId) === entry) this.#send(entry);
  }

  /** Takes up what the database had, in its order. */
  restore(row: QueueRow): void {
    const bytes = messageBytes(row.topic, row.payload);
    const isSent = row.packetId > 0;
    const entry: Entry = { ...row, bytes, safe: true, sent: isSent };
    this.#options.budget.take(bytes);
    if (!isSent) {
      this.#waiting.push(entry);
      return;
    }
    this.#inflight.set(row.packetId, entry);
    this.#lastPacketId = Math.max(this.#lastPacketId, row.packetId);
  }

  /** Forgets everything, for a session that has ended. */
  clear(): void {
    this.#link = undefined;
    this.#replays.clear();
    for (const entry of this.#inflight.values()) this.#forget(entry);
    for (const entry of this.#waiting.slice(this.#first)) this.#forget(entry);
    this.#inflight.clear();
    this.#waiting = [];
    this.#first = 0;
  }

  /** QoS 0: now or never. */
  #passOn({ topic, payload }: Message): void {
    if (this.#link?.roomy) this.#link.publish({ ...plain, topic, payload });
    else if (this.#link) this.#options.dropped('send buffer');
  }

  #newEntry(fields: Pick<QueueRow, 'topic' | 'payload' | 'qos' | 'retain'>): Entry {
    const { journal, sessionId, budget, nextId } = this.#options;
    const bytes = messageBytes(fields.topic, fields.payload);
    const entry = {
      ...fields,
      id: nextId(),
      sessionId,
      packetId: 0,
      released: false,
      bytes,
      safe: true,
      sent: false,
    };
    budget.take(bytes);
    journal?.insert('queue', entry);
    return entry;
  }

  #shift(): Entry | undefined {
    const entry = this.#waiting[this.#first];
    if (!entry) return undefined;
    this.#first += 1;
    if (this.#first === this.#waiting.length || this.#first > 1000) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    return entry;
  }

  /** The next retained message that is due: QoS 0 goes out at once, others as entries like any. */
  #nextRetained(): Entry | 'sent' | undefined {
    for (const [filter, { granted, messages }] of this.#replays) {
      const { value, done } = messages.next();
      if (done) {
        this.#replays.delete(filter);
        continue;
      }
      const { topic, payload } = value;
      const qos = Math.min(value.qos, granted) as QoS;
      if (qos > 0) return this.#newEntry({ topic, payload, qos: qos as 1 | 2, retain: true });
      this.#link?.publish({ ...plain, topic, payload, retain: true });
      return 'sent';
    }
    return undefined;
  }

  /** Gives a message its packet id. With QoS 2 that must be on disk first: under another one it would count as new. */
  #start(entry: Entry): void {
    entry.packetId = this.#freePacketId();
    this.#inflight.set(entry.packetId, entry);
    const { journal } = this.#options;
    journal?.update('queue', entry);
    if (!journal || entry.qos === 1) {
      this.#send(entry);
      return;
    }
    void this.#secure(entry).then(() => {
      if (this.#inflight.get(entry.packetId) === entry) this.#send(entry);
    });
  }

  /** Until what was put about it is on disk, `attach` leaves the entry alone. */
  async #secure(entry: Entry): Promise<void> {
    entry.safe = false;
    await this.#options.journal?.pending()?.promise;
    entry.safe = true;
  }

  #send(entry: Entry): void {
    if (!this.#link) return;
    const { topic, payload, qos, packetId, retain, sent: dup } = entry;
    if (entry.released) this.#link.release(packetId);
    else this.#link.publish({ topic, payload, qos, packetId, retain, dup });
    entry.sent = true;
  }

  #forget(entry: Entry): void {
    this.#options.budget.give(entry.bytes);
    this.#options.journal?.remove('queue', entry.id);
  }

  /** The window is far smaller than the ids there are, so one is always free. */
  #freePacketId(): number {
    do {
      this.#lastPacketId = (this.#lastPacketId % MAX_PACKET_ID) + 1;
    } while (this.#inflight.has(this.#lastPacketId));
    return this.#lastPacketId;
  }
}

const plain = { qos: 0, packetId: 0, retain: false, dup: false } as const;
