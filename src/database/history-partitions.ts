import type pg from 'pg';
import type { Microseconds } from '../domain/time.ts';

/**
 * Knows which months of device_telemetry_history exist, and makes those that a batch needs. In the common
 * case a comparison with the current month is all it does.
 */
export class HistoryPartitions {
  readonly #pool: pg.Pool;
  readonly #made = new Set<number>();
  #from: Microseconds = 0;
  #to: Microseconds = 0;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Resolves to nothing when all months are there, synchronously where it can. */
  ensure(times: Iterable<Microseconds>): Promise<void> | undefined {
    let missing: Set<number> | undefined;
    for (const at of times) {
      if (at >= this.#from && at < this.#to) continue;
      const month = monthOf(at);
      if (this.#made.has(month)) {
        this.#from = startOf(month);
        this.#to = startOf(month + 1);
        continue;
      }
      missing ??= new Set();
      missing.add(month);
    }
    return missing && this.#make([...missing]);
  }

  async #make(months: number[]): Promise<void> {
    for (const month of months) {
      const first = new Date(startOf(month) / 1000).toISOString().slice(0, 10);
      await this.#pool.query('select private.ensure_history_partition($1)', [first]);
      this.#made.add(month);
    }
  }
}

/** Months since the year 0, UTC. */
function monthOf(at: Microseconds): number {
  const date = new Date(Math.floor(at / 1000));
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function startOf(month: number): Microseconds {
  return Date.UTC(Math.floor(month / 12), month % 12) * 1000;
}
