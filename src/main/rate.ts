/** How much a total has grown in a second, since it was asked for last. */
export function rateOf(total: () => number): () => number {
  let before = { total: total(), at: performance.now() };
  return () => {
    const now = { total: total(), at: performance.now() };
    const seconds = (now.at - before.at) / 1000;
    const rate = seconds > 0 ? (now.total - before.total) / seconds : 0;
    before = now;
    return Math.round(rate * 10) / 10;
  };
}
