import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AlertCondition, MetricCondition } from '../../src/domain/alert.ts';
import { compileCondition } from '../../src/domain/alert-condition.ts';
import { AlertLab } from '../support/alert-lab.ts';

/**
 * Rules against timelines: what opens and resolves when, whatever order the readings came in, however often, through
 * however many processes, and whenever they were judged in between.
 */

let lab: AlertLab;
beforeAll(async () => {
  lab = await AlertLab.open(2);
});
afterAll(() => lab.close());

/** Seconds since 1970 of a timeline's 0: two hours ago. */
const base = Math.floor(Date.now() / 1000) - 7200;

const above30: AlertCondition = { kind: 'threshold', metric: 't', operator: 'gt', value: 30, hysteresis: 0 };
const with2Back: AlertCondition = { ...above30, hysteresis: 2 };
const band: AlertCondition = { kind: 'outside', metric: 't', low: 2, high: 8, hysteresis: 1 };
const jump: AlertCondition = { kind: 'change', metric: 't', by: 5, within_seconds: 60, direction: 'any' };
const fall: AlertCondition = { ...jump, direction: 'down' };
const open: AlertCondition = { kind: 'equals', metric: 'door', value: 'open', negate: false };
const both: AlertCondition = { kind: 'expression', expression: 't > 30 and h < 40' };

/** In the order of arrival: [second, value or values, process]; `judge` in between; `wait` lets the clock say it is enough. */
type Step = [at: number, value: number | object, via?: number] | 'judge' | 'wait';
type Expected = [opened: number, cleared: number | null, resolution?: string][];

interface Timeline {
  name: string;
  condition: AlertCondition;
  forSeconds?: number;
  steps: Step[];
  expected: Expected;
}

