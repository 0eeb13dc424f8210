import { hostname } from 'node:os';
import type pg from 'pg';
import type { ProcessDetail, RoleName } from '../contract/processes.ts';
import { BEAT_MS, beat, endProcess, type LiveProcess } from '../database/processes.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { repeating } from '../service/repeating.ts';
import { version } from './version.ts';

/** Heard by others without a gap for as long as after which one counts as gone. */
const STEADY_MS = 10_000;
const GAP_MS = 3 * BEAT_MS;

export interface RegistryOptions {
  id: string;
  roles: Iterable<RoleName>;
  pool: pg.Pool;
  log: Logger;
  /** What the process tells of itself, once all of it has started. */
  report: () => ProcessDetail;
  /** Others took it for gone. */
  onForgotten: () => void;
}

/** This process on the list of those that are there, and the others, as they were two seconds ago at most. */
export class Registry implements Service {
  readonly name = 'list of processes';
  readonly #options: RegistryOptions;
  #others: readonly LiveProcess[] = [];
  #isComplete = false;
  readonly #beating = repeating(
    BEAT_MS,
    () => this.#beat(),
    (error) => this.#options.log.debug({ error: String(error) }, 'this process was not listed'),
  );
  /** On the clock that never goes back. */
  #steadySince = Number.POSITIVE_INFINITY;
  #lastBeat = Number.NEGATIVE_INFINITY;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get others(): readonly LiveProcess[] {
    return this.#others;
  }

  /** Whether it may judge who is gone: after an outage of the database nobody has been heard for long. */
  get isSteady(): boolean {
    const now = performance.now();
    return now - this.#lastBeat < GAP_MS && now - this.#steadySince >= STEADY_MS;
  }

  async start(): Promise<void> {
    await this.#beat();
    this.#beating.start();
  }

  /** All of the process has started: from now on it tells what it does. */
  async complete(): Promise<void> {
    this.#isComplete = true;
    await this.#beating.settled();
    await this.#beat();
  }

  async stop(): Promise<void> {
    await this.#beating.stop();
    await endProcess(this.#options.pool, this.#options.id).catch(() => {});
  }

  async #beat(): Promise<void> {
    const { id, roles, pool, report, onForgotten } = this.#options;
    const wasListed = this.#lastBeat > Number.NEGATIVE_INFINITY;
    const { isNew, others } = await beat(pool, {
      id,
      roles: [...roles],
      host: hostname(),
      pid: process.pid,
      version,
      detail: this.#isComplete ? { ...report() } : {},
    });
    const now = performance.now();
    if (now - this.#lastBeat > GAP_MS) this.#steadySince = now;
    this.#lastBeat = now;
    this.#others = others;
    if (isNew && wasListed) onForgotten();
  }
}
