import type { DecoderName } from '../../../src/contract/decoders.ts';
import { isFieldTemplate, templateProblem } from '../../../src/domain/field-template.ts';
import type { components } from '../api/schema.d.ts';
import type { Integration } from '../api/types.ts';

/** An integration's settings while they are typed, and what is sent of them. */

type Schemas = components['schemas'];
type ExpectedTopic = Integration['expected_topics'][number];
export type BrokerBody = NonNullable<Schemas['CreateIntegration']['broker']>;

/** One topic in the form. What it has beyond the two fields stays as it is. */
export interface TopicRow {
  /** Its place in the list, which its text is not: two may be empty. */
  key: number;
  topic: ExpectedTopic;
}

export interface Decoding {
  decoder: DecoderName;
  /** For `hex`, as JSON. */
  template: string;
  /** For `expression`. */
  expression: string;
}

export interface BrokerDraft {
  url: string;
  username: string;
  password: string;
  protocolVersion: '3.1.1' | '5';
  ca: string;
  clientCertificate: string;
  clientKey: string;
  /** Set elsewhere, and kept. */
  others: Pick<BrokerBody, 'client_id' | 'keep_alive_seconds'>;
}

/** Every decoder: what it is for, and in a word. */
export const decoders: { value: DecoderName; label: string; short: string }[] = [
  { value: 'auto', label: 'Automatic: JSON or numbers', short: 'Automatic' },
  { value: 'json', label: 'JSON', short: 'JSON' },
  { value: 'value', label: 'One bare value', short: 'Bare value' },
  { value: 'senml', label: 'SenML', short: 'SenML' },
  { value: 'cbor', label: 'CBOR', short: 'CBOR' },
  { value: 'sparkplug_b', label: 'Sparkplug B', short: 'Sparkplug B' },
  { value: 'vmark', label: 'V-Mark hubs', short: 'V-Mark hubs' },
  { value: 'hex', label: 'Binary, by a template', short: 'Binary' },
  { value: 'expression', label: 'An expression (JSONata)', short: 'Expression' },
];

const exampleTemplate = {
  fields: [
    { name: 'temperature', type: 'int16', offset: 0, scale: 0.01 },
    { name: 'battery', type: 'uint8', offset: 2 },
  ],
};
const exampleExpression = '{ "temperature": data.t / 10 }';

export function decodingOf(integration?: Pick<Integration, 'decoder' | 'decoder_settings'>): Decoding {
  const settings = integration?.decoder_settings;
  return {
    decoder: (integration?.decoder ?? 'auto') as DecoderName,
    template: JSON.stringify(settings && 'fields' in settings ? settings : exampleTemplate, null, 2),
    expression: settings && 'expression' in settings ? settings.expression : exampleExpression,
  };
}

/** What is sent of it, or what keeps it from being sent. */
export function decodingBody(
  draft: Decoding,
): { body: Pick<Schemas['CreateIntegration'], 'decoder' | 'decoder_settings'> } | { problem: string } {
  const { decoder, expression } = draft;
  if (decoder === 'expression') {
    if (expression.trim() === '') return { problem: 'Write the expression that makes readings' };
    return { body: { decoder, decoder_settings: { expression } } };
  }
  if (decoder !== 'hex') return { body: { decoder } };
  let template: unknown;
  try {
    template = JSON.parse(draft.template);
  } catch {
    return { problem: 'This is no valid JSON' };
  }
  if (!isFieldTemplate(template)) return { problem: asSentence(templateProblem(template) ?? '') };
  return { body: { decoder, decoder_settings: template as Schemas['FieldTemplate'] } };
}

/** A reason as the domain words it, as a sentence beside a field. */
export function asSentence(reason: string): string {
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

export function brokerDraft(broker?: Integration['broker']): BrokerDraft {
  return {
    url: broker?.url ?? '',
    username: broker?.username ?? '',
    password: '',
    protocolVersion: broker?.protocol_version ?? '5',
    ca: broker?.ca ?? '',
    clientCertificate: broker?.client_certificate ?? '',
    clientKey: '',
    others: { client_id: broker?.client_id, keep_alive_seconds: broker?.keep_alive_seconds },
  };
}

/** As the API takes it: what is empty is left out, and so stays where it is a secret. */
export function brokerBody(draft: BrokerDraft): BrokerBody {
  return {
    ...draft.others,
    url: draft.url.trim(),
    username: draft.username || undefined,
    password: draft.password || undefined,
    protocol_version: draft.protocolVersion,
    ca: draft.ca.trim() || undefined,
    client_certificate: draft.clientCertificate.trim() || undefined,
    client_key: draft.clientKey.trim() || undefined,
  };
}

/** What its messages carry: as it says, or as its last level does. */
export function channelOf({ topic, channel }: ExpectedTopic): NonNullable<ExpectedTopic['channel']> {
  const last = topic.split('/').at(-1);
  return channel ?? (last === 'status' || last === 'responses' ? last : 'telemetry');
}

let keys = 0;

export function topicRow(topic: ExpectedTopic = { topic: '' }): TopicRow {
  keys += 1;
  return { key: keys, topic };
}

/** The topics of an integration to edit; one that has none begins with an empty row. */
export function topicRows(topics: ExpectedTopic[]): TopicRow[] {
  return topics.length > 0 ? topics.map((topic) => topicRow(topic)) : [topicRow()];
}

export function topicsBody(rows: TopicRow[]): ExpectedTopic[] {
  return rows.map(({ topic }) => ({ ...topic, topic: topic.topic.trim() }));
}
