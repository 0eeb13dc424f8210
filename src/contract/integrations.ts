import { z } from 'zod';
import { id, line, page, pageQuery, time } from './common.ts';
import { decoderName, decoderSettings } from './decoders.ts';
import { checkDecoding, expectedTopic, expectedTopics } from './expected-topics.ts';

/** How an integration of a customer's own broker gets its messages. */
export const integrationMode = z.enum(['webhook', 'forward']);

export const webhookSettings = z.object({
  require_signature: z
    .boolean()
    .default(false)
    .describe('Refuse requests without a valid X-NetNeural-Signature'),
  emqx4_payload: z
    .enum(['auto', 'text', 'base64'])
    .default('auto')
    .describe('How EMQX 4 encodes payloads; auto: as JSON if it is, else as base64 if it is'),
});
export type WebhookSettings = z.infer<typeof webhookSettings>;

export const integration = z
  .object({
    id,
    name: z.string(),
    integration_type: z.enum(['mqtt_hosted', 'mqtt_external']),
    mode: z.string().nullable().describe('Of the customer’s own broker: webhook or forward'),
    enabled: z.boolean(),
    decoder: z.string(),
    decoder_settings: decoderSettings.nullable(),
    expected_topics: z.array(expectedTopic),
    webhook_url: z.string().nullable(),
    webhook: webhookSettings.nullable(),
    auto_register: z.boolean(),
    device_limit: z.int(),
    created_at: z.string(),
    last_message_at: z.string().nullable().describe('Within the last eight days'),
    messages_per_minute: z.number().describe('In the last five minutes'),
    failed_share: z.number().nullable().describe('Of the last five minutes’ messages; 0 to 1'),
  })
  .meta({ id: 'Integration' });
export type Integration = z.infer<typeof integration>;
export const integrationList = z.object({ items: z.array(integration) }).meta({ id: 'IntegrationList' });

const name = line(100).min(1);
const deviceLimit = z.int().min(0).max(10_000_000);

export const createIntegration = z
  .object({
    name,
    integration_type: z
      .preprocess((type) => (type === 'mqtt-external' ? 'mqtt_external' : type), z.literal('mqtt_external'))
      .default('mqtt_external'),
    mode: integrationMode,
    expected_topics: expectedTopics,
    decoder: decoderName.default('auto'),
    decoder_settings: decoderSettings.optional(),
    auto_register: z.boolean().default(true),
    device_limit: deviceLimit.default(100_000),
    webhook: webhookSettings.prefault({}),
  })
  .superRefine(checkDecoding)
  .meta({ id: 'CreateIntegration' });
export type CreateIntegration = z.infer<typeof createIntegration>;

export const updateIntegration = z
  .object({
    name: name.optional(),
    enabled: z.boolean().optional(),
    expected_topics: expectedTopics.optional(),
    decoder: decoderName.optional().describe('With its settings, which replace those there were'),
    decoder_settings: decoderSettings.optional(),
    auto_register: z.boolean().optional(),
    device_limit: deviceLimit.optional(),
    webhook: webhookSettings.partial().optional(),
  })
  .superRefine(checkDecoding)
  .meta({ id: 'UpdateIntegration' });
export type UpdateIntegration = z.infer<typeof updateIntegration>;

/** What is shown this once. */
export const createdIntegration = integration
  .extend({
    token: z.string().nullable().describe('For the webhook: as Bearer token, or as ?token= in the URL'),
    signing_secret: z.string().nullable().describe('Key of the HMAC-SHA256 in X-NetNeural-Signature'),
  })
  .meta({ id: 'CreatedIntegration' });

export const integrationToken = z
  .object({ id, created_at: z.string(), expires_at: z.string().nullable() })
  .meta({ id: 'IntegrationToken' });
export const integrationTokenList = z
  .object({ items: z.array(integrationToken) })
  .meta({ id: 'IntegrationTokenList' });
export const rotateToken = z
  .object({
    overlap_seconds: z
      .int()
      .min(0)
      .max(30 * 86_400)
      .default(86_400)
      .describe('How long the tokens before it are still good'),
  })
  .meta({ id: 'RotateToken' });
export const createdToken = z
  .object({ id, token: z.string(), webhook_url: z.string(), old_tokens_expire_at: time })
  .meta({ id: 'CreatedToken' });

export const activity = z
  .object({
    id: z.string(),
    occurred_at: z.string(),
    event: z.string(),
    reason: z.string().nullable(),
    detail: z.string(),
    integration_id: id.nullable(),
    credential_id: id.nullable(),
    client_id: z.string().nullable(),
    username: z.string().nullable(),
    remote_address: z.string().nullable(),
    topic: z.string().nullable(),
  })
  .meta({ id: 'Activity' });
export type Activity = z.infer<typeof activity>;
export const activityQuery = pageQuery.extend({ credential_id: id.optional() });
export const activityPage = page(activity).meta({ id: 'ActivityPage' });

/** Duplicates and rejections: counted, with the last hundred kept. */
export const receipt = z
  .object({
    received_at: z.string(),
    outcome: z.enum(['duplicate', 'rejected']),
    reason: z.string().nullable(),
    topic: z.string(),
    client_id: z.string().nullable(),
  })
  .meta({ id: 'Receipt' });
export type Receipt = z.infer<typeof receipt>;
export const receiptList = z.object({ items: z.array(receipt) }).meta({ id: 'ReceiptList' });

export const quarantined = z
  .object({
    id,
    integration_id: id.nullable(),
    external_device_id: z.string().nullable(),
    topic: z.string(),
    payload: z.string().nullable().describe('As text when it is UTF-8'),
    payload_base64: z.string(),
    payload_bytes: z.int().describe('Its full size'),
    qos: z.int(),
    retain: z.boolean(),
    reason: z.string(),
    detail: z.string(),
    client_id: z.string().nullable(),
    received_at: z.string(),
  })
  .meta({ id: 'QuarantinedMessage' });
export type QuarantinedMessage = z.infer<typeof quarantined>;
export const quarantineQuery = pageQuery.extend({ reason: line(100).optional() });
export const quarantinePage = page(quarantined).meta({ id: 'QuarantinePage' });
