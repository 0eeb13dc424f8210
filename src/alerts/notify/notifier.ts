import type pg from 'pg';
import { WorkLease } from '../../database/leases.ts';
import {
  endSnoozes,
  holdNotices,
  notifyingDue,
  takeNotices,
  tellChannel,
  type WaitingChannel,
  waitingChannels,
} from '../../database/notices.ts';
import { isWithin } from '../../domain/schedule.ts';
import type { Clock } from '../../service/clock.ts';
import type { Service } from '../../service/lifecycle.ts';
import type { Logger } from '../../service/log.ts';
import { pause } from '../../service/pause.ts';
import { repeating } from '../../service/repeating.ts';
import { Outbox } from './outbox.ts';
import { Pace } from './pace.ts';
import type { Send } from './send.ts';

const EVERY_MS = 500;
/** Of several processes one does it, for two would each make a notification of half of what happened at once. */
const LEASE = 'notifications';
const LEASE_SECONDS = 20;
/** A snooze may have been committed after it had ended. */
const OVERLAP_MS = 60_000;
/** Words of the queue in one transaction; and how long they are taken before anybody is told, for the first are to be soon. */
const WORDS_AT_ONCE = 1000;
const TAKING_MS = 10_000;

export interface NotifierOptions {
  pool: pg.Pool;
  log: Logger;
  /** Of the process. */
  id: string;
  /** Nobody else can be there: whoever held the lease is gone. */
  isAlone?: boolean;
  clock: Clock;
  send: Send;
}

/**
 * Tells channels of alerts: takes what has happened from its queue, gathers it by channel, and sends what it becomes.
 * Each step is committed before the next, so whoever takes over goes on where another was.
 */
export class Notifier implements Service {
  readonly name = 'notifier';
  readonly #lease: WorkLease;
  readonly #options: NotifierOptions;
  readonly #outbox: Outbox;
  readonly #pace = new Pace();
  #snoozesEndedTo = 0;
  /** Said once, not twice a second. */
  #isHindered = false;
  readonly #turning = repeating(
    EVERY_MS,
    async () => {
      await this.#turn();
      this.#isHindered = false;
    },
    (error) => {
      if (!this.#isHindered)
        this.#options.log.warn({ error: String(error) }, 'notifications wait; it is tried again');
      this.#isHindered = true;
    },
  );

  constructor(options: NotifierOptions) {
    this.#options = options;
    const { pool, id: holder, isAlone } = options;
    this.#lease = new WorkLease(pool, { name: LEASE, holder, seconds: LEASE_SECONDS, isAlone });
    this.#outbox = new Outbox(options);
  }

  /** Attempts by what came of them, since the start. */
  get totals(): Readonly<Record<string, number>> {
    return this.#outbox.totals;
  }

  async start(): Promise<void> {
    this.#turning.start();
  }

  async stop(): Promise<void> {
    await this.#turning.stop();
    await this.#outbox.stop();
    await this.#lease.release();
  }

  /**
   * One turn and all that it sends, for who has no process that stays.
   * @param milliseconds that it may take; what is under way then is sent again by the next one, if it did not arrive
   */
  async once(milliseconds: number): Promise<void> {
    const deadline = performance.now() + milliseconds;
    const over = new AbortController();
    const late = pause(milliseconds, over.signal);
    try {
      await this.#turn();
      while (this.#outbox.isBusy && performance.now() < deadline) {
        await Promise.race([this.#outbox.settled(), late]);
        await this.#outbox.sendDue();
      }
    } finally {
      over.abort();
    }
    await this.#lease.release();
  }

  async #turn(): Promise<void> {
    if (!(await this.#lease.isOurs())) {
      this.#pace.clear();
      this.#snoozesEndedTo = 0;
      return;
    }
    const { pool, clock } = this.#options;
    const now = clock.now();
    const snoozedAfter = this.#snoozesEndedTo - OVERLAP_MS;
    const due = await notifyingDue(pool, { snoozedAfter, now });
    if (due.words) await this.#takeAll(now);
    if (due.snoozes) await endSnoozes(pool, { after: snoozedAfter, now });
    this.#snoozesEndedTo = now;
    const hasNews = due.words || due.snoozes || due.waiting;
    if (hasNews) await this.#tell();
    this.#pace.sweep(now);
    if (hasNews || due.deliveries) await this.#outbox.sendDue();
  }

  async #takeAll(now: number): Promise<void> {
    const until = performance.now() + TAKING_MS;
    while (performance.now() < until && (await this.#lease.isOurs())) {
      const taken = await takeNotices(this.#options.pool, { most: WORDS_AT_ONCE, now });
      if (taken < WORDS_AT_ONCE) return;
    }
  }

  async #tell(): Promise<void> {
    const { pool, clock, log } = this.#options;
    const now = clock.now();
    for (const channel of await waitingChannels(pool)) {
      if (!this.#pace.mayTell(channel.id, now)) continue;
      if (!(await this.#lease.isOurs())) return;
      try {
        await this.#tellChannel(channel, now);
      } catch (error) {
        // One that can't be told is in no other's way.
        log.warn({ channel: channel.id, error: String(error) }, 'a channel could not be told');
      }
    }
  }

  async #tellChannel(channel: WaitingChannel, now: number): Promise<void> {
    const { id: channelId } = channel;
    if (!mayDisturb(channel, now)) await this.#tellInQuiet(channel, now);
    else if (await tellChannel(this.#options.pool, { channelId, now, onlyCritical: false }))
      this.#pace.told(channelId, now);
  }

  /** What is not critical waits for the end of it. */
  async #tellInQuiet({ id, criticalAlways, hasNew }: WaitingChannel, now: number): Promise<void> {
    const { pool } = this.#options;
    if (!hasNew) return;
    if (criticalAlways && (await tellChannel(pool, { channelId: id, now, onlyCritical: true })))
      this.#pace.told(id, now);
    await holdNotices(pool, id);
  }
}

function mayDisturb({ schedule, quietHours }: WaitingChannel, now: number): boolean {
  try {
    return (!schedule || isWithin(schedule, now)) && !(quietHours && isWithin(quietHours, now));
  } catch {
    // Written by SQL, and none: rather too loud than silent.
    return true;
  }
}
