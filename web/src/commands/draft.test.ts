import { describe, expect, it } from 'vitest';
import type { DeclaredCommand } from '../api/types.ts';
import { commandBody, declaredFor, newDraft, shownCommand, withField } from './draft.ts';

const setInterval: DeclaredCommand = {
  name: 'set_interval',
  fields: [
    { type: 'number', name: 'seconds', min: 1, max: 3600, whole: true, required: true },
    { type: 'choice', name: 'mode', options: ['eco', 'fast'], default: 'eco' },
    { type: 'switch', name: 'keep' },
    { type: 'text', name: 'note' },
  ],
};
const declared: DeclaredCommand[] = [setInterval, { name: 'reboot', fields: [] }];

describe('a declared command', () => {
  it('is sent with what is typed and what is its default; what is empty is left out', () => {
    const draft = withField(withField(newDraft, 'set_interval', 'seconds', 30), 'set_interval', 'note', '');
    expect(commandBody(draft, declared)).toEqual({
      body: {
        name: 'set_interval',
        params: { seconds: 30, mode: 'eco', keep: false },
        ttl_seconds: 86_400,
        supersede_key: undefined,
      },
    });
  });

  it.each([
    [0.5, 'Must be a whole number'],
    [0, 'Must be 1 or more'],
    [9999, 'Must be 3600 or less'],
    ['', 'Is missing'],
  ])('is not sent with %j for a whole number from 1 to 3600', (seconds, problem) => {
    const draft = withField(newDraft, 'set_interval', 'seconds', seconds);
    expect(commandBody(draft, declared)).toEqual({ problems: { 'params.seconds': problem } });
  });

  it('keeps what is typed for another one', () => {
    const draft = { ...withField(newDraft, 'set_interval', 'seconds', 30), chosen: { declared: 'reboot' } };
    expect(commandBody(draft, declared)).toMatchObject({ body: { name: 'reboot', params: {} } });
  });
});

it('offers the first one until somebody chooses, and JSON where there is none', () => {
  expect(shownCommand(newDraft, declared)?.name).toBe('set_interval');
  expect(shownCommand(newDraft, [])).toBeUndefined();
  expect(shownCommand({ ...newDraft, chosen: 'own' }, declared)).toBeUndefined();
});

it('takes a name and JSON, and says what is wrong with either', () => {
  const own = {
    ...newDraft,
    chosen: 'own',
    name: ' blink ',
    json: '{"times": 3}',
    supersedeKey: ' led ',
  } as const;
  expect(commandBody(own, declared)).toMatchObject({
    body: { name: 'blink', params: { times: 3 }, supersede_key: 'led' },
  });
  expect(commandBody({ ...own, json: '  ' }, declared)).toMatchObject({ body: { params: {} } });
  expect(commandBody({ ...own, name: ' ', json: '{\n"times": ,}' }, declared)).toEqual({
    problems: { name: 'Is missing', params: 'Line 2: a value is missing here' },
  });
});

it('offers several devices what they have in common', () => {
  const types = [{ id: 'a', commands: declared }];
  expect(declaredFor([{ device_type_id: 'a' }, { device_type_id: 'a' }], types)).toBe(declared);
  expect(declaredFor([{ device_type_id: 'a' }, { device_type_id: null }], types)).toEqual([]);
  expect(declaredFor([], types)).toEqual([]);
});
