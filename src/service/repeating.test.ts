import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { repeating } from './repeating.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('one at a time, again after a failure, and no more once it is stopped', async () => {
  const turns: PromiseWithResolvers<void>[] = [];
  const failures: unknown[] = [];
  const work = () => {
    const turn = Promise.withResolvers<void>();
    turns.push(turn);
    return turn.promise;
  };
  const again = repeating(100, work, (error) => failures.push(error));
  again.start();
  expect(turns).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(350);
  expect(turns).toHaveLength(1);
  turns[0]!.reject('broken');
  await vi.advanceTimersByTimeAsync(100);
  expect(failures).toEqual(['broken']);
  expect(turns).toHaveLength(2);

  let isOver = false;
  const stopped = again.stop().then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(500);
  expect(isOver).toBe(false);
  turns[1]!.resolve();
  await stopped;
  await vi.advanceTimersByTimeAsync(500);
  expect(turns).toHaveLength(2);
});
