import { expect, test } from 'vitest';
import { bounded, NoAnswer } from './bounded.ts';

const never = new AbortController().signal;

/** Work that lasts until it is told to give up. */
function patient() {
  const told = Promise.withResolvers<string>();
  const work = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        told.resolve('told');
        reject(new Error('of no interest'));
      });
    });
  return { work, told: told.promise };
}

test('passes on what comes in time, and what fails in time', async () => {
  expect(await bounded(1000, never, async () => 1)).toBe(1);
  await expect(bounded(1000, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('says that there was no answer, and tells the work to give up', async () => {
  const { work, told } = patient();
  await expect(bounded(5, never, work)).rejects.toThrow(new NoAnswer(5));
  expect(await told).toBe('told');
});

test('gives up with the reason of whoever stops it, also when that was before', async () => {
  const stop = new AbortController();
  const { work, told } = patient();
  const asked = bounded(1000, stop.signal, work);
  stop.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  expect(await told).toBe('told');
  await expect(bounded(1000, stop.signal, async () => 1)).rejects.toThrow('enough');
});
