import pg from 'pg';
import type { Logger } from '../service/log.ts';
import { isUnavailable } from './database-error.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

/**
 * One connection that comes back by itself, for work that is repeated until it succeeds. It is its user's alone:
 * no pool's queue stands between a batch and its commit.
 */
export class LaneConnection {
  readonly #config: pg.ClientConfig;
  readonly #log: Logger;
  readonly #onAvailable: (available: boolean) => void;
  #client: pg.Client | undefined;
  #available = true;
  #waitMs = FIRST_WAIT_MS;
  readonly #closing = new AbortController();

  constructor(config: pg.ClientConfig, log: Logger, onAvailable: (available: boolean) => void) {
    this.#config = config;
    this.#log = log;
    this.#onAvailable = onAvailable;
  }

  /**
   * Does the work on a live connection. When the connection breaks or can't be had, waits a little longer each
   * time, then throws for the caller to decide; the next call connects anew.
   * @returns undefined when closed meanwhile
   */
  async run<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result | undefined> {
    if (this.#closing.signal.aborted) return undefined;
    try {
      const client = this.#client ?? (await this.#connect());
      const result = await work(client);
      this.#waitMs = FIRST_WAIT_MS;
      this.#tell(true);
      return result;
    } catch (error) {
      if (isUnavailable(error)) {
        this.#drop();
        this.#tell(false);
        await this.#wait();
      }
      throw error;
    }
  }

  /** Ends the connection, also under running work, which then fails. */
  async close(): Promise<void> {
    this.#closing.abort();
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#config, connectionTimeoutMillis: 5000, keepAlive: true });
    client.on('error', () => {
      if (this.#client === client) this.#client = undefined;
    });
    await client.connect();
    this.#client = client;
    return client;
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.end().catch(() => {});
  }

  #tell(available: boolean): void {
    if (available === this.#available) return;
    this.#available = available;
    if (available) this.#log.info({}, 'the database is back');
    else this.#log.warn({}, 'the database is away; messages wait');
    this.#onAvailable(available);
  }

  async #wait(): Promise<void> {
    const ms = this.#waitMs * (0.5 + Math.random());
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    const { signal } = this.#closing;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    });
  }
}
