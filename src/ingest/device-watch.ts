import { randomBytes } from 'node:crypto';
import type { DeviceStateRow } from '../database/store-batch.ts';
import type { CompiledCondition, Judge, Zone } from '../domain/alert-condition.ts';
import type { Microseconds } from '../domain/time.ts';
import type { PreparedReading } from './prepare.ts';

/** Rules of an organization, as far as readings have to be looked at for them; a change makes a new one. */
export interface WatchedRules {
  /** Those that may be for this device, by the metrics that they look at. */
  of(deviceId: Buffer): Pick<ReadonlyMap<string, readonly CompiledCondition[]>, 'get'>;
}

const unknowable: CompiledCondition = {
  metrics: [],
  lookback: 0,
  isOfLastValues: true,
  warmUp: 0,
  judge: () => ({ value: undefined, judge: () => undefined }),
};

/** For who knows nothing of rules: whatever comes may matter, if there are any. */
export const anyRules: WatchedRules = { of: () => ({ get: () => [unknowable] }) };

interface Followed {
  condition: CompiledCondition;
  judge: Judge;
  zone: Zone | undefined;
  /** The first reading that it has followed. */
  firstAt: Microseconds;
  /** Until it has followed for as long as it looks back, its zones may be wrong: those from then on. */
  unsureFrom: Microseconds | undefined;
  /** The look that it was judged in last. */
  looks: number;
}

/** So often unsure zones are told of, in the time that it takes until they are sure: each time costs a look at that time. */
const LOOKS_WHILE_UNSURE = 2;

/**
 * Follows one device for one lane, and tells of a batch whether its readings may matter to a rule: a condition is in
 * another zone than before, a reading came behind a later one, or nothing is known yet. What never matters costs a
 * comparison and is not looked at again; what may is judged by whoever reads it from the table. So it may say too much,
 * never too little: that another lane or process has written of the device, or that later readings are there, its row tells.
 */
export class DeviceWatch {
  readonly #rules: WatchedRules;
  readonly #deviceId: Buffer;
  readonly #conditions: ReturnType<WatchedRules['of']>;
  /** By metric; those of metrics that came. */
  readonly #followed = new Map<string, Followed[]>();
  readonly #watcher = randomBytes(4).readInt32LE();
  #newest = Number.NEGATIVE_INFINITY;
  #looks = 0;
  #isUnderWay = false;
  #watchedFrom: Microseconds | undefined;
  #matterFrom: Microseconds | undefined;

  constructor(rules: WatchedRules, deviceId: Buffer) {
    this.#rules = rules;
    this.#deviceId = deviceId;
    this.#conditions = rules.of(deviceId);
  }

  /** Whether it is still of this device, by the same rules. */
  isOf(rules: WatchedRules, deviceId: Buffer): boolean {
    return this.#rules === rules && this.#deviceId.equals(deviceId);
  }

  /** What the batch's row says of it. */
  get seen(): Pick<DeviceStateRow, 'watcher' | 'watchedFrom' | 'matterFrom'> | undefined {
    if (this.#watchedFrom === undefined) return undefined;
    return { watcher: this.#watcher, watchedFrom: this.#watchedFrom, matterFrom: this.#matterFrom };
  }

  /** A batch begins. Of one before that was not committed nothing holds. */
  begin(): void {
    if (this.#isUnderWay) this.forget();
    this.#isUnderWay = true;
    this.#watchedFrom = undefined;
    this.#matterFrom = undefined;
  }

  committed(): void {
    this.#isUnderWay = false;
  }

  look(reading: PreparedReading): void {
    const { values, recordedAt: at } = reading;
    const isLate = at < this.#newest;
    this.#looks += 1;
    let isWatched = false;
    let matterFrom = isLate ? at : Number.POSITIVE_INFINITY;
    for (const metric in values) {
      const followed = this.#followed.get(metric) ?? this.#follow(metric);
      if (!followed) continue;
      isWatched = true;
      if (isLate) break;
      for (const one of followed) {
        // One over several metrics stands with each of them.
        if (one.looks === this.#looks) continue;
        one.looks = this.#looks;
        const { zoneOf, isOfLastValues } = one.condition;
        const zone = zoneOf ? zoneOf(values[metric]!) : one.judge.judge(values, at);
        // A value of another type says nothing; one that is not known here may be in the table.
        if (zone === undefined && !isOfLastValues) continue;
        if (zone === undefined || zone !== one.zone) matterFrom = Math.min(matterFrom, at);
        if (one.condition.warmUp > 0) matterFrom = Math.min(matterFrom, unsureFrom(one, at));
        one.zone = zone;
      }
    }
    if (!isWatched) return;
    this.#newest = Math.max(this.#newest, at);
    this.#watchedFrom = Math.min(this.#watchedFrom ?? at, at);
    if (matterFrom <= at) this.#matterFrom = Math.min(this.#matterFrom ?? matterFrom, matterFrom);
  }

  #follow(metric: string): Followed[] | undefined {
    const conditions = this.#conditions.get(metric);
    if (!conditions) return undefined;
    const followed = conditions.map((condition) => this.#judgeOf(condition));
    this.#followed.set(metric, followed);
    return followed;
  }

  /** A condition over several metrics is followed once. */
  #judgeOf(condition: CompiledCondition): Followed {
    for (const metric of condition.metrics) {
      const known = this.#followed.get(metric)?.find((one) => one.condition === condition);
      if (known) return known;
    }
    return {
      condition,
      judge: condition.judge(),
      zone: undefined,
      firstAt: Number.POSITIVE_INFINITY,
      unsureFrom: undefined,
      looks: 0,
    };
  }

  /** As if it had not been followed so far. */
  forget(): void {
    this.#followed.clear();
    this.#newest = Number.NEGATIVE_INFINITY;
  }
}

/** @returns from which reading on its zones are to be looked at now, if any */
function unsureFrom(one: Followed, at: Microseconds): Microseconds {
  const { warmUp } = one.condition;
  one.firstAt = Math.min(one.firstAt, at);
  const isSure = at - one.firstAt >= warmUp;
  if (!isSure) one.unsureFrom ??= at;
  const from = one.unsureFrom;
  if (from === undefined || (!isSure && at - from < warmUp / LOOKS_WHILE_UNSURE))
    return Number.POSITIVE_INFINITY;
  one.unsureFrom = isSure ? undefined : at;
  return from;
}
