import { describe, expect, it } from 'vitest';
import { type Draft, draftOf, settingsOf } from './draft.ts';

const draft = (change: Partial<Draft>): Draft => ({ ...draftOf('json', null), ...change });

describe('a draft', () => {
  it('begins with what there is, and gives it back unchanged', () => {
    const template = { fields: [{ name: 'a', type: 'uint8', offset: 3 }] };
    expect(settingsOf(draftOf('hex', template))).toEqual({ settings: template });
    expect(settingsOf(draftOf('expression', { expression: 'payload.a' }))).toEqual({
      settings: { expression: 'payload.a' },
    });
    expect(settingsOf(draftOf('json', null))).toEqual({ settings: undefined });
  });

  it('begins with an example that works where there is nothing', () => {
    expect(settingsOf(draft({ decoder: 'hex' }))).toHaveProperty('settings.fields');
    expect(settingsOf(draft({ decoder: 'expression' }))).toHaveProperty('settings.expression');
    expect(draftOf('of a later version', null).decoder).toBe('auto');
  });

  it.each([
    [{ decoder: 'hex', template: '{"fields":' }, /^This is no JSON yet: /],
    [{ decoder: 'hex', template: '{}' }, /^A template needs a list of fields\.$/],
    [
      { decoder: 'hex', template: '{"fields":[{"name":"a","type":"int9","offset":0}]}' },
      /^Field 0: its type/,
    ],
    [{ decoder: 'expression', expression: ' ' }, /^Write an expression\.$/],
  ] as const)('says what is missing: %j', (change, problem) => {
    expect(settingsOf(draft(change))).toEqual({ problem: expect.stringMatching(problem) });
  });
});
