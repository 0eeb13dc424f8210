import type { Client } from 'aedes';
import { encodeAcknowledgement, encodePublish } from './encode.ts';
import type { Commit } from './journal.ts';
import type { EmbeddedLimits } from './limits.ts';
import type { Delivery, Link } from './outbox.ts';
import type { Session } from './session.ts';

interface Acknowledgement {
  bytes: Buffer;
  /** What must be on disk first. */
  commit: Commit | undefined;
}

/**
 * Our half of a client's connection. Aedes reads the client's packets and answers most of them; what must wait
 * for the disk (PUBACK, PUBREC) or goes through a session (PUBLISH, PUBREL) is written here.
 */
export class Connection implements Link {
  readonly client: Client;
  /** Empty until the client has said who it is. */
  userName = '';
  session: Session | undefined;
  /** The client's will is not to be published, however the connection ends. */
  isSilent = false;
  readonly #limits: EmbeddedLimits;
  #outgoing: Buffer[] = [];
  #outgoingBytes = 0;
  readonly #acknowledgements: Acknowledgement[] = [];
  readonly #held: (() => void)[] = [];
  /** The last commit that something waits for. */
  #awaited: Commit | undefined;

  constructor(client: Client, limits: EmbeddedLimits) {
    this.client = client;
    this.#limits = limits;
    client.conn.on('drain', () => this.session?.outbox.pump());
  }

  get ready(): boolean {
    const { conn } = this.client;
    return !conn.writableNeedDrain && this.#outgoingBytes < conn.writableHighWaterMark;
  }

  get roomy(): boolean {
    return this.client.conn.writableLength + this.#outgoingBytes < this.#limits.sendBufferBytes;
  }

  publish(delivery: Delivery): void {
    this.#write(encodePublish(delivery));
  }

  release(packetId: number): void {
    this.#write(encodeAcknowledgement('pubrel', packetId));
  }

  /** Acknowledges a message once it is on disk, and in the order that messages came in [MQTT-4.6.0-2]. */
  acknowledge(type: 'puback' | 'pubrec', packetId: number, commit: Commit | undefined): void {
    const bytes = encodeAcknowledgement(type, packetId);
    if (!commit && this.#acknowledgements.length === 0) {
      this.#write(bytes);
      return;
    }
    this.#acknowledgements.push({ bytes, commit });
    if (!commit || commit === this.#awaited) return;
    this.#awaited = commit;
    void commit.promise.then(() => this.#settle());
  }

  /**
   * Calls back when the client may send more: at once, unless it has more unacknowledged than it may.
   * Meanwhile nothing is read from it; its pings the gateway answers.
   */
  whenReady(callback: () => void): void {
    if (this.#acknowledgements.length < this.#limits.unacknowledged) callback();
    else this.#held.push(callback);
  }

  close(): void {
    this.client.close();
  }

  #settle(): void {
    let settled = 0;
    for (const { bytes, commit } of this.#acknowledgements) {
      if (commit && !commit.done) break;
      this.#write(bytes);
      settled += 1;
    }
    this.#acknowledgements.splice(0, settled);
    if (this.#acknowledgements.length >= this.#limits.unacknowledged) return;
    for (const callback of this.#held.splice(0)) callback();
  }

  /** One write for all packets of a turn: each costs the other side of the pair a turn of its own. */
  #write(bytes: Buffer): void {
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush());
    this.#outgoing.push(bytes);
    this.#outgoingBytes += bytes.length;
  }

  #flush(): void {
    const bytes = this.#outgoing.length === 1 ? this.#outgoing[0]! : Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    if (this.client.conn.destroyed) return;
    if (this.client.conn.write(bytes)) this.session?.outbox.pump();
  }
}