const timelines: Timeline[] = [
  {
    name: 'in order: opens with the first above, resolves with the first that is not',
    condition: above30,
    steps: [[0, 20], [10, 31], [20, 32], 'judge', [30, 30], [40, 29]],
    expected: [[10, 30, 'cleared']],
  },
  {
    name: 'still open at the end',
    condition: above30,
    steps: [[0, 20], 'judge', [10, 31], 'judge', [20, 32], 'judge'],
    expected: [[10, null]],
  },
  {
    name: 'hysteresis: flapping about the limit is one alert, until it is far enough back',
    condition: with2Back,
    steps: [[0, 31], [10, 29.5], 'judge', [20, 31], [30, 29], 'judge', [40, 31], [50, 28], [60, 29]],
    expected: [[0, 50, 'cleared']],
  },
  {
    name: 'flapping without hysteresis is an alert each',
    condition: above30,
    steps: [[0, 31], [10, 29], 'judge', [20, 31], [30, 29], [40, 31]],
    expected: [
      [0, 10, 'cleared'],
      [20, 30, 'cleared'],
      [40, null],
    ],
  },
  {
    name: 'for a minute: a shorter one opens nothing',
    condition: above30,
    forSeconds: 60,
    steps: [
      [0, 31],
      [50, 31],
      'judge',
      [59, 29],
      [70, 31],
      'judge',
      [129, 31],
      'judge',
      [130, 31],
      [140, 20],
    ],
    expected: [[130, 140, 'cleared']],
  },
  {
    name: 'for a minute, with nothing after it: the clock opens it',
    condition: above30,
    forSeconds: 60,
    steps: [[0, 31], 'judge', 'wait'],
    expected: [[60, null]],
  },
  {
    name: 'what the clock opened is withdrawn by a reading from before that came late',
    condition: above30,
    forSeconds: 60,
    steps: [[0, 31], 'judge', 'wait', [30, 20]],
    expected: [[60, 60, 'withdrawn']],
  },
  {
    name: 'what the clock opened stays when a late reading agrees',
    condition: above30,
    forSeconds: 60,
    steps: [[0, 31], 'judge', 'wait', [30, 33]],
    expected: [[60, null]],
  },
  {
    name: 'a backlog of hours, judged in one go and in the middle',
    condition: above30,
    forSeconds: 300,
    steps: [
      [0, 20],
      [600, 31],
      [1200, 31],
      'judge',
      [1800, 20],
      [2400, 31],
      [2500, 20],
      [3000, 31],
      [3600, 31],
      'judge',
    ],
    expected: [
      [900, 1800, 'cleared'],
      [3300, null],
    ],
  },
  {
    name: 'late: an alert is found behind what was judged, over already',
    condition: above30,
    steps: [[0, 20], [100, 20], 'judge', [50, 35], 'judge', [60, 20]],
    expected: [[50, 60, 'cleared']],
  },
  {
    name: 'late: ends an alert earlier',
    condition: above30,
    steps: [[0, 31], [100, 20], 'judge', [40, 20]],
    expected: [[0, 40, 'cleared']],
  },
  {
    name: 'late: cuts an alert in two',
    condition: above30,
    steps: [[0, 31], [50, 32], [100, 20], 'judge', [30, 20]],
    expected: [
      [0, 30, 'cleared'],
      [50, 100, 'cleared'],
    ],
  },
  {
    name: 'late: begins an alert earlier',
    condition: above30,
    steps: [[0, 20], [50, 31], 'judge', [20, 33]],
    expected: [[20, null]],
  },
  {
    name: 'shuffled and repeated',
    condition: above30,
    steps: [[30, 29], [10, 31], 'judge', [10, 31], [0, 20], [20, 32], [30, 29], 'judge', [10, 31]],
    expected: [[10, 30, 'cleared']],
  },
  {
    name: 'a metric that is missing says nothing',
    condition: above30,
    steps: [[0, 31], 'judge', [10, { h: 5 }], 'judge', [20, { h: 6, t: 20 }]],
    expected: [[0, 20, 'cleared']],
  },
  {
    name: 'a value of another type says nothing',
    condition: above30,
    steps: [[0, 31], [10, { t: 'broken' }], [20, { t: true }], 'judge', [30, 20]],
    expected: [[0, 30, 'cleared']],
  },
  {
    name: 'two processes in turn',
    condition: above30,
    steps: [[0, 20, 0], [10, 31, 1], 'judge', [20, 20, 0], [30, 33, 1], 'judge', [40, 34, 0], [50, 20, 1]],
    expected: [
      [10, 20, 'cleared'],
      [30, 50, 'cleared'],
    ],
  },
  {
    name: 'two processes of which each sees no change of its own',
    condition: above30,
    steps: [
      [0, 31, 0],
      'judge',
      [10, 20, 1],
      'judge',
      [20, 32, 0],
      'judge',
      [30, 20, 1],
      'judge',
      [40, 33, 0],
    ],
    expected: [
      [0, 10, 'cleared'],
      [20, 30, 'cleared'],
      [40, null],
    ],
  },
  {
    name: 'a clock that jumps ahead and back: by the times that the readings state',
    condition: above30,
    steps: [[0, 20], [500, 31], 'judge', [10, 20], [20, 20], 'judge', [510, 20]],
    expected: [[500, 510, 'cleared']],
  },
  {
    name: 'a clock in 1970 is not believed: by the time of receipt',
    condition: above30,
    steps: [[-base, 31], 'judge', [-base + 1, 20]],
    expected: [[Number.NaN, Number.NaN, 'cleared']],
  },
  {
    name: 'outside a band, either side, with hysteresis',
    condition: band,
    steps: [[0, 5], [10, 1.9], [20, 2.5], 'judge', [30, 3], [40, 8.1], 'judge', [50, 7.5], [60, 7]],
    expected: [
      [10, 30, 'cleared'],
      [40, 60, 'cleared'],
    ],
  },
  {
    name: 'changes by 5 within a minute: a jump, and not a slow rise',
    condition: jump,
    steps: [[0, 10], [30, 12], [60, 14], [90, 16], 'judge', [120, 21], 'judge', [200, 21]],
    expected: [[120, 200, 'cleared']],
  },
  {
    name: 'falls by 5 within a minute, late',
    condition: fall,
    steps: [[0, 20], [40, 15], 'judge', [100, 15], [20, 30], 'judge', [170, 15]],
    expected: [[40, 100, 'cleared']],
  },
  {
    name: 'equals a text',
    condition: open,
    steps: [
      [0, { door: 'closed' }],
      [10, { door: 'open' }],
      'judge',
      [20, { door: 'open' }],
      [30, { door: 'closed' }],
    ],
    expected: [[10, 30, 'cleared']],
  },
  {
    name: 'an expression over metrics that come in messages of their own',
    condition: both,
    steps: [
      [0, { t: 31 }],
      'judge',
      [10, { h: 50 }],
      [20, { h: 30 }],
      'judge',
      [30, { t: 32 }],
      [40, { t: 29 }],
      'judge',
    ],
    expected: [[20, 40, 'cleared']],
  },
  {
    name: 'an expression through two processes, of which neither knows all',
    condition: both,
    steps: [
      [0, { t: 31 }, 0],
      'judge',
      [10, { h: 30 }, 1],
      'judge',
      [20, { t: 20 }, 0],
      'judge',
      [30, { t: 40 }, 0],
    ],
    expected: [
      [10, 20, 'cleared'],
      [30, null],
    ],
  },
];

