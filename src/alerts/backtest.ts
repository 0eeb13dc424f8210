import { type ReadFrom, readingsFrom } from '../database/alert-judging.ts';
import type { Transaction } from '../database/transaction.ts';
import type { MetricCondition, Schedule } from '../domain/alert.ts';
import { compileCondition } from '../domain/alert-condition.ts';
import { type Episode, EpisodeFinder } from '../domain/alert-episode.ts';
import type { Microseconds } from '../domain/time.ts';
import { dueBy } from './judge.ts';

/** More are not looked at: a month of one every five seconds. */
const MOST_READINGS = 500_000;
const MOST_EPISODES = 1000;
/** So many readings at once, where one device is read alone. */
const PAGE = 10_000;

export interface BacktestOptions {
  condition: MetricCondition | { kind: 'no_data'; metric?: string | undefined };
  forSeconds: number;
  schedule: Schedule | null;
  deviceId: string;
  from: Microseconds;
  to: Microseconds;
}

export interface BacktestOutcome {
  episodes: Episode[];
  readings: number;
  truncated: boolean;
}

/** When a rule would have fired, judged as it would have been. */
export async function backtest(tx: Transaction, options: BacktestOptions): Promise<BacktestOutcome> {
  const { condition, forSeconds, schedule, deviceId, from, to } = options;
  const follow =
    condition.kind === 'no_data' ? silence(condition.metric, forSeconds) : values(condition, forSeconds);
  const isDue = schedule ? dueBy(schedule) : () => true;
  let readings = 0;
  let next: ReadFrom | undefined = { deviceId, at: from - follow.lookback };
  while (next && readings < MOST_READINGS && follow.episodes.length <= MOST_EPISODES) {
    const page = await readingsFrom(tx, [next], { most: PAGE, before: to });
    for (const reading of page)
      follow.read(reading, { counts: reading.at >= from, mayOpen: isDue(reading.at) });
    readings += page.length;
    next = page.length === PAGE ? page.at(-1) : undefined;
  }
  if (!next) follow.end(to);
  return {
    episodes: follow.episodes.slice(0, MOST_EPISODES),
    readings,
    truncated: next !== undefined || follow.episodes.length > MOST_EPISODES,
  };
}

const DAY = 86_400_000_000;

interface Follow {
  episodes: Episode[];
  lookback: Microseconds;
  read(
    reading: { at: Microseconds; values: Record<string, unknown> },
    how: { counts: boolean; mayOpen: boolean },
  ): void;
  /** Nothing more was read until then. */
  end(at: Microseconds): void;
}

function values(condition: MetricCondition, forSeconds: number): Follow {
  const compiled = compileCondition(condition);
  const judge = compiled.judge();
  const finder = new EpisodeFinder(forSeconds);
  return {
    episodes: finder.episodes,
    lookback: compiled.isOfLastValues ? DAY : compiled.lookback,
    read({ at, values }, { counts, mayOpen }) {
      const zone = judge.judge(values as Parameters<typeof judge.judge>[0], at);
      if (zone !== undefined && counts) finder.next(zone, at, judge.value, mayOpen);
    },
    end: (at) => finder.elapse(at),
  };
}

function silence(metric: string | undefined, forSeconds: number): Follow {
  const episodes: Episode[] = [];
  const longest = forSeconds * 1_000_000;
  let heard: Microseconds | undefined;
  function hear(at: Microseconds, isEnd: boolean): void {
    if (heard !== undefined && at - heard > longest)
      episodes.push({ openedAt: heard + longest, clearedAt: isEnd ? undefined : at, value: undefined });
    heard = at;
  }
  return {
    episodes,
    lookback: longest,
    read({ at, values }) {
      if (metric === undefined || Object.hasOwn(values, metric)) hear(at, false);
    },
    end: (at) => hear(at, true),
  };
}
