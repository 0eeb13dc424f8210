import type { MqttFailure } from './reasons.ts';

export interface Pace {
  /** The first wait is at most this long, in milliseconds; each after it up to twice as long as the one before. */
  firstMs: number;
  longestMs: number;
}

/** A broker that is back after an hour is found within the longest; until then it is one CONNECT now and then. */
const patient: Pace = { firstMs: 2000, longestMs: 20_000 };
/** A connection that stood this long was a good one. */
const GOOD_MS = 30_000;
/**
 * Another client with our id is alive: whoever it is, it shall not be fought every few seconds. Mosquitto 2.0.11 closes
 * without a word, so that behind it this looks like any loss.
 */
const TAKEN_OVER_MS = 2 * 60_000;
const TAKEN_OVER_LONGEST_MS = 15 * 60_000;
/** What is no failure of the broker is asked again at a steady pace. */
const OWN_PACE_MS = 2000;

/** How long to wait before the next connection, with jitter: a broker's clients don't come back all at once. */
export class Backoff {
  readonly #pace: Pace;
  #failures = 0;
  #takeovers = 0;

  constructor(pace = patient) {
    this.#pace = pace;
  }

  /** @param stoodMs how long the connection stood that ended; 0 for none. @returns milliseconds */
  next({ reason }: MqttFailure, stoodMs: number): number {
    if (reason === 'held_back' || reason === 'backlog') return OWN_PACE_MS;
    if (stoodMs >= GOOD_MS) this.#failures = 0;
    if (stoodMs >= TAKEN_OVER_LONGEST_MS) this.#takeovers = 0;
    if (reason === 'taken_over')
      return jittered(Math.min(TAKEN_OVER_MS * 2 ** this.#takeovers++, TAKEN_OVER_LONGEST_MS));
    return jittered(Math.min(this.#pace.firstMs * 2 ** this.#failures++, this.#pace.longestMs));
  }
}

/** Between half of it and all. */
function jittered(milliseconds: number): number {
  return Math.round(milliseconds * (0.5 + Math.random() / 2));
}
