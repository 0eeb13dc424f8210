import { describe, expect, it } from 'vitest';
import { fitParams } from './command-fields.ts';
import { type DeclaredCommand, declaredCommand } from './device-types.ts';

const setInterval = declaredCommand.parse({
  name: 'set_interval',
  fields: [
    { type: 'number', name: 'seconds', min: 5, max: 3600, whole: true, required: true },
    { type: 'number', name: 'jitter', default: 0.5 },
    { type: 'text', name: 'note' },
    { type: 'switch', name: 'save', default: true },
    { type: 'choice', name: 'mode', options: ['eco', 'fast'], required: true, default: 'eco' },
  ],
});

const problems = (params: Record<string, unknown>, declared: DeclaredCommand = setInterval) => {
  const fit = fitParams(declared, params);
  return 'problems' in fit ? fit.problems.map(({ name, message }) => `${name} ${message}`) : [];
};

describe('params of a declared command', () => {
  it('are filled in with defaults, and what may be left out is', () => {
    expect(fitParams(setInterval, { seconds: 60 })).toEqual({
      params: { seconds: 60, jitter: 0.5, save: true, mode: 'eco' },
    });
    const all = { seconds: 5, jitter: -1, note: '', save: false, mode: 'fast' };
    expect(fitParams(setInterval, all)).toEqual({ params: all });
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, 'seconds is missing'],
    [{ seconds: '60' }, 'seconds must be a number'],
    [{ seconds: null }, 'seconds must be a number'],
    [{ seconds: 4 }, 'seconds must be 5 or more'],
    [{ seconds: 3601 }, 'seconds must be 3600 or less'],
    [{ seconds: 5.5 }, 'seconds must be a whole number'],
    [{ seconds: 60, note: 7 }, 'note must be a text'],
    [{ seconds: 60, save: 'yes' }, 'save must be true or false'],
    [{ seconds: 60, mode: 'slow' }, 'mode must be one of eco, fast'],
    [{ seconds: 60, second: 1 }, 'second is no parameter of set_interval'],
    [JSON.parse('{"seconds": 60, "__proto__": 1}'), '__proto__ is no parameter of set_interval'],
    [{ seconds: 60, toString: 1 }, 'toString is no parameter of set_interval'],
  ])('%j: %s', (params, problem) => {
    expect(problems(params)).toEqual([problem]);
  });

  it('are told all that is wrong with them', () => {
    expect(problems({ extra: 1, seconds: 0, save: 1 })).toEqual([
      'extra is no parameter of set_interval',
      'seconds must be 5 or more',
      'save must be true or false',
    ]);
  });

  it('are none where none are declared', () => {
    const reboot = declaredCommand.parse({ name: 'reboot' });
    expect(problems({}, reboot)).toEqual([]);
    expect(problems({ now: true }, reboot)).toEqual(['now is no parameter of reboot']);
  });
});

it.each([
  [{ type: 'number', name: 'n', min: 5, default: 4 }, 'must be 5 or more'],
  [{ type: 'choice', name: 'n', options: ['a'], default: 'b' }, 'must be one of a'],
])('a default that does not fit its own field is refused: %j', (field, message) => {
  const { error } = declaredCommand.safeParse({ name: 'x', fields: [field] });
  expect(error?.issues).toMatchObject([{ path: ['fields', 0, 'default'], message }]);
});
