import type { BrokerRows, SessionRow } from '../../database/broker.ts';
import type { Clock } from '../../service/clock.ts';
import type { Logger } from '../../service/log.ts';
import { Budget } from './budget.ts';
import type { Journal } from './journal.ts';
import type { EmbeddedLimits } from './limits.ts';
import type { QoS } from './message.ts';
import { Outbox } from './outbox.ts';
import { Session } from './session.ts';
import { SubscriptionTrie } from './subscription-trie.ts';

interface SessionsOptions {
  journal: Journal;
  limits: EmbeddedLimits;
  log: Logger;
  clock: Clock;
  nextId: () => number;
}

/** What a CONNECT says of the session it wants. */
export interface SessionRequest {
  clientId: string;
  userName: string;
  /** True for one that starts empty and ends with its connection. */
  clean: boolean;
}

interface Quota {
  budget: Budget;
  /** Persistent sessions. */
  sessions: number;
  /** Filters of all sessions. */
  subscriptions: number;
}

/** Every session there is, by client id, with the subscriptions of all of them in one trie. */
export class Sessions {
  readonly subscriptions = new SubscriptionTrie<Session>();
  readonly #options: SessionsOptions;
  readonly #byClientId = new Map<string, Session>();
  readonly #quotas = new Map<string, Quota>();
  readonly #total: Budget;
  #dropped = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
    const bytes = options.limits.totalBytes;
    this.#total = new Budget({ name: 'total', messages: Number.MAX_SAFE_INTEGER, bytes });
  }

  /** Messages that wait or are not acknowledged, in all sessions. */
  get queued(): number {
    return this.#total.messages;
  }

  /** Messages for which a session had no room, since the engine started. */
  get dropped(): number {
    return this.#dropped;
  }

  get(clientId: string): Session | undefined {
    return this.#byClientId.get(clientId);
  }

  /** The session that a client which does not ask for a clean one goes on with. */
  stored(clientId: string): Session | undefined {
    const session = this.#byClientId.get(clientId);
    return session?.isPersistent ? session : undefined;
  }

  /** False when the organization has all the persistent sessions it may have, and this is not one of them. */
  hasRoomFor({ clientId, userName, clean }: SessionRequest): boolean {
    if (clean || this.stored(clientId)) return true;
    return this.#quotaOf(userName).sessions < this.#options.limits.sessionsPerOrganization;
  }

  /** The session of a client that has connected: the one it had, or a new one. */
  open(request: SessionRequest): Session {
    const known = this.#byClientId.get(request.clientId);
    if (known && !request.clean && known.isPersistent) {
      known.disconnectedAt = undefined;
      this.#options.journal.update('sessions', known);
      return known;
    }
    if (known) this.end(known);
    const row = { id: this.#options.nextId(), clientId: request.clientId, userName: request.userName };
    const session = this.#create(row, !request.clean);
    session.journal?.insert('sessions', session);
    return session;
  }

  /** A connection has ended: a clean session ends with it, another waits for its client. */
  leave(session: Session): void {
    if (!session.isPersistent) this.end(session);
    else if (this.#byClientId.get(session.clientId) === session) {
      this.#options.journal.update('sessions', session);
    }
  }

  /** Forgets a session with all that belongs to it. */
  end(session: Session): void {
    if (this.#byClientId.get(session.clientId) !== session) return;
    this.#byClientId.delete(session.clientId);
    for (const filter of [...session.subscriptions.keys()]) this.unsubscribe(session, filter);
    for (const packetId of [...session.incoming.keys()]) this.forget(session, packetId);
    session.outbox.clear();
    if (!session.journal) return;
    session.journal.remove('sessions', session.id);
    this.#quotaOf(session.userName).sessions -= 1;
  }

  /** @returns false when the session, or its organization, has all the subscriptions it may have, or has ended */
  subscribe(session: Session, filter: string, qos: QoS): boolean {
    if (this.#byClientId.get(session.clientId) !== session) return false;
    const known = session.subscriptions.get(filter);
    if (!known) {
      const { subscriptionsPerSession, subscriptionsPerOrganization } = this.#options.limits;
      const quota = this.#quotaOf(session.userName);
      if (session.subscriptions.size >= subscriptionsPerSession) return false;
      if (quota.subscriptions >= subscriptionsPerOrganization) return false;
      quota.subscriptions += 1;
      const row = { id: this.#options.nextId(), sessionId: session.id, filter, qos };
      session.subscriptions.set(filter, row);
      session.journal?.insert('subscriptions', row);
    } else if (known.qos !== qos) {
      known.qos = qos;
      session.journal?.update('subscriptions', known);
    }
    this.subscriptions.add(filter, session, qos);
    return true;
  }

  unsubscribe(session: Session, filter: string): void {
    const row = session.subscriptions.get(filter);
    if (!row) return;
    session.subscriptions.delete(filter);
    this.#quotaOf(session.userName).subscriptions -= 1;
    session.outbox.cancelReplay(filter);
    session.journal?.remove('subscriptions', row.id);
    this.subscriptions.remove(filter, session);
  }

  /** A QoS 2 message with this packet id has come; another with it is the same one until it is released. */
  remember(session: Session, packetId: number): void {
    const row = { id: this.#options.nextId(), sessionId: session.id, packetId };
    session.incoming.set(packetId, row);
    session.journal?.insert('incoming', row);
  }

  forget(session: Session, packetId: number): void {
    const row = session.incoming.get(packetId);
    if (!row) return;
    session.incoming.delete(packetId);
    session.journal?.remove('incoming', row.id);
  }

  /** Ends the sessions whose clients have been away for too long. */
  expire(): void {
    const oldest = this.#options.clock.now() - this.#options.limits.sessionExpiry;
    let ended = 0;
    for (const session of this.#byClientId.values()) {
      if (session.disconnectedAt === undefined || session.disconnectedAt > oldest) continue;
      this.end(session);
      ended += 1;
    }
    if (ended > 0)
      this.#options.log.info({ sessions: ended }, 'sessions of clients that did not come back ended');
  }

  /** Takes up a session that the database had. A crash did not see it leave: it left when we came. */
  restore(row: BrokerRows['sessions']): Session {
    const session = this.#create(row, true);
    session.disconnectedAt = row.disconnectedAt ?? this.#options.clock.now();
    return session;
  }

  restoreSubscription(session: Session, row: BrokerRows['subscriptions']): void {
    session.subscriptions.set(row.filter, row);
    this.#quotaOf(session.userName).subscriptions += 1;
    this.subscriptions.add(row.filter, session, row.qos);
  }

  #create(row: Pick<SessionRow, 'id' | 'clientId' | 'userName'>, isPersistent: boolean): Session {
    const { limits, nextId } = this.#options;
    const quota = this.#quotaOf(row.userName);
    const journal = isPersistent ? this.#options.journal : undefined;
    const bound = { name: 'session', messages: limits.sessionMessages, bytes: limits.sessionBytes };
    const session: Session = new Session({
      row,
      journal,
      outbox: new Outbox({
        sessionId: row.id,
        journal,
        budget: new Budget(bound, quota.budget),
        window: limits.inflight,
        nextId,
        dropped: (limit) => this.#drop(session, limit),
      }),
    });
    if (isPersistent) quota.sessions += 1;
    this.#byClientId.set(row.clientId, session);
    return session;
  }

  #drop(session: Session, limit: string): void {
    this.#dropped += 1;
    session.dropped += 1;
    if (session.dropped > 1) return;
    const { clientId } = session;
    this.#options.log.warn(
      { clientId, limit },
      'no room for a message to this client: dropped, as are those that follow',
    );
  }

  #quotaOf(userName: string): Quota {
    let quota = this.#quotas.get(userName);
    if (!quota) {
      const bound = {
        name: 'organization',
        messages: Number.MAX_SAFE_INTEGER,
        bytes: this.#options.limits.organizationBytes,
      };
      quota = { budget: new Budget(bound, this.#total), sessions: 0, subscriptions: 0 };
      this.#quotas.set(userName, quota);
    }
    return quota;
  }
}
