/** What a process uses of a rate, and whether somebody waits there for more. */
export interface Demand {
  used: number;
  isWaiting: boolean;
}

/**
 * How much of a rate one of several processes may use: each what it needs as long as there is enough, those that need
 * more the same (max-min fairness), and what nobody needs the same for all, so that the shares are the whole. Who used
 * nothing yet may begin with an equal share.
 * @param rate a second
 * @returns between 0 and 1
 */
export function fairShare(rate: number, own: Demand, others: readonly Demand[]): number {
  if (others.length === 0) return 1;
  if (rate <= 0) return 1 / (others.length + 1);
  const equal = rate / (others.length + 1);
  const wanted = ({ used, isWaiting }: Demand) => (isWaiting ? Number.POSITIVE_INFINITY : used);
  const mine = Math.max(wanted(own), equal);
  let left = rate;
  let count = others.length + 1;
  // From the most modest on: who needs less than an equal part of what is left gets that.
  for (const need of [mine, ...others.map(wanted)].sort((a, b) => a - b)) {
    if (need > left / count) return Math.min(mine, left / count) / rate;
    left -= need;
    count -= 1;
  }
  return (mine + left / (others.length + 1)) / rate;
}
