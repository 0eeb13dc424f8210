import type { ExpectedTopic } from '../contract/expected-topics.ts';
import {
  deviceIn,
  parseExpectedTopic,
  type StoredChannel,
  type TopicPattern,
} from '../domain/expected-topic.ts';
import { type Decoding, decodingFor } from './decoding.ts';

/** An integration's expected topics, understood once. */
export type TopicPatterns = readonly (TopicPattern & { decoding: Decoding | undefined })[];

export function topicPatterns(expected: readonly ExpectedTopic[]): TopicPatterns {
  return expected.flatMap(({ topic, channel, decoder, decoder_settings: settings }) => {
    const pattern = parseExpectedTopic(topic);
    if ('problem' in pattern) return [];
    return [
      {
        ...pattern,
        channel: channel ?? pattern.channel,
        decoding: decoder && decodingFor(decoder, settings),
      },
    ];
  });
}

/** What the first pattern that matches says of a topic. @returns undefined for a topic that is not expected */
export function matchTopic(
  patterns: TopicPatterns,
  topic: string,
): { externalDeviceId: string; channel: StoredChannel; decoding: Decoding | undefined } | undefined {
  for (const pattern of patterns) {
    const externalDeviceId = deviceIn(pattern, topic);
    if (externalDeviceId !== undefined)
      return { externalDeviceId, channel: pattern.channel, decoding: pattern.decoding };
  }
  return undefined;
}
