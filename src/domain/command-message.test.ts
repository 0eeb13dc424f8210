import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CommandMessage,
  commandFilter,
  commandPayload,
  commandPayloadProblem,
  commandTopic,
  commandTopicProblem,
} from './command-message.ts';
import { topicMatches } from './topic.ts';

const command: CommandMessage = {
  id: '5b6f0d1e-1111-4222-8333-444455556666',
  name: 'set_interval',
  params: { seconds: 30, mode: 'eco', schedule: { on: [8, 17] }, note: 'a "b" \\', nothing: null },
  expires_at: '2026-11-27T10:00:00Z',
};
const made = (payload: string | undefined) => commandPayload({ payload }, command, 't1');

describe('a topic for commands', () => {
  test.each([
    ['devices/{device}/commands', undefined],
    ['zigbee2mqtt/{device}/set', undefined],
    ['cmnd/{device}/{name}', undefined],
    ['$sys/v1/dev-{device}/{name}/down', undefined],
    ['devices/commands', /needs \{device\}/],
    ['devices/{name}', /needs \{device\}/],
    ['', /no MQTT topic/],
    ['devices/{device}/+', /no MQTT topic/],
    ['devices/{device}/#', /no MQTT topic/],
    ['devices/{device}\0', /no MQTT topic/],
    ['devices/{Device}', /only \{device\} and \{name\}/],
    ['devices/{device}/{', /only \{device\} and \{name\}/],
    ['devices/{{device}}', /only \{device\} and \{name\}/],
  ])('%j', (topic, problem) => {
    if (problem) expect(commandTopicProblem(topic)).toMatch(problem);
    else expect(commandTopicProblem(topic)).toBeUndefined();
  });

  test('is that of the device and the command', () => {
    const form = { topic: 'cmnd/{device}/{name}/{device}' };
    expect(commandTopic(form, 't1', 'power')).toBe('cmnd/t1/power/t1');
    // Nothing in a name stands for something else.
    expect(commandTopic(form, '{name}', '$& $1')).toBe('cmnd/{name}/$& $1/{name}');
  });

  test('is none when the name would make another level or a wildcard of it', () => {
    for (const name of ['a/b', '+', '#', 'a+b']) {
      expect(commandTopic({ topic: '{device}/{name}' }, 't1', name)).toBeUndefined();
      expect(commandTopic({ topic: '{device}/set' }, 't1', name)).toBe('t1/set');
    }
    expect(commandTopic({ topic: '{device}/set' }, 'a+', 'x')).toBeUndefined();
  });

  test('lies in the filter of its form', () => {
    expect(commandFilter({ topic: 'a/dev-{device}/{name}/set' })).toBe('a/+/+/set');
    const word = fc.stringMatching(/^[\w{} -]{1,20}$/);
    fc.assert(
      fc.property(
        word,
        word,
        fc.constantFrom('{device}', 'a/x-{device}/{name}', '{device}/b'),
        (device, name, topic) => {
          const filled = commandTopic({ topic }, device, name);
          return filled !== undefined && topicMatches(commandFilter({ topic }), filled);
        },
      ),
    );
  });
});

describe('the payload', () => {
  test('is the command itself where there is no template', () => {
    expect(JSON.parse(made(undefined))).toEqual(command);
  });

  test.each([
    ['{"state":"{{params.mode}}"}', { state: 'eco' }],
    ['{"seconds":"{{params.seconds}}"}', { seconds: 30 }],
    ['{"seconds":"{{ params.seconds }} s"}', { seconds: '30 s' }],
    ['{"all":"{{params}}","of":"{{device}}"}', { all: command.params, of: 't1' }],
    [
      '["{{params.schedule.on}}",{"x":["{{id}}","{{name}}","{{expires_at}}"]},1,null,true]',
      [[8, 17], { x: [command.id, command.name, command.expires_at] }, 1, null, true],
    ],
    [
      '{"gone":"{{params.none}}","empty":"{{params.nothing}}","text":"<{{params.none}}>"}',
      {
        gone: null,
        empty: null,
        text: '<>',
      },
    ],
    ['{"note":"{{params.note}}, {{params.schedule}}"}', { note: 'a "b" \\, {"on":[8,17]}' }],
    // Only what is the object's own.
    [
      '{"a":"{{params.constructor}}","b":"{{params.mode.length}}","c":"{{params.schedule.on.length}}"}',
      {
        a: null,
        b: null,
        c: 2,
      },
    ],
    ['"{{params.seconds}}"', 30],
  ])('of the JSON %s', (template, expected) => {
    expect(commandPayloadProblem(template)).toBeUndefined();
    expect(JSON.parse(made(template))).toEqual(expected);
  });

  test.each([
    ['{{params.mode}}', 'eco'],
    [
      'SET {{name}} {{params.seconds}};{{params.none}}{{params.schedule}}',
      'SET set_interval 30;{"on":[8,17]}',
    ],
    ['{"half": {{params.seconds}}, {{params.mode}}', '{"half": 30, eco'],
    ['{"number": {{params.seconds}}}', '{"number": 30}'],
    ['nothing of it', 'nothing of it'],
  ])('of the text %s', (template, expected) => {
    expect(commandPayloadProblem(template)).toBeUndefined();
    expect(made(template)).toBe(expected);
  });

  test('what stands in params is not read as a template', () => {
    const params = { a: '{{id}}', b: '$&' };
    expect(
      commandPayload({ payload: '{"a":"{{params.a}}{{params.b}}"}' }, { ...command, params }, 't1'),
    ).toBe('{"a":"{{id}}$&"}');
    expect(commandPayload({ payload: '{{params.a}}{{params.b}}' }, { ...command, params }, 't1')).toBe(
      '{{id}}$&',
    );
  });

  test.each([
    ['{{who}}', /there is no \{\{who\}\}/],
    ['{{parameters.a}}', /there is no/],
    ['{{', /without a name/],
    ['{{ }}', /without a name/],
    ['{{params.}}', /without a name/],
    ['{{name}'.repeat(2), /without a name/],
    ['{{params}}'.repeat(51), /more than 50/],
  ])('%s is no template', (template, problem) => {
    expect(commandPayloadProblem(template)).toMatch(problem);
  });

  test('of whatever template can be made', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.jsonValue(), (template, params) => {
        const payload = commandPayload({ payload: template }, { ...command, params }, 't1');
        return typeof payload === 'string';
      }),
    );
  });
});
