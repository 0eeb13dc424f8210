import { expect, it } from 'vitest';
import { retentionQuestion } from './retention-question.ts';

const asked = (next: number | null, before: number | null) =>
  retentionQuestion({ next, before, anyway: 365, whose: 'all devices', act: async () => {} })?.title;

it('asks only before something is deleted', () => {
  expect(asked(30, null)).toBe('Keep readings for 30 days?');
  expect(asked(1, 30)).toBe('Keep readings for 1 day?');
  expect(asked(30, 30)).toBeUndefined();
  expect(asked(60, 30)).toBeUndefined();
  expect(asked(null, 30)).toBeUndefined();
  expect(asked(null, null)).toBeUndefined();
  expect(asked(400, 1000)).toBeUndefined();
});
