import { z } from 'zod';
import { id, line, page, pageQuery } from './common.ts';
import { decoderName } from './decoders.ts';

export const integration = z
  .object({
    id,
    name: z.string(),
    integration_type: z.enum(['mqtt_hosted', 'mqtt_external']),
    decoder: z.string(),
    auto_register: z.boolean(),
    device_limit: z.int(),
    created_at: z.string(),
  })
  .meta({ id: 'Integration' });
export type Integration = z.infer<typeof integration>;
export const integrationList = z.object({ items: z.array(integration) }).meta({ id: 'IntegrationList' });
export const updateIntegration = z
  .object({
    // Only those that need no settings: an update carries none.
    decoder: decoderName.exclude(['hex', 'expression']).optional(),
    auto_register: z.boolean().optional(),
    device_limit: z.int().min(0).max(10_000_000).optional(),
  })
  .meta({ id: 'UpdateIntegration' });

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
