import pg from 'pg';
import { pause } from '../service/pause.ts';
import { CannotConnect, isUnavailable } from './database-error.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;
const CONNECT_TIMEOUT_MS = 5000;
/**
 * A server that does not answer for so long is taken for gone: shorter than any device may be quiet before it is
 * late, so that an outage of ours is known as one by then. A batch that it stores all the same is known again.
 */
const ANSWER_TIMEOUT_MS = 20_000;

/**
 * One connection that comes back by itself, for work that is repeated until it succeeds. It is its user's alone:
 * no pool's queue stands between a batch and its commit.
 */
export class LaneConnection {
  readonly #config: pg.ClientConfig;
  readonly #onAvailable: (available: boolean) => void;
  #client: pg.Client | undefined;
  #available = true;
  #waitMs = FIRST_WAIT_MS;
  readonly #closing = new AbortController();

  constructor(config: pg.ClientConfig, onAvailable: (available: boolean) => void) {
    this.#config = config;
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
        await this.pause();
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
    const client = new pg.Client({
      ...this.#config,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', () => {
      if (this.#client === client) this.#client = undefined;
    });
    await client.connect().catch((cause: Error) => {
      throw new CannotConnect(cause.message, { cause });
    });
    if (this.#closing.signal.aborted) {
      await client.end();
      throw new CannotConnect('closed meanwhile');
    }
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
    this.#onAvailable(available);
  }

  /** Waits before another attempt, longer each time until one succeeds; no longer than until it is closed. */
  async pause(): Promise<void> {
    const ms = this.#waitMs * (0.5 + Math.random());
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    await pause(ms, this.#closing.signal);
  }
}
