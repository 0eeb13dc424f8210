import type { BrokerChanges, BrokerRows, BrokerTable } from '../../database/broker.ts';
import type { Logger } from '../../service/log.ts';

/** Something that is to be on disk before it may be acknowledged. */
export interface Commit {
  readonly done: boolean;
  readonly promise: Promise<void>;
}

/** First and longest pause between attempts while the database is away, in milliseconds. */
const FIRST_RETRY = 100;
const LONGEST_RETRY = 5000;

interface JournalOptions {
  /** Writes all of a batch or nothing; the same batch again changes nothing. */
  write: (changes: BrokerChanges) => Promise<void>;
  /** True for an error after which no attempt can succeed. */
  isFinal: (error: unknown) => boolean;
  /** Called once, with such an error; what waits for a commit goes on waiting. */
  failed: (error: unknown) => void;
  log: Logger;
}

/**
 * Group commit. What is put while a batch is being written makes up the next one, so a thousand sessions' changes
 * cost a few round trips, and what is undone before its batch starts costs none: a message that its reader
 * acknowledges at once is never written. 10,000 messages for an offline client are on disk after 80 ms, a single
 * one after 1.3 ms; waiting for each would take 13 s. Rows are read when their batch is written, not when they are put.
 *
 * Memory is that of the rows, which are the engine's own and bounded there.
 */
export class Journal {
  readonly #options: JournalOptions;
  #collecting = new Batch();
  #running: Batch | undefined;
  #wake: (() => void) | undefined;
  #stopped = false;
  /** When writing began to fail, in milliseconds since 1970. */
  #failingSince: number | undefined;
  #puts = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Counts puts, so that a caller can tell whether what it did changed anything that is kept. */
  get puts(): number {
    return this.#puts;
  }

  get failingSince(): number | undefined {
    return this.#failingSince;
  }

  insert<Table extends BrokerTable>(table: Table, row: BrokerRows[Table]): void {
    this.#collecting.changes[table].insert(row);
    this.#schedule();
  }

  update<Table extends BrokerTable>(table: Table, row: BrokerRows[Table]): void {
    this.#collecting.changes[table].update(row);
    this.#schedule();
  }

  remove(table: BrokerTable, id: number): void {
    this.#collecting.changes[table].remove(id);
    this.#schedule();
  }

  /** Everything put so far; undefined when all of it is on disk. The same object until the batch has been taken. */
  pending(): Commit | undefined {
    return this.#collecting.started ? this.#collecting : this.#running;
  }

  /**
   * Waits until everything put so far is on disk, for at most `timeout` milliseconds.
   * @returns false when it is not
   */
  async settled(timeout: number): Promise<boolean> {
    const pending = this.pending();
    if (!pending || this.#stopped) return !pending;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeout);
    });
    await Promise.race([pending.promise, late]);
    clearTimeout(timer);
    return pending.done;
  }

  /** Ends writing; what was put and is not on disk stays unwritten, and unacknowledged. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  #schedule(): void {
    this.#puts += 1;
    if (this.#collecting.started) return;
    this.#collecting.started = true;
    // After the current turn of the event loop: a whole read's messages share the first batch too.
    if (!this.#running) setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    while (this.#collecting.started && !this.#stopped) {
      const batch = this.#collecting;
      this.#collecting = new Batch();
      this.#running = batch;
      const written = batch.isEmpty || (await this.#write(batch));
      // Left as it is, nothing follows: what waits for a commit must never be told of one.
      if (!written) return;
      this.#running = undefined;
      batch.finish();
    }
  }

  async #write(batch: Batch): Promise<boolean> {
    let pause = FIRST_RETRY;
    while (!this.#stopped) {
      try {
        await this.#options.write(batch.changes);
        this.#recovered();
        return true;
      } catch (error) {
        if (this.#options.isFinal(error)) {
          this.#stopped = true;
          this.#options.failed(error);
          return false;
        }
        this.#failing(error);
        await this.#sleep(pause);
        pause = Math.min(pause * 2, LONGEST_RETRY);
      }
    }
    return false;
  }

  #failing(error: unknown): void {
    if (this.#failingSince !== undefined) return;
    this.#failingSince = Date.now();
    this.#options.log.error({ error }, 'the engine cannot write its state; acknowledgements wait');
  }

  #recovered(): void {
    if (this.#failingSince === undefined) return;
    const seconds = Math.round((Date.now() - this.#failingSince) / 1000);
    this.#failingSince = undefined;
    this.#options.log.info({ seconds }, 'the engine writes its state again');
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

class Batch implements Commit {
  readonly changes = {
    sessions: new Changes<BrokerRows['sessions']>(),
    subscriptions: new Changes<BrokerRows['subscriptions']>(),
    queue: new Changes<BrokerRows['queue']>(),
    incoming: new Changes<BrokerRows['incoming']>(),
    retained: new Changes<BrokerRows['retained']>(),
  } as { [Table in BrokerTable]: Changes<BrokerRows[Table]> };
  started = false;
  done = false;
  readonly #resolvers = Promise.withResolvers<void>();

  get promise(): Promise<void> {
    return this.#resolvers.promise;
  }

  /** True when all that was put was undone again. */
  get isEmpty(): boolean {
    return Object.values(this.changes).every((changes) => changes.isEmpty);
  }

  finish(): void {
    this.done = true;
    this.#resolvers.resolve();
  }
}

/** The last word on each row. Ids are never used again, so a row that was inserted and removed is no change. */
class Changes<Row extends { readonly id: number }> {
  readonly inserted = new Map<number, Row>();
  readonly updated = new Map<number, Row>();
  readonly deleted = new Set<number>();

  get isEmpty(): boolean {
    return this.inserted.size === 0 && this.updated.size === 0 && this.deleted.size === 0;
  }

  insert(row: Row): void {
    this.inserted.set(row.id, row);
  }

  update(row: Row): void {
    if (!this.inserted.has(row.id)) this.updated.set(row.id, row);
  }

  remove(id: number): void {
    if (this.inserted.delete(id)) return;
    this.updated.delete(id);
    this.deleted.add(id);
  }
}
