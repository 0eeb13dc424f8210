import { isExternalDeviceId } from './hosted-topic.ts';
import { isTopicFilter, isTopicName, topicMatches } from './topic.ts';

/**
 * Topics on customers' brokers. An integration lists the filters that it expects; one level of each marks the
 * device: `{device}`, or else the only `+`.
 */

/** What a route stores of a message: readings, whether the device is there, or its answer to a command. */
export type StoredChannel = 'telemetry' | 'status' | 'responses';

/** An expected topic, understood. */
export interface TopicPattern {
  /** The MQTT filter: `{device}` is `+` in it. */
  filter: string;
  /** Which of its levels names the device, from 0. */
  deviceLevel: number;
  /** `status` or `responses` where that is its last level. */
  channel: StoredChannel;
}

const DEVICE = '{device}';

/** @returns the pattern, or in words what keeps the text from being one */
export function parseExpectedTopic(text: string): TopicPattern | { problem: string } {
  const levels = text.split('/');
  const named = levels.flatMap((level, index) => (level === DEVICE ? [index] : []));
  const single = levels.flatMap((level, index) => (level === '+' ? [index] : []));
  const filter = levels.map((level) => (level === DEVICE ? '+' : level)).join('/');
  if (filter.includes('{') || filter.includes('}')) {
    return { problem: `only a whole level can be ${DEVICE}` };
  }
  if (!isTopicFilter(filter)) return { problem: 'is no MQTT topic filter' };
  if (filter.startsWith('$share/'))
    return { problem: 'a shared subscription would split a device’s messages' };
  if (named.length > 1) return { problem: `names ${DEVICE} more than once` };
  const [deviceLevel] = named.length === 1 ? named : single;
  if (deviceLevel === undefined) return { problem: `needs a level that marks the device: + or ${DEVICE}` };
  if (named.length === 0 && single.length > 1) {
    return { problem: `has several +: write ${DEVICE} for the one that marks the device` };
  }
  const last = levels.at(-1);
  const channel = last === 'status' || last === 'responses' ? last : 'telemetry';
  return { filter, deviceLevel, channel };
}

/** The device that a topic names, if the pattern matches it and a device can have that name. */
export function deviceIn({ filter, deviceLevel }: TopicPattern, topic: string): string | undefined {
  if (!topicMatches(filter, topic)) return undefined;
  const name = topic.split('/')[deviceLevel];
  return name !== undefined && isExternalDeviceId(name) ? name : undefined;
}

/** The topic of one device that the pattern stands for; undefined when there is more to it than the device. */
export function topicOfDevice({ filter, deviceLevel }: TopicPattern, device: string): string | undefined {
  const topic = filter.split('/').with(deviceLevel, device).join('/');
  return isTopicName(topic) ? topic : undefined;
}
