import type { DecoderName } from '../../../../src/contract/decoders.ts';
import { deviceIn, parseExpectedTopic } from '../../../../src/domain/expected-topic.ts';
import type { Integration, UpdateIntegration } from '../../api/types.ts';
import type { DraftSettings } from './draft.ts';

/** Where a decoder can be saved: for an integration, for one of its topics, or for a topic it is to expect from now on. */
export type Target = { kind: 'integration' } | { kind: 'topic'; index: number } | { kind: 'new_topic' };

export const targetKey = (target: Target) =>
  target.kind === 'topic' ? `topic ${target.index}` : target.kind;

interface Topics {
  mode: Integration['mode'];
  expected_topics: Integration['expected_topics'];
}

/** The hosted broker's topics say themselves what they carry, a bridge's as well. */
export function hasRoutes({ mode }: Topics): boolean {
  return mode !== null && mode !== 'bridge';
}

/** The first of the integration's topics that takes a message on `topic`; -1 if none does. */
export function routeOf({ expected_topics }: Topics, topic: string): number {
  return expected_topics.findIndex((expected) => deviceOf(expected.topic, topic) !== undefined);
}

/** The device that an expected topic finds in a topic. */
export function deviceOf(expected: string, topic: string): string | undefined {
  const pattern = parseExpectedTopic(expected);
  return 'problem' in pattern ? undefined : deviceIn(pattern, topic);
}

/** What keeps a new expected topic from taking a message on `topic`, as a sentence. */
export function newTopicProblem(expected: string, topic: string): string | undefined {
  const pattern = parseExpectedTopic(expected);
  if ('problem' in pattern) return `It ${pattern.problem}.`;
  return deviceIn(pattern, topic) === undefined ? `It does not take ${topic}.` : undefined;
}

/** How a message is read today, and where that is written. */
export interface Today {
  target: Target;
  decoder: string;
  settings: unknown;
}

export function readToday(
  integration: Topics & Pick<Integration, 'decoder' | 'decoder_settings'>,
  topic: string,
): Today {
  const { decoder, decoder_settings: settings } = integration;
  const own = { decoder, settings };
  if (!hasRoutes(integration)) return { target: { kind: 'integration' }, ...own };
  const index = routeOf(integration, topic);
  if (index < 0) return { target: { kind: 'new_topic' }, ...own };
  const route = integration.expected_topics[index]!;
  if (!route.decoder) return { target: { kind: 'integration' }, ...own };
  return { target: { kind: 'topic', index }, decoder: route.decoder, settings: route.decoder_settings };
}

/** The targets that make sense for a message on `topic`. */
export function targetsFor(integration: Topics, topic: string): Target[] {
  if (!hasRoutes(integration)) return [{ kind: 'integration' }];
  const index = routeOf(integration, topic);
  return index < 0 ? [{ kind: 'new_topic' }] : [{ kind: 'topic', index }, { kind: 'integration' }];
}

/** The topics of an integration that have no decoder of their own. */
export function topicsWithout({ expected_topics }: Topics): string[] {
  return expected_topics.filter(({ decoder }) => !decoder).map(({ topic }) => topic);
}

/** What is changed of the integration when a decoder is saved for the target. */
export function changeOf(
  integration: Topics,
  target: Target,
  decoding: { decoder: DecoderName; settings: DraftSettings; newTopic: string },
): UpdateIntegration {
  const { decoder, newTopic } = decoding;
  const { settings } = decoding;
  const read = settings === undefined ? { decoder } : { decoder, decoder_settings: settings };
  if (target.kind === 'integration') return read;
  const topics = [...integration.expected_topics];
  if (target.kind === 'new_topic') return { expected_topics: [...topics, { topic: newTopic, ...read }] };
  const { topic, channel } = topics[target.index]!;
  topics[target.index] = { topic, ...(channel ? { channel } : {}), ...read };
  return { expected_topics: topics };
}
