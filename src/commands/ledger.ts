import type pg from 'pg';
import { changeCommands, judgeCommands } from '../database/command-states.ts';
import { isTransient } from '../database/database-error.ts';
import { batched } from '../service/batched.ts';
import type { Logger } from '../service/log.ts';
import { pause } from '../service/pause.ts';
import { type Entry, foresee, judge, type LedgerItem, type Written } from './judge.ts';

/** Entries in one transaction: an update of so many rows takes some milliseconds. */
const AT_ONCE = 1000;
/** Under load fewer and larger transactions cost less. */
const REST = 1;
/** While the database is away, what nobody waits for is dropped beyond so many. */
const MOST_WAITING = 100_000;
const AGAIN_MS = 500;

export interface LedgerOptions {
  pool: pg.Pool;
  log: Logger;
  /** After a commit: the organizations whose commands have changed. */
  onChanged: (organizationIds: ReadonlySet<string>) => void;
}

/**
 * The one place that says what becomes of commands: whatever happens to one is judged by the table of states, in the
 * order of being told, many in one transaction. While the database is away it tries on.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #stopping = new AbortController();
  readonly #items = batched((items: LedgerItem[]) => this.#write(items), AT_ONCE, REST);

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /**
   * Resolves once it is committed.
   * @throws PlatformError `unavailable` only when it is stopped before; what the database says to what it never takes
   */
  async write(entry: Entry): Promise<Written> {
    const written = await this.#items.ask({ entry });
    if (written instanceof Error) throw written;
    return written;
  }

  /** Writes what nobody waits for; dropped if far too much waits. */
  note(item: LedgerItem): void {
    if (this.#items.waiting < MOST_WAITING) this.#items.ask(item).catch(() => {});
  }

  /** Resolves when nothing is under way; what the database did not take by then is given up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#items.settled();
  }

  async #write(items: LedgerItem[]): Promise<(Written | Error)[]> {
    for (;;) {
      try {
        // A session that is lost concerns commands that nobody has named.
        return items.some((item) => 'lost' in item)
          ? await this.#judged(items)
          : await this.#foreseen(items as { entry: Entry }[]);
      } catch (error) {
        const mayPass = isTransient(error);
        if (!mayPass && items.length > 1) return this.#halved(items);
        if (!mayPass || this.#stopping.signal.aborted) {
          const { log } = this.#options;
          log.error({ error: String(error), items: items.length }, 'commands could not be written');
          return items.map(() => error as Error);
        }
        await pause(AGAIN_MS, this.#stopping.signal);
      }
    }
  }

  /** One that can't be written fails alone: what came with it is other organizations'. */
  async #halved(items: LedgerItem[]): Promise<(Written | Error)[]> {
    const middle = items.length >> 1;
    const before = await this.#write(items.slice(0, middle));
    return [...before, ...(await this.#write(items.slice(middle)))];
  }

  /** Most commands are where they are thought to be: they are written without a look, the others judged. */
  async #foreseen(items: { entry: Entry }[]): Promise<Written[]> {
    const entries = Map.groupBy(
      items.map(({ entry }) => entry),
      ({ id }) => id,
    );
    const changes = [...entries.values()].flatMap((own) => foresee(own) ?? []);
    const done = await changeCommands(this.#options.pool, changes);
    this.#changed(new Set([...done.values()].map(({ organizationId }) => organizationId)));
    const others = items.filter(({ entry }) => !done.has(entry.id));
    const judged = others.length > 0 ? await this.#judged(others) : [];
    const outcomes = new Map(others.map((item, index) => [item, judged[index]!]));
    return items.map((item) => outcomes.get(item) ?? 'changed');
  }

  async #judged(items: LedgerItem[]): Promise<Written[]> {
    const ids = [...new Set(items.flatMap((item) => ('entry' in item ? [item.entry.id] : [])))];
    const lost = items.flatMap((item) => ('lost' in item ? [item.lost] : []));
    const { written, organizations } = await judgeCommands(this.#options.pool, { ids, lost }, (standing) =>
      judge(items, standing),
    );
    this.#changed(organizations);
    return written;
  }

  #changed(organizations: ReadonlySet<string>): void {
    if (organizations.size > 0) this.#options.onChanged(organizations);
  }
}
