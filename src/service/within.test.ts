import { expect, test } from 'vitest';
import { within } from './within.ts';

test('passes on what comes in time, and what fails in time', async () => {
  expect(await within(1000, Promise.resolve(1))).toBe(1);
  await expect(within(1000, Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('gives up on what is late, which may fail later without harm', async () => {
  const late = Promise.withResolvers<void>();
  await expect(within(1, late.promise)).rejects.toMatchObject({ code: 'unavailable', retryAfter: 2 });
  late.reject(new Error('nobody hears of it'));
});
