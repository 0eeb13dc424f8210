import type pg from 'pg';
import { WorkLease } from '../database/leases.ts';
import { HOURS_AT_ONCE, noteUnrolledHours, organizationsToRollUp, rollUpHours } from '../database/rollups.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { pause } from '../service/pause.ts';
import { repeating } from '../service/repeating.ts';

const EVERY_MS = 1000;
/** Organizations that nobody was told of may have readings as well: by plain SQL, or while notifications broke. */
const ALL_EVERY_MS = 60_000;
/** Of several processes one does it. Two at once would do no harm but work. */
const LEASE = 'rollups';
const LEASE_SECONDS = 30;

/**
 * Makes the roll-ups of these organizations' readings, in small steps; what is left when it ends early is done by the next.
 * @param between runs after each step, with what it took in milliseconds; ends the work by throwing
 */
export async function rollUp(
  pool: pg.Pool,
  organizations: Iterable<string>,
  between: (tookMs: number) => Promise<void>,
): Promise<void> {
  const step = async <Result>(work: Promise<Result>): Promise<Result> => {
    const begun = performance.now();
    const result = await work;
    await between(performance.now() - begun);
    return result;
  };
  let behind = [...organizations];
  for (let isRolled = false; !isRolled || behind.length > 0; ) {
    const next: string[] = [];
    for (const organization of behind) {
      if (await step(noteUnrolledHours(pool, organization))) next.push(organization);
    }
    behind = next;
    isRolled = (await step(rollUpHours(pool))) < HOURS_AT_ONCE;
  }
}

export interface RollupsOptions {
  pool: pg.Pool;
  log: Logger;
  /** Of the process. */
  id: string;
}

/** Keeps the roll-ups up to date, behind ingest and with half of one connection's time at most. */
export class Rollups implements Service {
  readonly name = 'rollups';
  readonly #lease: WorkLease;
  readonly #options: RollupsOptions;
  readonly #stopping = new AbortController();
  #heard = new Set<string>();
  #allAt = 0;
  readonly #turning = repeating(
    EVERY_MS,
    () => this.#turn(),
    (error) => {
      if (this.#stopping.signal.aborted) return;
      this.#allAt = 0;
      this.#options.log.warn({ error: String(error) }, 'roll-ups were not made; it is tried again');
    },
  );

  constructor(options: RollupsOptions) {
    this.#options = options;
    const { pool, id: holder } = options;
    this.#lease = new WorkLease(pool, { name: LEASE, holder, seconds: LEASE_SECONDS });
  }

  /** Something of this organization was stored. */
  hear(organizationId: string): void {
    this.#heard.add(organizationId);
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
    const { pool } = this.#options;
    if (!(await this.#lease.isOurs())) {
      // Whoever takes over looks at all.
      this.#allAt = 0;
      this.#heard.clear();
      return;
    }
    let organizations: Iterable<string> = this.#heard;
    this.#heard = new Set();
    if (performance.now() >= this.#allAt) {
      organizations = await organizationsToRollUp(pool);
      this.#allAt = performance.now() + ALL_EVERY_MS;
    }
    await rollUp(pool, organizations, (tookMs) => this.#between(tookMs));
  }

  async #between(tookMs: number): Promise<void> {
    await pause(tookMs, this.#stopping.signal);
    this.#stopping.signal.throwIfAborted();
    if (!(await this.#lease.isOurs())) throw new Error('another process has taken it over');
  }
}
