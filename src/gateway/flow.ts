import type { Duplex } from 'node:stream';
import type { MemoryBudget } from '../service/memory-budget.ts';
import type { SharedRate } from '../service/shared-rate.ts';
import type { GatewayLimits } from './context.ts';

export interface FlowOptions {
  socket: Duplex;
  upstream: Duplex;
  limits: GatewayLimits;
  budget: MemoryBudget;
  /** The organization's. */
  rate: SharedRate;
  /** Called when it goes on, before the socket is read: with what was put off. */
  onResumed: () => void;
}

/** Stops reading a client of which too much waits, be it for the database, the engine or the client itself. */
export class Flow {
  readonly #options: FlowOptions;
  #heldCount = 0;
  #heldBytes = 0;
  #stalled = false;
  #stopped = false;
  #putOffAt: number | undefined;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  /** True while the socket is not read. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Publishes that are not answered yet. */
  get held(): number {
    return this.#heldCount;
  }

  /** Since when a publish that was read already waits for the rate, by a clock that nobody sets. */
  get putOffAt(): number | undefined {
    return this.#putOffAt;
  }

  /** A publish has been read that the rate doesn't allow yet. `check` is to be called next. */
  putOff(): void {
    this.#putOffAt = performance.now();
  }

  hold(bytes: number): void {
    this.#heldCount += 1;
    this.#heldBytes += bytes;
    this.#options.budget.take(bytes);
  }

  release(bytes: number): void {
    this.#heldCount -= 1;
    this.#heldBytes -= bytes;
    this.#options.budget.give(bytes);
  }

  /** Stops reading if too much waits. To be called when more was read. */
  check(): void {
    if (this.#stalled || this.#stopped) return;
    // Also when there is room again by now: whoever put it off waits to be called.
    const isPutOff = this.#putOffAt !== undefined;
    if (!isPutOff && !this.#isOverfull()) return;
    const { socket, upstream, budget, rate } = this.#options;
    this.#stalled = true;
    socket.pause();
    if (budget.spent) budget.whenRoom(this.resume);
    if (isPutOff) rate.whenRoom(this.resume);
    upstream.on('drain', this.resume);
    socket.on('drain', this.resume);
  }

  /** Reads again if it may. To be called when something was released: only now may it be the budget that is to wake it. */
  readonly resume = (): void => {
    if (!this.#stalled || this.#stopped) return;
    const { socket, budget, rate, onResumed } = this.#options;
    if (this.#isOverfull()) {
      if (budget.spent) budget.whenRoom(this.resume);
      if (this.#isPutOff()) rate.whenRoom(this.resume);
      return;
    }
    this.#stalled = false;
    this.#forget();
    if (this.#putOffAt !== undefined) {
      this.#putOffAt = undefined;
      onResumed();
    }
    if (!this.#stalled) socket.resume();
  };

  /** Reads no more, for good. */
  stop(): void {
    this.#stalled = true;
    this.#stopped = true;
    this.#options.socket.pause();
    this.#forget();
  }

  /** The connection has ended; what is still held is released all the same. */
  close(): void {
    this.#stopped = true;
    this.#forget();
  }

  #forget(): void {
    const { socket, upstream, budget } = this.#options;
    budget.forget(this.resume);
    this.#options.rate.forget(this.resume);
    upstream.off('drain', this.resume);
    socket.off('drain', this.resume);
  }

  #isPutOff(): boolean {
    return this.#putOffAt !== undefined && this.#options.rate.spent;
  }

  #isOverfull(): boolean {
    const { socket, upstream, limits, budget } = this.#options;
    return (
      this.#heldCount >= limits.inFlight ||
      this.#heldBytes >= limits.connectionBytes ||
      upstream.writableLength >= limits.connectionBytes ||
      // A client that sends and never reads what it is answered.
      socket.writableLength >= limits.connectionBytes ||
      budget.spent ||
      this.#isPutOff()
    );
  }
}
