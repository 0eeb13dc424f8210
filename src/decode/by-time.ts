import type { Decoded, DecodedReading, ReadingValue } from '../domain/reading.ts';
import { addValue, checkReadings, decodedOf, type Flat } from './flat.ts';

/**
 * Readings of values that each bring their time. Those of one time are one reading, in the order in which the times
 * first came; a name that comes again at one time begins another, so that neither value is lost.
 */
export class ReadingsByTime {
  readonly #readings: DecodedReading[] = [];
  readonly #latest = new Map<number | undefined, Flat>();
  readonly #escapes: boolean;

  /** @param escapes whether a name or text may hold NUL or half a surrogate pair */
  constructor(escapes: boolean) {
    this.#escapes = escapes;
  }

  /** @throws Refusal beyond the limits of a message, and for what can't be stored */
  add(time: number | undefined, name: string, value: ReadingValue): void {
    const latest = this.#latest.get(time);
    const reading = latest && !Object.hasOwn(latest.values, name) ? latest : this.#begin(time);
    addValue(name, value, reading);
  }

  /** @throws Refusal when nothing was added */
  decoded(): Decoded {
    return decodedOf(this.#readings);
  }

  #begin(time: number | undefined): Flat {
    checkReadings(this.#readings.length);
    const reading: Flat = { values: {}, count: 0, escapes: this.#escapes };
    this.#latest.set(time, reading);
    this.#readings.push({ time, values: reading.values });
    return reading;
  }
}
