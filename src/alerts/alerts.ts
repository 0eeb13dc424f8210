import type pg from 'pg';
import { WorkLease } from '../database/leases.ts';
import type { Clock } from '../service/clock.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { pause } from '../service/pause.ts';
import { repeating } from '../service/repeating.ts';
import { judgeReadings, mayBeMore, WaitingOrganizations } from './judging.ts';
import { Hours, judgeSilence } from './silence.ts';

const EVERY_MS = 250;
/** What is judged by the clock, and what nobody was told of. */
const ALL_EVERY_MS = 5000;
/** Of several processes one judges; another goes on when it has been gone for so long. */
const LEASE = 'alerts';
const LEASE_SECONDS = 15;

export interface AlertsOptions {
  pool: pg.Pool;
  clock: Clock;
  log: Logger;
  /** Of the process. */
  id: string;
  /** Whoever else has judged is gone. */
  isAlone: boolean;
}

/**
 * Judges readings by the rules that watch them, behind ingest: from the table, after the commit. What a process that ends has
 * not judged is still noted there, and judged by the next.
 */
export class Alerts implements Service {
  readonly name = 'alerts';
  readonly #lease: WorkLease;
  readonly #options: AlertsOptions;
  readonly #hours = new Hours();
  readonly #waiting = new WaitingOrganizations();
  #isWoken = true;
  #allAt = 0;
  readonly #stopping = new AbortController();
  readonly #turning = repeating(
    EVERY_MS,
    () => this.#turn(),
    (error) => {
      this.#isWoken = true;
      this.#options.log.warn({ error: String(error) }, 'alerts were not judged; it is tried again');
    },
  );

  constructor(options: AlertsOptions) {
    this.#options = options;
    const { pool, id: holder, isAlone } = options;
    this.#lease = new WorkLease(pool, { name: LEASE, holder, seconds: LEASE_SECONDS, isAlone });
  }

  /** Something was stored that may have to be judged. */
  wake(): void {
    this.#isWoken = true;
  }

  async start(): Promise<void> {
    this.#turning.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#turning.stop();
    await this.#lease.release();
  }

  async #turn(): Promise<void> {
    const isAllDue = performance.now() >= this.#allAt;
    if (!this.#isWoken && !isAllDue) return;
    if (!(await this.#lease.isOurs())) return;
    this.#isWoken = false;
    if (isAllDue) {
      await judgeByClock(this.#options, this.#hours);
      this.#allAt = performance.now() + ALL_EVERY_MS;
    }
    for (let isMore = true; isMore && !this.#stopping.signal.aborted; ) {
      const begun = performance.now();
      isMore = mayBeMore(await judgeReadings(this.#options, this.#waiting), this.#waiting);
      // Far behind, it takes half of one connection's time: those that send go first.
      if (isMore) await pause(performance.now() - begun, this.#stopping.signal);
      if (!(await this.#lease.isOurs())) return;
    }
  }
}

/** What no reading calls for: silence, hours of the week, the end of maintenance. */
export async function judgeByClock(
  options: { pool: pg.Pool; clock: Clock; log: Logger },
  hours: Hours,
): Promise<void> {
  await hours.look(options);
  await judgeSilence(options, ({ id, organizationId }, error) =>
    options.log.warn(
      { rule: id, organization: organizationId, error: String(error) },
      'a rule could not be judged',
    ),
  );
}
