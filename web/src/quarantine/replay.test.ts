import { expect, it } from 'vitest';
import { replayedSentence, replaysOf, sumOf } from './replay.ts';

it('names no more messages in a request than it may', () => {
  const ids = Array.from({ length: 1001 }, (_, n) => String(n));
  const parts = replaysOf({ ids }) as { ids: string[] }[];
  expect(parts.map((part) => part.ids.length)).toEqual([500, 500, 1]);
  expect(parts.flatMap((part) => part.ids)).toEqual(ids);
  expect(replaysOf({ reason: 'not_json' })).toEqual([{ reason: 'not_json' }]);
});

it.each([
  [{ stored: 12, duplicate: 0, quarantined: 3 }, '12 stored, 3 stay in quarantine'],
  [{ stored: 0, duplicate: 1, quarantined: 1 }, '1 had been stored before, 1 stays in quarantine'],
  [{ stored: 0, duplicate: 0, quarantined: 0 }, 'There was nothing to replay'],
])('says what became of them: %j', (counts, sentence) => {
  expect(replayedSentence(sumOf([counts]))).toBe(sentence);
});
