import { expect, test } from 'vitest';
import { batched } from './batched.ts';

test('what is asked while one batch is under way makes the next', async () => {
  const batches: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const { ask, settled } = batched(async (items: number[]) => {
    batches.push(items);
    await gate.promise;
    return items.map((item) => item * 2);
  }, 3);
  const first = ask(1);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const others = [2, 3, 4, 5].map((item) => ask(item));
  gate.resolve();
  expect(await first).toBe(2);
  expect(await Promise.all(others)).toEqual([4, 6, 8, 10]);
  await settled();
  expect(batches).toEqual([[1], [2, 3, 4], [5]]);
});

test('a batch that fails fails for its own items alone', async () => {
  const { ask } = batched(async (items: string[]) => {
    if (items.includes('bad')) throw new Error('no');
    return items;
  }, 1);
  const results = await Promise.allSettled(['good', 'bad', 'fine'].map((item) => ask(item)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
