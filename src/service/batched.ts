const LONGEST_REST_MS = 10;
const SEVERAL = 4;

/**
 * Does for many at once what is asked one by one: what is asked while one batch is under way makes the next, so
 * batches grow with the load by themselves. One runs at a time, in the order of asking.
 * @param run answers for each item, in their order; when it rejects, so does every item of the batch
 * @param most items of one batch
 * @param rest after a batch of several, in its duration: under load fewer and larger ones cost less
 */
export function batched<Item, Result>(
  run: (items: Item[]) => Promise<readonly Result[]>,
  most: number,
  rest = 0,
): { ask(item: Item): Promise<Result>; readonly waiting: number; settled(): Promise<void> } {
  interface Asked {
    item: Item;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  const asked: Asked[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    // Whatever is asked in the same turn of the event loop belongs to the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (asked.length > 0) {
      const batch = asked.splice(0, most);
      const started = performance.now();
      try {
        const results = await run(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      if (rest === 0 || batch.length < SEVERAL) continue;
      const restMs = Math.min(LONGEST_REST_MS, (performance.now() - started) * rest);
      await new Promise<void>((resolve) => setTimeout(resolve, restMs));
    }
    running = undefined;
  }

  return {
    ask(item) {
      const answer = new Promise<Result>((resolve, reject) => asked.push({ item, resolve, reject }));
      running ??= runAll();
      return answer;
    },
    get waiting() {
      return asked.length;
    },
    async settled() {
      while (running) await running;
    },
  };
}
