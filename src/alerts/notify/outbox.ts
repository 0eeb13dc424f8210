import type pg from 'pg';
import {
  claimDeliveries,
  type DueDelivery,
  deliveryFailed,
  deliveryLeft,
  deliverySent,
} from '../../database/notification-deliveries.ts';
import type { Clock } from '../../service/clock.ts';
import type { Logger } from '../../service/log.ts';
import { pause } from '../../service/pause.ts';
import { notDelivered } from './problems.ts';
import { retryDelay } from './retry.ts';
import type { Send } from './send.ts';

/**
 * Deliveries under way: of a channel one, of an organization some, so that receivers which hang are in nobody else’s
 * way; and of mail, which is one server’s, less than of all.
 */
const MOST = 100;
const MOST_EACH = 4;
const MOST_MAIL = 20;
/** Longer than any attempt takes: whoever has it still is gone. */
const CLAIM_MS = 30_000;
/** Receivers mostly answer within. */
const MOMENT_MS = 2000;

export interface OutboxOptions {
  pool: pg.Pool;
  clock: Clock;
  log: Logger;
  send: Send;
}

/** Sends what is due. At least once: a process that ends between sending and noting it leaves it to be sent again. */
export class Outbox {
  /** Attempts by what came of them. */
  readonly totals = { sent: 0, failed: 0, given_up: 0 };
  readonly #options: OutboxOptions;
  readonly #underway = new Map<DueDelivery, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#underway.size > 0;
  }

  /** Begins what is due and has room. Resolves when that has begun. */
  async sendDue(): Promise<void> {
    const { pool, clock } = this.#options;
    const most = MOST - this.#underway.size;
    if (most <= 0 || this.#stopping.signal.aborted) return;
    const inHand = [...this.#underway.keys()];
    const busy = new Map<string, number>();
    for (const { organizationId } of inHand) busy.set(organizationId, (busy.get(organizationId) ?? 0) + 1);
    const hasMailEnough = inHand.filter(({ kind }) => kind === 'email').length >= MOST_MAIL;
    const due = await claimDeliveries(pool, {
      now: clock.now(),
      most: Math.min(most, MOST_MAIL),
      mostEach: MOST_EACH,
      withoutKinds: hasMailEnough ? ['email'] : [],
      busyChannels: inHand.map(({ channelId }) => channelId),
      busy,
      claimMs: CLAIM_MS,
    });
    for (const delivery of due) {
      const work = this.#deliver(delivery).finally(() => this.#underway.delete(delivery));
      this.#underway.set(delivery, work);
    }
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway.values());
  }

  /** Gives what is under way a moment, and calls off the rest: it is sent again by whoever comes next. */
  async stop(): Promise<void> {
    const settled = this.settled();
    const waiting = new AbortController();
    await Promise.race([settled, pause(MOMENT_MS, waiting.signal)]);
    waiting.abort();
    this.#stopping.abort(new Error('stopping'));
    await settled;
  }

  async #deliver(delivery: DueDelivery): Promise<void> {
    const { pool, clock, log, send } = this.#options;
    const { id, channelId, attempts } = delivery;
    const { signal } = this.#stopping;
    try {
      const outcome = await send(delivery, signal).catch(notDelivered);
      if (!(outcome instanceof Error)) {
        this.totals.sent += 1;
        await deliverySent(pool, { id, now: clock.now(), remark: outcome.remark });
        return;
      }
      if (signal.aborted) {
        await deliveryLeft(pool, id);
        return;
      }
      const { isFinal, retryAfterMs, message } = outcome;
      const wait = retryDelay({ attempts, isFinal, retryAfterMs });
      this.totals[wait === undefined ? 'given_up' : 'failed'] += 1;
      const nextTryAt = wait === undefined ? undefined : clock.now() + wait;
      await deliveryFailed(pool, { id, error: message, nextTryAt });
      log.info(
        { delivery: id, channel: channelId, attempts, code: outcome.code },
        'a notification did not arrive',
      );
    } catch (error) {
      // Its claim ends by itself, and it is sent again.
      log.warn({ delivery: id, error: String(error) }, 'what became of a notification could not be noted');
    }
  }
}
