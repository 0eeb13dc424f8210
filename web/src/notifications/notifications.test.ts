import { expect, test } from 'vitest';
import { createBody, newDraft, updateBody } from './draft.ts';
import { channelHealth, stateWord } from './states.ts';

test('a form sends what its kind has, and leaves a URL as it is that nobody entered', () => {
  const email = {
    ...newDraft('email'),
    name: ' On call ',
    to: ['ann@example.com'],
    url: 'https://left.over',
  };
  expect(createBody(email)).toMatchObject({ kind: 'email', name: 'On call', to: ['ann@example.com'] });
  expect(createBody(email)).not.toHaveProperty('url');
  expect(updateBody(email)).not.toHaveProperty('url');
  const slack = { ...newDraft('slack'), name: '#alerts' };
  expect(updateBody(slack)).not.toHaveProperty('url');
  expect(updateBody({ ...slack, url: ' https://hooks.slack.com/x ' })).toMatchObject({
    url: 'https://hooks.slack.com/x',
  });
  expect(updateBody(slack)).not.toHaveProperty('to');
});

test('how it goes with a channel', () => {
  const last = (state: 'pending' | 'sent' | 'dead', last_error: string | null = null) => ({
    enabled: true,
    last_delivery: { state, attempts: 1, at: '', last_error },
  });
  expect(channelHealth({ enabled: true, last_delivery: null })).toBe('new');
  expect(channelHealth({ ...last('sent'), enabled: false })).toBe('off');
  expect(channelHealth(last('sent', 'Refused for x@example.com'))).toBe('good');
  expect(channelHealth(last('pending'))).toBe('good');
  expect(channelHealth(last('pending', 'no'))).toBe('failing');
  expect(channelHealth(last('dead', 'no'))).toBe('bad');
  expect(stateWord({ state: 'pending', attempts: 0 })).toBe('On its way');
  expect(stateWord({ state: 'pending', attempts: 2 })).toBe('Trying again');
});
