import { type Refused, refused } from '../decode/text.ts';
import type { Ending } from './expression-process.ts';

const MOST_ENDINGS = 5;
const WITHIN_MS = 60_000;
const HOLD_MS = 60_000;

interface Endings {
  expression: string;
  endings: number[];
  heldUntil: number;
  reason: Ending;
}

/**
 * Which integrations’ expressions are not run for a while: those that had to be ended five times within a minute.
 * Each such message takes a fifth of a second from everybody else. A new expression begins anew.
 */
export class ExpressionHolds {
  readonly #records = new Map<string, Endings>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Notes that the expression had to be ended. @returns whether it is on hold from now on */
  note(integrationId: string, expression: string, reason: Ending): boolean {
    const now = this.#now();
    this.#forget(now);
    let record = this.#records.get(integrationId);
    if (record?.expression !== expression) record = { expression, endings: [], heldUntil: 0, reason };
    this.#records.set(integrationId, record);
    record.reason = reason;
    record.endings = [...record.endings.filter((at) => at > now - WITHIN_MS), now];
    if (record.endings.length < MOST_ENDINGS) return false;
    record.endings = [];
    record.heldUntil = now + HOLD_MS;
    return true;
  }

  /** @returns the refusal of every message while the expression is on hold */
  of(integrationId: string, expression: string): Refused | undefined {
    const record = this.#records.get(integrationId);
    const left = record?.expression === expression ? record.heldUntil - this.#now() : 0;
    if (!record || left <= 0) return undefined;
    return refused(
      record.reason,
      `not run: it had to be ended ${MOST_ENDINGS} times within a minute, and is tried again in ${Math.ceil(left / 1000)} s`,
    );
  }

  #forget(now: number): void {
    for (const [integrationId, { endings, heldUntil }] of this.#records) {
      const last = Math.max(heldUntil, (endings.at(-1) ?? 0) + WITHIN_MS);
      if (last <= now) this.#records.delete(integrationId);
    }
  }
}
