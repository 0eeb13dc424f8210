import { type CommandForm, commandPayload, commandTopic } from '../domain/command-message.ts';
import { parseExpectedTopic, topicOfDevice } from '../domain/expected-topic.ts';
import type { OutgoingCommand } from '../domain/sending.ts';
import type { PublishProperties } from '../mqtt/publishing.ts';
import type { KnownIntegration } from './directory.ts';

/** Largest interval that MQTT 5 can say, in seconds. */
const LONGEST_EXPIRY = 0xffff_ffff;

/** What is published of a command. */
export interface CommandPublish {
  topic: string;
  payload: string;
  /** For MQTT 5. */
  properties: PublishProperties;
}

/**
 * @param now in milliseconds since 1970
 * @returns undefined when the form makes no topic of this device and command
 */
export function commandPublish(
  { id, name, params, expiresAt, externalDeviceId }: OutgoingCommand,
  form: CommandForm,
  { integration, now }: { integration: KnownIntegration; now: number },
): CommandPublish | undefined {
  const topic = commandTopic(form, externalDeviceId, name);
  if (topic === undefined) return undefined;
  const seconds = Math.ceil((Date.parse(expiresAt) - now) / 1000);
  return {
    topic,
    payload: commandPayload(form, { id, name, params, expires_at: expiresAt }, externalDeviceId),
    properties: {
      // A time beyond all that a date can say is no limit.
      messageExpiryInterval: Number.isNaN(seconds)
        ? undefined
        : Math.min(Math.max(seconds, 1), LONGEST_EXPIRY),
      responseTopic: responseTopic(integration, externalDeviceId),
      correlationData: Buffer.from(id),
    },
  };
}

/** Where the device answers, if the integration expects answers on a topic without further wildcards. */
function responseTopic({ stored }: KnownIntegration, device: string): string | undefined {
  for (const { topic, channel } of stored.expectedTopics) {
    const pattern = parseExpectedTopic(topic);
    if ('problem' in pattern || (channel ?? pattern.channel) !== 'responses') continue;
    const filled = topicOfDevice(pattern, device);
    if (filled !== undefined) return filled;
  }
  return undefined;
}
