import type pg from 'pg';
import { isUnavailable } from '../database/database-error.ts';
import { type SubscriptionStatus, writeStatus } from '../database/subscriptions.ts';
import { storableText } from '../domain/reading.ts';
import type { Logger } from '../service/log.ts';

const MOST_CHARACTERS = 1000;

interface Waiting {
  organizationId: string;
  status: SubscriptionStatus;
}

/**
 * Writes how connections stand: of each integration the newest status only, one write after the other, so that none
 * overtakes what came later. What can't be written while the database is away waits for the next `flush`.
 */
export class StatusWriter {
  readonly #options: { pool: pg.Pool; log: Logger; holder: string; onChanged: (ids: string[]) => void };
  readonly #waiting = new Map<string, Waiting>();
  #writing: Promise<void> | undefined;

  constructor(options: { pool: pg.Pool; log: Logger; holder: string; onChanged: (ids: string[]) => void }) {
    this.#options = options;
  }

  add(organizationId: string, status: SubscriptionStatus): void {
    const filters = status.filters ?? this.#waiting.get(status.integrationId)?.status.filters;
    // It holds what the broker or its certificate said.
    const detail = status.detail && storableText(status.detail).slice(0, MOST_CHARACTERS);
    // At the end, where a write that is under way meets it.
    this.#waiting.delete(status.integrationId);
    this.#waiting.set(status.integrationId, { organizationId, status: { ...status, detail, filters } });
    void this.flush();
  }

  /** Resolves when all that waits is written, or can't be at the moment. */
  flush(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { pool, log, holder, onChanged } = this.#options;
    for (const [id, waiting] of this.#waiting) {
      try {
        await writeStatus(pool, holder, waiting.status);
      } catch (error) {
        if (isUnavailable(error)) {
          log.debug({ integration: id, error: String(error) }, 'a status could not be written yet');
          return;
        }
        // It would stand in the way of all others.
        log.error({ integration: id, error: String(error) }, 'a status could not be written');
      }
      // Unless a newer one has come meanwhile; this loop meets it.
      if (this.#waiting.get(id) === waiting) this.#waiting.delete(id);
      onChanged([waiting.organizationId]);
    }
  }
}
