import type { Random } from './random.ts';

/**
 * What sensor values are made of. Each is asked for its value at a time in milliseconds since 1970, which
 * must not go back.
 */
export interface Signal<Value> {
  at(time: number): Value;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LOCAL_NOON_TO_PEAK = 3 * HOUR;

/** −1 before dawn to 1 in the afternoon, by UTC. */
export function dailyCurve(time: number): number {
  return Math.cos((2 * Math.PI * ((time % DAY) - DAY / 2 - LOCAL_NOON_TO_PEAK)) / DAY);
}

/** Wanders around 0 as weather and moods do: an Ornstein-Uhlenbeck process that forgets within `memory` milliseconds. */
export function drift(random: Random, deviation: number, memory: number): Signal<number> {
  let last: number | undefined;
  let value = deviation * random.normal();
  return {
    at(time) {
      const kept = last === undefined ? 1 : Math.exp((last - time) / memory);
      value = value * kept + deviation * Math.sqrt(1 - kept * kept) * random.normal();
      last = time;
      return value;
    },
  };
}

/** True for a while now and then: a door that is open, a machine that runs. Means in milliseconds. */
export function episodes(random: Random, means: { on: number; off: number }): Signal<boolean> {
  let on = random.uniform() < means.on / (means.on + means.off);
  let until: number | undefined;
  return {
    at(time) {
      until ??= time + random.wait(on ? means.on : means.off);
      while (until <= time) {
        on = !on;
        until += random.wait(on ? means.on : means.off);
      }
      return on;
    },
  };
}

/** Follows `target` as something with heat capacity does, within about `inertia` milliseconds. */
export function inert(start: number, inertia: number): { towards(target: number, time: number): number } {
  let last: number | undefined;
  let value = start;
  return {
    towards(target, time) {
      const kept = last === undefined ? 1 : Math.exp((last - time) / inertia);
      value = target + (value - target) * kept;
      last = time;
      return value;
    },
  };
}

/** Percent left. Falls to nearly nothing in `life` milliseconds, and then somebody replaces it. */
export function battery(random: Random, life: number): Signal<number> {
  const LAST = 4;
  let start: number | undefined;
  let level = random.between(20, 100);
  return {
    at(time) {
      start ??= time;
      level -= (100 * (time - start)) / life;
      start = time;
      if (level < LAST) level = 100;
      return Math.round(level);
    },
  };
}
