import type pg from 'pg';
import type { Caller } from '../database/scope.ts';
import { parseSnapshot } from '../domain/snapshot.ts';
import { PlatformError } from '../service/errors.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { EventFeed, type Subscriber } from './event-feed.ts';
import { encode, openEventStream } from './event-stream.ts';

export interface EventHub extends Service {
  /** Something of this organization was committed. */
  wake(organizationId: string): void;
  /** Something may have been committed that nobody told of. */
  wakeAll(): void;
  /**
   * Opens a stream. When it resolves the client misses nothing that commits from now on.
   * @throws PlatformError `limit_reached`, `unavailable`, or `not_found` for who may not read the organization
   */
  open(request: StreamRequest): Promise<Response>;
}

export interface StreamRequest {
  organizationId: string;
  caller: Caller;
  /** What the client got last; undefined to start from now. */
  lastEventId: string | undefined;
  /** Asked now and then: whether the session or key is still good and the membership stands. */
  stillAllowed(): Promise<boolean>;
}

/** What happens how often, in milliseconds. */
const intervals = {
  /** A comment keeps proxies from closing a quiet connection, and finds out clients that are gone. */
  heartbeat: 15_000,
  /** Notifications tell of what is new; should one get lost, this finds it. */
  poll: 5_000,
  /** Sessions end, keys are revoked, members leave: their streams end within 30 s. */
  recheck: 20_000,
};
/**
 * A turn takes about 1 ms of a database connection. At 500 messages/s, publish to event: p50 4.4 ms with turns 5 ms
 * apart, 7.1 ms with 10 ms, for a tenth less CPU. Many organizations at once share 250 turns a second.
 */
const turnInterval = (organizations: number) => Math.max(5, organizations * 4);
const MOST_STREAMS = 2000;
/** Browser tabs of one user, or processes with one key. */
const MOST_STREAMS_PER_CALLER = 30;

interface Open {
  subscriber: Subscriber;
  callerId: string;
  stillAllowed(): Promise<boolean>;
}

export interface EventHubOptions {
  pool: pg.Pool;
  log: Logger;
  every?: Partial<typeof intervals>;
}

/** The event streams of this process. */
export function createEventHub({ pool, log, every }: EventHubOptions): EventHub {
  const feeds = new Map<string, EventFeed>();
  const opened = new Set<Open>();
  const timers: NodeJS.Timeout[] = [];
  const interval = () => turnInterval(feeds.size);
  let stopped = false;
  let rechecking = false;

  function subscribe(request: StreamRequest): Subscriber {
    const { organizationId, lastEventId, caller, stillAllowed } = request;
    const feed = feeds.get(organizationId) ?? new EventFeed({ organizationId, pool, log, interval });
    feeds.set(organizationId, feed);
    const position = lastEventId === undefined ? undefined : parseSnapshot(lastEventId);
    const subscriber: Subscriber = {
      caller,
      stream: openEventStream(() => {
        opened.delete(entry);
        feed.subscribers.delete(subscriber);
        if (feed.subscribers.size === 0) feeds.delete(organizationId);
      }),
      position,
      lost: lastEventId !== undefined && position === undefined,
      placed: Promise.withResolvers(),
    };
    const entry: Open = { subscriber, callerId: idOf(caller), stillAllowed };
    opened.add(entry);
    feed.subscribers.add(subscriber);
    feed.wake();
    return subscriber;
  }

  function refuseTooMany(caller: Caller): void {
    const own = [...opened].filter(({ callerId }) => callerId === idOf(caller)).length;
    if (own >= MOST_STREAMS_PER_CALLER) {
      throw new PlatformError('limit_reached', `${MOST_STREAMS_PER_CALLER} event streams are open already.`);
    }
    if (stopped || opened.size >= MOST_STREAMS) {
      throw new PlatformError('unavailable', 'No more event streams can be opened here at the moment.', {
        retryAfter: 5,
      });
    }
  }

  async function recheck(): Promise<void> {
    if (rechecking) return;
    rechecking = true;
    for (const { subscriber, stillAllowed } of [...opened]) {
      // While the database is away nothing is read either; the next round tells.
      const allowed = await stillAllowed().catch(() => true);
      if (!allowed) subscriber.stream.close();
    }
    rechecking = false;
  }

  const wakeAll = () => {
    for (const feed of feeds.values()) feed.wake();
  };

  return {
    name: 'event streams',
    async start() {
      const heartbeat = encode(': heartbeat\n\n');
      const beat = () => {
        for (const { subscriber } of [...opened]) subscriber.stream.send(heartbeat);
      };
      const { heartbeat: beatMs, poll, recheck: recheckMs } = { ...intervals, ...every };
      timers.push(setInterval(beat, beatMs));
      timers.push(setInterval(wakeAll, poll));
      timers.push(setInterval(() => void recheck(), recheckMs));
    },
    async stop() {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
      await Promise.all([...feeds.values()].map((feed) => feed.stop()));
    },
    wake: (organizationId) => feeds.get(organizationId)?.wake(),
    wakeAll,
    async open(request) {
      refuseTooMany(request.caller);
      const subscriber = subscribe(request);
      try {
        await subscriber.placed.promise;
      } catch (error) {
        subscriber.stream.close();
        throw error ?? new PlatformError('not_found', 'There is no organization with this id.');
      }
      return subscriber.stream.response;
    },
  };
}

function idOf(caller: Caller): string {
  return caller.kind === 'user' ? caller.userId : caller.apiKeyId;
}
