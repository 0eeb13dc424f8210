import type pg from 'pg';
import { type FetchedEvents, fetchEvents } from '../database/events.ts';
import { type Caller, withScope } from '../database/scope.ts';
import { parseSnapshot, type Snapshot } from '../domain/snapshot.ts';
import type { Logger } from '../service/log.ts';
import { type EventStream, encode } from './event-stream.ts';

/** Turns follow each other in so many times their duration: the slower the database is, the fewer they are. */
const PACE = 2;

/** A client of the feed. */
export interface Subscriber {
  readonly caller: Caller;
  readonly stream: EventStream;
  /** What it has. Undefined: nothing yet, and it starts from now. */
  position: Snapshot | undefined;
  /** It asked for a position that nobody can resume from. */
  lost: boolean;
  /** Settled when it was placed: from then on it misses nothing. */
  readonly placed: PromiseWithResolvers<void>;
}

/**
 * The events of one organization for all its clients in this process.
 *
 * Each turn is one transaction at REPEATABLE READ: every client's position, mostly the same one, is fetched from and
 * all end at the transaction's own snapshot. So clients that come or return are in step with the others after one
 * turn, without a gap and without a second way of catching up.
 *
 * An event's id is what a client has when it got that far and no further. Within a turn the order of events is not that
 * of a snapshot, so all but the last carry the position before the turn and the last the one after it: a client that is
 * cut off in the middle of a turn gets the turn again, and never misses one of its events.
 */
export class EventFeed {
  readonly subscribers = new Set<Subscriber>();
  readonly #organizationId: string;
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  readonly #interval: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turning: Promise<void> | undefined;
  #woken = false;
  #lastTurn = Number.NEGATIVE_INFINITY;
  #lastTurnMs = 0;

  /** @param options.interval milliseconds from one turn to the next at least: what commits meanwhile goes out together */
  constructor(options: { organizationId: string; pool: pg.Pool; log: Logger; interval: () => number }) {
    this.#organizationId = options.organizationId;
    this.#pool = options.pool;
    this.#log = options.log;
    this.#interval = options.interval;
  }

  /** There may be something new. */
  wake(): void {
    this.#woken = true;
    if (this.#turning || this.#timer !== undefined) return;
    const pace = Math.max(this.#interval(), this.#lastTurnMs * PACE);
    const wait = this.#lastTurn + pace - performance.now();
    if (wait <= 0) this.#startTurn();
    else this.#timer = setTimeout(() => this.#startTurn(), wait);
  }

  /** Resolves when no turn is under way and none will begin. */
  async stop(): Promise<void> {
    for (const subscriber of this.subscribers) subscriber.stream.close();
    this.subscribers.clear();
    clearTimeout(this.#timer);
    await this.#turning;
  }

  #startTurn(): void {
    this.#timer = undefined;
    this.#woken = false;
    this.#lastTurn = performance.now();
    this.#turning = this.#turn()
      .catch((error: unknown) => this.#failed(error))
      .then(() => {
        this.#lastTurnMs = performance.now() - this.#lastTurn;
        this.#turning = undefined;
        if (this.#woken && this.subscribers.size > 0) this.wake();
      });
  }

  /** Reads under the scope of one client for all. One that may not read any more is sent away, and the next asked. */
  async #turn(): Promise<void> {
    for (const reader of this.subscribers) {
      const allowed = await withScope(this.#pool, reader.caller, (tx) => this.#fetchAll(tx), {
        snapshot: true,
        planned: true,
      });
      if (allowed) return;
      reader.placed.reject(undefined);
      reader.stream.close();
    }
  }

  async #fetchAll(tx: Parameters<typeof fetchEvents>[0]): Promise<boolean> {
    const turns = new Map<string, { fetched: FetchedEvents; bytes: Uint8Array }>();
    for (const subscriber of [...this.subscribers]) {
      const key = subscriber.lost ? 'lost' : (subscriber.position?.text ?? 'new');
      let turn = turns.get(key);
      if (!turn) {
        const fetched = await fetchEvents(tx, {
          organizationId: this.#organizationId,
          after: subscriber.lost ? undefined : subscriber.position,
        });
        if (!fetched.allowed) return false;
        turn = { fetched, bytes: encode(written(subscriber, fetched)) };
        turns.set(key, turn);
      }
      subscriber.position = parseSnapshot(turn.fetched.cursor);
      subscriber.lost = false;
      if (turn.bytes.length > 0) subscriber.stream.send(turn.bytes);
      subscriber.placed.resolve();
    }
    return true;
  }

  /** A stream that can't be read looks like one on which nothing happens: better it ends, and is resumed. */
  #failed(error: unknown): void {
    this.#log.warn({ organization: this.#organizationId, error }, 'events could not be read');
    for (const subscriber of [...this.subscribers]) {
      subscriber.placed.reject(error);
      subscriber.stream.close();
    }
  }
}

function written(subscriber: Subscriber, { cursor, events }: FetchedEvents): string {
  if (subscriber.lost || !events) return `event: reset\nid: ${cursor}\ndata: {}\n\n`;
  // An id alone is no event to a browser, but what it comes back with.
  if (!subscriber.position) return `id: ${cursor}\n\n`;
  const before = subscriber.position.text;
  return events
    .map(({ event, data }, index) => {
      const id = index === events.length - 1 ? cursor : before;
      return `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;
    })
    .join('');
}
