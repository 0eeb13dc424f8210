import type { IncomingRow, SessionRow, SubscriptionRow } from '../../database/broker.ts';
import type { Journal } from './journal.ts';
import type { Link, Outbox } from './outbox.ts';

/** One client's session: what it subscribed to, what it is owed, and which of its QoS 2 messages are known. */
export class Session implements SessionRow {
  readonly id: number;
  readonly clientId: string;
  readonly userName: string;
  readonly outbox: Outbox;
  /** Absent for a clean session, which ends with its connection and is never written. */
  readonly journal: Journal | undefined;
  /** By filter. */
  readonly subscriptions = new Map<string, SubscriptionRow>();
  /** QoS 2 messages received and not yet released, by packet id. */
  readonly incoming = new Map<number, IncomingRow>();
  /** Milliseconds since 1970; undefined while connected. */
  disconnectedAt: number | undefined;
  /** Messages that found no room since the client last connected. */
  dropped = 0;
  #link: Link | undefined;

  constructor(fields: {
    row: Pick<SessionRow, 'id' | 'clientId' | 'userName'>;
    outbox: Outbox;
    journal: Journal | undefined;
  }) {
    this.id = fields.row.id;
    this.clientId = fields.row.clientId;
    this.userName = fields.row.userName;
    this.outbox = fields.outbox;
    this.journal = fields.journal;
  }

  get isPersistent(): boolean {
    return this.journal !== undefined;
  }

  get isConnected(): boolean {
    return this.#link !== undefined;
  }

  /** The session's client is there. What was owed to it goes out. */
  attach(link: Link): void {
    this.#link = link;
    this.disconnectedAt = undefined;
    this.dropped = 0;
    this.outbox.attach(link);
  }

  /** @returns false when another connection has taken over, which then goes on undisturbed */
  detach(link: Link, now: number): boolean {
    if (this.#link !== link) return false;
    this.#link = undefined;
    this.disconnectedAt = now;
    this.outbox.detach(link);
    return true;
  }
}
