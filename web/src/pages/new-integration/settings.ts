import type { components } from '../../api/schema.d.ts';
import { type CommandsDraft, commandsBody, commandsDraft } from '../../integrations/commands-draft.ts';
import {
  type BrokerDraft,
  brokerBody,
  brokerDraft,
  type Decoding,
  decodingBody,
  decodingOf,
  type TopicRow,
  topicRow,
  topicsBody,
} from '../../integrations/draft.ts';
import { isPostedTo, type Way } from '../../integrations/ways.ts';

/** What the wizard has been told so far; another way takes over what it can use. */
export interface Settings {
  name: string;
  topics: TopicRow[];
  decoding: Decoding;
  broker: BrokerDraft;
  commands: CommandsDraft;
  autoRegister: boolean;
  requireSignature: boolean;
}

export function newSettings(): Settings {
  return {
    name: '',
    topics: [
      topicRow({ topic: 'devices/{device}/telemetry' }),
      topicRow({ topic: 'devices/{device}/status' }),
    ],
    decoding: decodingOf(),
    broker: brokerDraft(),
    commands: commandsDraft(),
    autoRegister: true,
    requireSignature: false,
  };
}

type Body = components['schemas']['CreateIntegration'];

/** What the API is asked to make of it, or what is wrong with the decoder. */
export function settingsBody(settings: Settings, way: Way): { body: Body } | { problem: string } {
  const decoding = decodingBody(settings.decoding);
  if ('problem' in decoding) return decoding;
  const commands = commandsBody(settings.commands);
  const hasBroker = way === 'subscribe' || (isPostedTo(way) && commands !== null);
  return {
    body: {
      name: settings.name.trim(),
      mode: way,
      expected_topics: topicsBody(settings.topics),
      ...decoding.body,
      auto_register: settings.autoRegister,
      ...(way === 'webhook' ? { webhook: { require_signature: settings.requireSignature } } : {}),
      ...(hasBroker ? { broker: brokerBody(settings.broker) } : {}),
      ...(commands ? { commands } : {}),
    },
  };
}
