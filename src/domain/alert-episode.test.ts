import { expect, it } from 'vitest';
import type { Zone } from './alert-condition.ts';
import { EpisodeFinder, type EpisodeStart } from './alert-episode.ts';

const SECOND = 1_000_000;

type Step = [second: number, zone: Zone, mayOpen?: boolean];

/** Episodes in seconds. */
function found(forSeconds: number, steps: Step[], start?: EpisodeStart, elapsed?: number) {
  const finder = new EpisodeFinder(forSeconds, start);
  for (const [second, zone, mayOpen = true] of steps) finder.next(zone, second * SECOND, second, mayOpen);
  if (elapsed !== undefined) finder.elapse(elapsed * SECOND);
  const episodes = finder.episodes.map(({ openedAt, clearedAt }) => [
    openedAt / SECOND,
    clearedAt === undefined ? null : clearedAt / SECOND,
  ]);
  const { pendingSince } = finder;
  return { episodes, pendingSince: pendingSince === undefined ? undefined : pendingSince / SECOND };
}

it.each<[name: string, forSeconds: number, steps: Step[], episodes: (number | null)[][], pending?: number]>([
  ['without a time it begins at once', 0, [[1, 'breach']], [[1, null]]],
  [
    'it ends with the first that is clear',
    0,
    [
      [1, 'breach'],
      [2, 'between'],
      [3, 'clear'],
      [4, 'clear'],
    ],
    [[1, 3]],
  ],
  [
    'not long enough yet',
    60,
    [
      [0, 'breach'],
      [59, 'breach'],
    ],
    [],
    0,
  ],
  [
    'just long enough',
    60,
    [
      [0, 'breach'],
      [60, 'breach'],
    ],
    [[60, null]],
  ],
  [
    'over in the moment in which it would be long enough',
    60,
    [
      [0, 'breach'],
      [60, 'clear'],
    ],
    [],
  ],
  [
    'long enough before the reading that ends it',
    60,
    [
      [0, 'breach'],
      [100, 'clear'],
    ],
    [[60, 100]],
  ],
  [
    'in between is a break, as long as it has not begun',
    60,
    [
      [0, 'breach'],
      [30, 'between'],
      [61, 'breach'],
    ],
    [],
    61,
  ],
  ['may not open', 0, [[0, 'breach', false]], []],
  [
    'may not open: the time counts from when it may',
    60,
    [
      [0, 'breach', false],
      [30, 'breach'],
      [90, 'breach'],
    ],
    [[90, null]],
  ],
  [
    'what is open ends also when nothing may open',
    0,
    [
      [0, 'breach'],
      [5, 'clear', false],
    ],
    [[0, 5]],
  ],
])('%s', (_, forSeconds, steps, episodes, pendingSince) => {
  expect(found(forSeconds, steps)).toEqual({ episodes, pendingSince });
});

it('is helped on by the clock when it is due, and as of then', () => {
  expect(found(60, [[0, 'breach']], {}, 59)).toEqual({ episodes: [], pendingSince: 0 });
  expect(found(60, [[0, 'breach']], {}, 500)).toEqual({ episodes: [[60, null]], pendingSince: undefined });
});

it('goes on from what is known', () => {
  const episode = { id: 'known', openedAt: -100 * SECOND };
  expect(
    found(
      60,
      [
        [0, 'breach'],
        [5, 'clear'],
      ],
      { episode },
    ).episodes,
  ).toEqual([[-100, 5]]);
  expect(found(60, [[5, 'breach']], { pendingSince: -55 * SECOND }).episodes).toEqual([[5, null]]);
});

it('keeps the value of the last reading that is in breach before it begins', () => {
  const finder = new EpisodeFinder(60);
  finder.next('breach', 0, 31, true);
  finder.next('breach', 50 * SECOND, 33, true);
  finder.next('clear', 70 * SECOND, 20, true);
  expect(finder.episodes).toMatchObject([{ value: 33 }]);
});
