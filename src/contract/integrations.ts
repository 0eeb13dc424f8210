import { z } from 'zod';
import { brokerSettings, shownBroker } from './broker-settings.ts';
import { commandForm } from './commands.ts';
import { id, line, page, pageQuery, time } from './common.ts';
import { decoderName, decoderSettings } from './decoders.ts';
import { checkDecoding, expectedTopic, expectedTopics } from './expected-topics.ts';

/** How an integration of a customer's own broker gets its messages. */
export const integrationMode = z.enum(['webhook', 'subscribe', 'bridge', 'forward']);
export type IntegrationMode = z.infer<typeof integrationMode>;

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

/** How a connection to a customer's broker stands. */
export const integrationStatus = z
  .object({
    state: z
      .enum(['connecting', 'connected', 'receiving', 'retrying', 'refused', 'stopped', 'waiting'])
      .describe('receiving: a message within the last minute. waiting: no process has taken it up yet'),
    since: z.string().nullable(),
    reason: z.string().nullable().describe('A stable word, as bad_login'),
    detail: z.string().describe('In plain words'),
    next_try_at: z.string().nullable(),
  })
  .meta({ id: 'IntegrationStatus' });
export type IntegrationStatus = z.infer<typeof integrationStatus>;

export const integration = z
  .object({
    id,
    name: z.string(),
    integration_type: z.enum(['mqtt_hosted', 'mqtt_external']),
    mode: integrationMode.nullable().describe('Of the customer’s own broker; null for the hosted one'),
    enabled: z.boolean(),
    decoder: z.string(),
    decoder_settings: decoderSettings.nullable(),
    expected_topics: z.array(expectedTopic),
    webhook_url: z.string().nullable().describe('Where messages are posted, with modes webhook and forward'),
    webhook: webhookSettings.nullable(),
    broker: shownBroker
      .nullable()
      .describe('What is subscribed to, with mode subscribe; with others where commands are sent'),
    commands: commandForm
      .nullable()
      .describe('How the customer’s broker takes commands; null: it takes none'),
    status: integrationStatus.nullable().describe('Of the connection, with mode subscribe'),
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
    broker: brokerSettings.optional().describe('Needed with mode subscribe, and with others for commands'),
    commands: commandForm.optional(),
  })
  .superRefine(checkDecoding)
  .refine(({ mode, broker }) => mode !== 'subscribe' || broker, {
    path: ['broker'],
    message: 'is needed to subscribe',
  })
  .refine(({ mode, broker }) => mode !== 'bridge' || !broker, {
    path: ['broker'],
    message: 'is not needed: commands go over the bridge',
  })
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
    broker: brokerSettings
      .nullable()
      .optional()
      .describe('Whole; but secrets that are left out stay. null, where it is for commands alone: none'),
    commands: commandForm.nullable().optional().describe('null: it takes none any more'),
  })
  .superRefine(checkDecoding)
  .meta({ id: 'UpdateIntegration' });
export type UpdateIntegration = z.infer<typeof updateIntegration>;

/** What is shown this once. */
export const createdIntegration = integration
  .extend({
    token: z
      .string()
      .nullable()
      .describe('With modes webhook and forward: as Bearer token, or as ?token= in the URL'),
    signing_secret: z.string().nullable().describe('Key of the HMAC-SHA256 in X-NetNeural-Signature'),
    bridge: z
      .object({ username: z.string(), password: z.string() })
      .nullable()
      .describe('What the customer’s broker signs in with, with mode bridge'),
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

/** A broker to try before an integration is made of it, or the settings of one that there is. */
export const testConnectionBody = z
  .object({
    broker: brokerSettings,
    topics: z.array(z.string().min(1).max(500)).max(64).default([]).describe('As expected_topics'),
    integration_id: id.optional().describe('Whose secrets count where the broker has none'),
    round_trip_topic: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('A message goes there and has to come back'),
  })
  .meta({ id: 'TestConnection' });

/** The configuration that is made for a customer's broker. */
export const setupGuide = z
  .object({
    broker: z.string(),
    title: z.string(),
    steps: z.array(z.string()),
    files: z.array(z.object({ name: z.string(), language: z.string(), text: z.string() })),
    notes: z.array(z.string()),
  })
  .meta({ id: 'SetupGuide' });
/** Where a secret is to be filled in, `<token>` or `<password>` stands. */
export const setupGuideList = z.object({ items: z.array(setupGuide) }).meta({ id: 'SetupGuideList' });
