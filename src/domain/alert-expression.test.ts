import { describe, expect, test } from 'vitest';
import { expressionProblem, parseAlertExpression } from './alert-expression.ts';
import type { ReadingValue } from './reading.ts';

const values: Record<string, ReadingValue> = {
  t: 31,
  h: 35,
  'power.total': 2000,
  door: 'open',
  leak: true,
  'odd name': 1,
};
const holds = (text: string, known = values) => parseAlertExpression(text).holds((metric) => known[metric]);

describe('what holds', () => {
  test.each([
    ['t > 30', true],
    ['t > 30 and h < 30', false],
    ['t > 40 or h < 40', true],
    ['not t > 40', true],
    ['not not (t > 40)', false],
    ['t >= 31 and t <= 31 and t == 31 and t != 32', true],
    ["door == 'open'", true],
    ['door != "closed"', true],
    ['leak', true],
    ['leak == false', false],
    ['power.total / 1000 > 1.5', true],
    ['`odd name` + 1 == 2', true],
    ['t - h < 0', true],
    ['2 + 3 * t == 95', true],
    ['(2 + 3) * t == 155', true],
    ['-t < -30', true],
    ['1 - -t == 32', true],
    ['abs(h - t) < 5', true],
    ['max(t, h, 100) == 100 and min(t, h) == 31', true],
    ['t>30and h<40', true],
    ['1e3 < power.total', true],
  ])('%s: %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test.each([
    ['gone > 1', 'a metric that is not known'],
    ['door > 30', 'a text beside a number'],
    ['leak < true', 'what has no order'],
    ['t', 'what is neither true nor false'],
    ['t / 0 > 1', 'a division by zero'],
    ['t > 30 and gone > 1', 'half of it'],
    ['abs(door) > 1', 'a function of a text'],
  ])('%s is not known: %s', (text) => {
    expect(holds(text)).toBeUndefined();
  });

  test('what is known may decide alone', () => {
    expect(holds('t < 30 and gone > 1')).toBe(false);
    expect(holds('gone > 1 or t > 30')).toBe(true);
  });
});

test('it names its metrics, each once', () => {
  expect(
    parseAlertExpression('t > 30 and (t < 40 or `odd name` == 1) and abs(power.total) > 1').metrics,
  ).toEqual(['t', 'odd name', 'power.total']);
});

describe('what can’t be read', () => {
  test.each([
    ['', 'A metric, a number or a text is missing (at character 1)'],
    ['t >', 'A metric, a number or a text is missing (at character 4)'],
    ['t > 30 30', 'This is not understood (at character 8)'],
    ['t > 30 &', 'This character can’t stand there (at character 8)'],
    ['(t > 30', '“)” is missing (at character 8)'],
    ['20 < t < 30', 'Compare two things at a time, with “and” between (at character 8)'],
    ['sqrt(t) > 1', 'There is no function “sqrt”: there are abs, min, max (at character 1)'],
    ['constructor(t) > 1', 'There is no function “constructor”: there are abs, min, max (at character 1)'],
    ['abs(t, h) > 1', 'abs takes one value (at character 11)'],
    ['t > and', '“and” can’t stand there (at character 5)'],
    ['1 < 2', 'It names no metric (at character 1)'],
    ["door == 'open", 'This character can’t stand there (at character 9)'],
    [`${'('.repeat(60)}t > 1${')'.repeat(60)}`, 'This nests too deep (at character 51)'],
    [`${'-'.repeat(900)}t > 1`, undefined],
    [`${'not '.repeat(200)}leak`, undefined],
  ])('%s', (text, problem) => {
    expect(expressionProblem(text)).toBe(problem);
  });
});