async function run({ condition, forSeconds = 0, steps }: Omit<Timeline, 'name' | 'expected'>) {
  const device = await lab.device();
  const rule = await lab.rule({ condition, forSeconds, scope: { kind: 'devices', device_ids: [device.id] } });
  for (const step of steps) {
    if (step === 'judge') await lab.judge();
    else if (step === 'wait') await lab.judge(7200);
    else {
      const [at, value, via] = step;
      const values = typeof value === 'object' ? value : { t: value };
      await lab.store(device.name, { ts: (base + at) * 1000, ...values }, via);
    }
  }
  await lab.judge();
  return { rule, device };
}

describe('what opens and resolves when', () => {
  test.each(timelines)('$name', async ({ expected, ...timeline }) => {
    const { rule } = await run(timeline);
    const found = await lab.alerts(rule, base);
    if (Number.isNaN(expected[0]?.[0])) {
      expect(found).toHaveLength(1);
      expect(found[0]![0]).toBeGreaterThan(7000);
      expect(found[0]![2]).toBe('cleared');
    } else
      expect(found).toEqual(
        expected.map(([opened, cleared, resolution]) => [opened, cleared, resolution ?? null]),
      );
  });
});

/** What is to be found, by a second way: of all readings in order, without looking at how they came. */
function recount(
  condition: AlertCondition,
  forSeconds: number,
  readings: [number, number][],
): [number, number | null][] {
  const judge = compileCondition(condition as MetricCondition).judge();
  const zones = readings
    .toSorted(([a], [b]) => a - b)
    .map(([at, value]) => [at, judge.judge({ t: value }, at * 1e6)] as const);
  const found: [number, number | null][] = [];
  for (let index = 0; index < zones.length; ) {
    const since = zones[index]![0];
    if (zones[index]![1] !== 'breach') {
      index += 1;
      continue;
    }
    let end = index;
    while (end < zones.length && zones[end]![1] === 'breach') end += 1;
    // As long as it says nothing else; the last one goes on for ever.
    const until = zones[end]?.[0] ?? Number.POSITIVE_INFINITY;
    if (until <= since + forSeconds) {
      index = end;
      continue;
    }
    while (end < zones.length && zones[end]![1] !== 'clear') end += 1;
    found.push([since + forSeconds, zones[end]?.[0] ?? null]);
    index = end + 1;
  }
  return found;
}

/** A sequence that is the same every time (Numerical Recipes’ constants). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('any timeline, in any order, comes to the same', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))('%i', async (seed) => {
    const random = chance(seed * 7919 + 1);
    const condition = [above30, with2Back, band, jump][seed % 4]!;
    const forSeconds = [0, 0, 45, 90][Math.floor(random() * 4)]!;
    let value = 20;
    let at = 0;
    const readings: [number, number][] = Array.from({ length: 30 }, () => {
      at += 5 + Math.floor(random() * 40);
      value = Math.round(Math.min(40, Math.max(0, value + (random() - 0.5) * 24)) * 10) / 10;
      return [at, value];
    });
    // Mostly in order, with some that come much later, and some twice.
    const arrivals = readings
      .flatMap(([second, each], index): [number, number, number][] => {
        const late = random() < 0.3 ? random() * 30 : random() * 2;
        const one: [number, number, number] = [second, each, index + late];
        return random() < 0.2 ? [one, [second, each, index + random() * 30]] : [one];
      })
      .toSorted(([, , a], [, , b]) => a - b);
    const steps = arrivals.flatMap(([second, each]): Step[] => {
      const step: Step = [second, each, Math.floor(random() * 2)];
      return random() < 0.25 ? [step, 'judge'] : [step];
    });
    const { rule } = await run({ condition, forSeconds, steps: [...steps, 'wait'] });
    const found = (await lab.alerts(rule, base)).filter(([, , resolution]) => resolution !== 'withdrawn');
    expect(found.map(([opened, cleared]) => [opened, cleared])).toEqual(
      recount(condition, forSeconds, readings),
    );
  });
});
