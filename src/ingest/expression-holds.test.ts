import { expect, test } from 'vitest';
import { ExpressionHolds } from './expression-holds.ts';

test('five endings within a minute put an expression on hold for a minute, and no other', () => {
  let now = 0;
  const holds = new ExpressionHolds(() => now);
  const note = () => holds.note('one', 'slow', 'expression_timeout');
  for (const at of [0, 15_000, 30_000, 45_000, 61_000]) {
    now = at;
    expect(note()).toBe(false);
  }
  expect(holds.of('one', 'slow')).toBeUndefined();
  now = 62_000;
  expect(note()).toBe(true);
  now = 62_500;
  expect(holds.of('one', 'slow')).toMatchObject({
    reason: 'expression_timeout',
    detail: expect.stringContaining('tried again in 60 s'),
  });
  expect(holds.of('one', 'corrected')).toBeUndefined();
  expect(holds.of('two', 'slow')).toBeUndefined();
  now = 122_000;
  expect(holds.of('one', 'slow')).toBeUndefined();
  expect(note()).toBe(false);
});

test('a new expression begins anew', () => {
  const holds = new ExpressionHolds(() => 0);
  for (let time = 0; time < 4; time += 1) holds.note('one', 'first', 'expression_memory');
  expect(holds.note('one', 'second', 'expression_memory')).toBe(false);
  expect(holds.note('one', 'first', 'expression_memory')).toBe(false);
});
