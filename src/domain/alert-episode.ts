/**
 * From what readings say of a condition to alerts: episodes in which it held for long enough. All by the readings' own
 * time, so it makes no difference when, how often or in which order they came; only a condition that still holds at the
 * newest reading is helped on by the clock.
 */
import type { Zone } from './alert-condition.ts';
import type { ReadingValue } from './reading.ts';
import type { Microseconds } from './time.ts';

export interface Episode {
  openedAt: Microseconds;
  /** Undefined while it goes on. */
  clearedAt: Microseconds | undefined;
  value: ReadingValue | undefined;
  /** Of what is stored: where it began before what was looked at. */
  id?: string | undefined;
}

/** What is known of a condition before the first reading that is looked at. */
export interface EpisodeStart {
  /** It holds, and this is its episode. */
  episode?: { id: string; openedAt: Microseconds } | undefined;
  /** It holds since then, not for long enough yet. */
  pendingSince?: Microseconds | undefined;
}

/** Follows one condition of one device, in the order of time. */
export class EpisodeFinder {
  readonly episodes: Episode[] = [];
  readonly #forMicroseconds: Microseconds;
  #open: Episode | undefined;
  #since: Microseconds | undefined;
  #value: ReadingValue | undefined;

  constructor(forSeconds: number, start: EpisodeStart = {}) {
    this.#forMicroseconds = forSeconds * 1_000_000;
    this.#since = start.pendingSince;
    if (!start.episode) return;
    this.#open = { ...start.episode, clearedAt: undefined, value: undefined };
    this.episodes.push(this.#open);
  }

  /** Since when it holds, if that is not long enough yet. */
  get pendingSince(): Microseconds | undefined {
    return this.#since;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** When what holds is an episode, unless it ends before. */
  get dueAt(): Microseconds | undefined {
    return this.#since === undefined ? undefined : this.#since + this.#forMicroseconds;
  }

  /** @param mayOpen false outside of the rule's schedule, and in maintenance */
  next(zone: Zone, at: Microseconds, value: ReadingValue | undefined, mayOpen: boolean): void {
    if (this.#open) {
      if (zone !== 'clear') return;
      this.#open.clearedAt = at;
      this.#open = undefined;
      return;
    }
    const due = this.dueAt;
    // It had been long enough before this reading came.
    if (due !== undefined && at > due) {
      this.#begin(due);
      this.next(zone, at, value, mayOpen);
      return;
    }
    if (zone !== 'breach' || !mayOpen) {
      this.#since = undefined;
      return;
    }
    this.#since ??= at;
    this.#value = value;
    if (at >= this.#since + this.#forMicroseconds) this.#begin(this.#since + this.#forMicroseconds);
  }

  /** Nothing newer is known, and that by now it would be. */
  elapse(now: Microseconds): void {
    const due = this.dueAt;
    if (!this.#open && due !== undefined && now >= due) this.#begin(due);
  }

  #begin(openedAt: Microseconds): void {
    this.#since = undefined;
    this.#open = { openedAt, clearedAt: undefined, value: this.#value };
    this.episodes.push(this.#open);
  }
}
