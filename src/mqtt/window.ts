import type { MemoryBudget } from '../service/memory-budget.ts';
import type { SharedRate } from '../service/shared-rate.ts';

/** Counted for a message beside its payload where many consumers share a budget: most are small. */
const OVERHEAD_BYTES = 1000;

/**
 * What was handed on and is not done with yet, over all connections of a consumer: one that loses its connection again
 * and again while its user can't store anything would otherwise take the same messages in with each.
 */
export class Window {
  readonly #mostMessages: number;
  readonly #mostBytes: number;
  readonly #budget: MemoryBudget | undefined;
  readonly #rate: SharedRate | undefined;
  #messages = 0;
  #bytes = 0;
  #whenRoom: (() => void) | undefined;

  /**
   * @param budget of all consumers that share it
   * @param rate the same
   */
  constructor(mostMessages: number, mostBytes: number, budget?: MemoryBudget, rate?: SharedRate) {
    this.#mostMessages = mostMessages;
    this.#mostBytes = mostBytes;
    this.#budget = budget;
    this.#rate = rate;
  }

  /** Calls it once when there is room. One listener will do: there is one connection at a time. */
  set whenRoom(wake: () => void) {
    this.#whenRoom = wake;
    this.#wake();
  }

  /** True when no more should be read. A broker that keeps to Receive Maximum comes to its limit, but not above. */
  get full(): boolean {
    return (
      this.#messages > this.#mostMessages || this.#bytes > this.#mostBytes || this.#budget?.spent === true
    );
  }

  take(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
    this.#budget?.take(bytes + OVERHEAD_BYTES);
  }

  give(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    this.#budget?.give(bytes + OVERHEAD_BYTES);
    this.#wake();
  }

  readonly #wake = (): void => {
    const wake = this.#whenRoom;
    if (!wake) return;
    if (this.full) {
      // The room that others make is told by the budget.
      if (this.#budget?.spent) this.#budget.whenRoom(this.#wake);
      return;
    }
    if (this.#rate?.spent) {
      this.#rate.whenRoom(this.#wake);
      return;
    }
    this.#whenRoom = undefined;
    wake();
  };
}
