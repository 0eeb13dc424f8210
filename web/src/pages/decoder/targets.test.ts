import { describe, expect, it } from 'vitest';
import { changeOf, newTopicProblem, readToday, targetsFor, topicsWithout } from './targets.ts';

const template = { fields: [{ name: 'a', type: 'uint8' as const, offset: 0 }] };
const plant = {
  mode: 'webhook' as const,
  decoder: 'json',
  decoder_settings: null,
  expected_topics: [
    { topic: 'devices/+/telemetry' },
    { topic: 'halls/+/{device}/raw', channel: 'telemetry' as const, decoder: 'cbor' as const },
  ],
};
const hosted = { ...plant, mode: null, expected_topics: [] };
const topicTarget = { kind: 'topic', index: 1 };

describe('where a decoder is saved', () => {
  it('is where it is written today', () => {
    expect(readToday(hosted, 'org_x/devices/a/telemetry').target).toEqual({ kind: 'integration' });
    expect(readToday(plant, 'devices/a/telemetry')).toMatchObject({
      target: { kind: 'integration' },
      decoder: 'json',
    });
    expect(readToday(plant, 'halls/3/a/raw')).toMatchObject({ target: topicTarget, decoder: 'cbor' });
    expect(readToday(plant, 'elsewhere/a')).toMatchObject({ target: { kind: 'new_topic' }, decoder: 'json' });
  });

  it('may be the topic or the whole integration, and a new topic only if none takes the message', () => {
    expect(targetsFor(plant, 'halls/3/a/raw')).toEqual([topicTarget, { kind: 'integration' }]);
    expect(targetsFor(plant, 'elsewhere/a')).toEqual([{ kind: 'new_topic' }]);
    expect(targetsFor({ ...plant, mode: 'bridge' }, 'elsewhere/a')).toEqual([{ kind: 'integration' }]);
    expect(topicsWithout(plant)).toEqual(['devices/+/telemetry']);
  });

  it('changes that and nothing else', () => {
    const hex = { decoder: 'hex' as const, settings: template, newTopic: 'x/{device}' };
    expect(changeOf(plant, { kind: 'integration' }, hex)).toEqual({
      decoder: 'hex',
      decoder_settings: template,
    });
    expect(changeOf(plant, { kind: 'topic', index: 1 }, hex)).toEqual({
      expected_topics: [
        plant.expected_topics[0],
        { topic: 'halls/+/{device}/raw', channel: 'telemetry', decoder: 'hex', decoder_settings: template },
      ],
    });
    const plain = { ...hex, decoder: 'json' as const, settings: undefined };
    expect(changeOf(plant, { kind: 'new_topic' }, plain)).toEqual({
      expected_topics: [...plant.expected_topics, { topic: 'x/{device}', decoder: 'json' }],
    });
  });

  it('says what is wrong with a new topic', () => {
    expect(newTopicProblem('a/{device}', 'a/b')).toBeUndefined();
    expect(newTopicProblem('a/b', 'a/b')).toBe('It needs a level that marks the device: + or {device}.');
    expect(newTopicProblem('c/+', 'a/b')).toBe('It does not take a/b.');
  });
});
