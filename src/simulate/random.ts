/** Chance that repeats itself: the same seed gives the same fleet, value by value. */
export interface Random {
  /** From 0 up to 1, without 1. */
  uniform(): number;
  between(low: number, high: number): number;
  /** Normally distributed around 0, with a standard deviation of 1. */
  normal(): number;
  /** The wait for an event that happens once in `mean` on average. */
  wait(mean: number): number;
}

/** Mulberry32, Tommy Ettinger's: 32 bits of state are plenty for what is only looked at. */
export function seededRandom(...seeds: number[]): Random {
  let state = seeds.reduce(
    (hash, seed) => Math.imul(hash ^ (seed + 0x9e3779b9), 0x85ebca6b) ^ (hash >>> 13),
    1,
  );
  function uniform(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    wait: (mean) => -mean * Math.log(1 - uniform()),
  };
}
