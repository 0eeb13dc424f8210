import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('there is always enough where there is no limit', () => {
  const bucket = new TokenBucket();
  bucket.take(1e9);
  expect(bucket.hasSome).toBe(true);
  expect(bucket.level(1e9)).toBe(Number.POSITIVE_INFINITY);
  expect(bucket.waitMs(1e9)).toBe(0);
});

test('tokens come back at the rate, up to the depth', () => {
  const bucket = new TokenBucket();
  bucket.fill(0, 10, 20, 1000);
  expect(bucket.hasSome).toBe(false);
  expect(bucket.level(1500)).toBe(5);
  expect(bucket.level(60_000)).toBe(20);
});

test('what is overdrawn has to be paid first', () => {
  const bucket = new TokenBucket();
  bucket.fill(1, 10, 20, 0);
  bucket.take(6);
  expect(bucket.waitMs(0)).toBe(600);
  expect(bucket.level(500)).toBe(0);
  expect(bucket.hasSome).toBe(false);
  expect(bucket.waitMs(600)).toBe(0);
});

test('a clock that stands still brings nothing, and a rate of nothing is waited for in vain', () => {
  const bucket = new TokenBucket();
  bucket.fill(0, 0, 0, 5);
  expect(bucket.level(5)).toBe(0);
  expect(bucket.waitMs(1000)).toBe(Number.POSITIVE_INFINITY);
});
