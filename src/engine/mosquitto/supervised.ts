import type { Logger } from '../../service/log.ts';
import { pause } from '../../service/pause.ts';
import type { MosquittoProcess } from './process.ts';

/** Pauses before another start, in milliseconds: hardly any after one that had been up for long. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const LONG_MS = 60_000;

/** A Mosquitto that stays up: when it ends by itself it is started again, with what it had saved. */
export class SupervisedMosquitto {
  readonly #start: () => Promise<MosquittoProcess>;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #process: MosquittoProcess | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Why there is none now. */
  #failure: string | undefined;

  /** @param start each time anew; rejects with why it can't */
  constructor(start: () => Promise<MosquittoProcess>, log: Logger) {
    this.#start = start;
    this.#log = log;
  }

  /** Undefined while it runs. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** @throws StartupError when the first start fails; later ones are logged and repeated */
  async start(): Promise<void> {
    this.#process = await this.#start();
    this.#running = this.#keepUp(this.#process);
  }

  /** For good, also in the middle of a start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#process?.stop();
    await this.#running;
  }

  async #keepUp(first: MosquittoProcess): Promise<void> {
    const { signal } = this.#stopping;
    let wait = FIRST_PAUSE_MS;
    for (let process: MosquittoProcess | undefined = first; !signal.aborted; ) {
      const startedAt = performance.now();
      if (process) this.#failure = await process.ended;
      if (signal.aborted) return;
      this.#log.error({ reason: this.#failure }, 'Mosquitto is not there: starting it again');
      if (performance.now() - startedAt > LONG_MS) wait = FIRST_PAUSE_MS;
      // With jitter: what it failed for may be shared with others.
      await pause(wait * (0.5 + Math.random() / 2), signal);
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
      if (signal.aborted) return;
      process = await this.#again();
    }
  }

  async #again(): Promise<MosquittoProcess | undefined> {
    try {
      const process = await this.#start();
      this.#process = process;
      this.#failure = undefined;
      // A stop that came meanwhile knew only the one before.
      if (this.#stopping.signal.aborted) await process.stop();
      return process;
    } catch (error) {
      this.#failure = (error as Error).message;
      return undefined;
    }
  }
}
