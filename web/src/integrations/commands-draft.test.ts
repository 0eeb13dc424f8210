import { expect, it } from 'vitest';
import { commandsBody, commandsDraft, commandsPreview } from './commands-draft.ts';

const at = '2026-11-26T12:00:00.000Z';

it('shows what is published of an example', () => {
  expect(commandsPreview({ topic: ' devices/{device}/{name} ', payload: '' }, at)).toEqual({
    topic: 'devices/boiler-1/set_interval',
    payload: `{"id":"6a1f0e0c-4d0b-4c58-9a3e-2f4b7d1c9e55","name":"set_interval","params":{"seconds":30},"expires_at":"${at}"}`,
  });
  expect(commandsPreview({ topic: 'a/{device}', payload: '{"every": "{{params.seconds}}"}' }, at)).toEqual({
    topic: 'a/boiler-1',
    payload: '{"every":30}',
  });
});

it('says what is wrong instead', () => {
  expect(commandsPreview({ topic: 'devices/commands', payload: '{{who}}' }, at)).toEqual({
    problems: {
      topic: 'Needs {device}: else all devices would get every command',
      payload: 'There is no {{who}}; there are id, name, device, expires_at, params',
    },
  });
});

it('is none without a topic, and the command itself without a payload', () => {
  expect(commandsBody(commandsDraft(null))).toBeNull();
  expect(commandsBody({ topic: ' a/{device} ', payload: ' ' })).toEqual({ topic: 'a/{device}' });
  const form = { topic: 'a/{device}', payload: '{{name}}' };
  expect(commandsBody(commandsDraft(form))).toEqual(form);
});
