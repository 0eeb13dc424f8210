import { z } from 'zod';

/** The webhook's generic form, and its answer. Other senders' forms are read in `external/webhook`. */

export const MOST_MESSAGES = 1000;

export const webhookMessage = z
  .object({
    id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Yours; a message that comes again with it is stored once'),
    topic: z.string().min(1).max(1000),
    payload: z.unknown().optional().describe('Text as it is; any other JSON is taken as JSON text'),
    payload_base64: z.base64().describe('Bytes, instead of payload').optional(),
    timestamp: z
      .union([z.number(), z.string().max(40)])
      .optional()
      .describe('For payloads without a time: ISO 8601, or a number since 1970 in s, ms, µs or ns'),
    qos: z.literal([0, 1, 2]).optional(),
    retain: z.boolean().optional(),
    client_id: z.string().max(200).optional(),
    packet_id: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('The MQTT packet id that it came with at client_id, by which with dup a resend is known'),
    dup: z.boolean().optional().describe('It may have been sent before'),
    retained_copy: z.boolean().optional().describe('The broker kept it and sent it on subscribing'),
  })
  .refine(({ payload, payload_base64 }) => (payload === undefined) !== (payload_base64 === undefined), {
    message: 'needs either payload or payload_base64',
  })
  .meta({ id: 'WebhookMessage' });
export type WebhookMessage = z.infer<typeof webhookMessage>;

export const webhookBody = z
  .object({ messages: z.array(webhookMessage).min(1).max(MOST_MESSAGES) })
  .meta({ id: 'WebhookBody' });

export const webhookReceipt = z
  .object({
    id: z.string().optional().describe('As it was sent'),
    outcome: z.enum(['stored', 'duplicate', 'quarantined', 'rejected']),
    reason: z.string().optional(),
    detail: z.string().optional(),
  })
  .meta({ id: 'WebhookReceipt' });
export type WebhookReceipt = z.infer<typeof webhookReceipt>;

/** In the order of the messages. */
export const webhookAnswer = z.object({ receipts: z.array(webhookReceipt) }).meta({ id: 'WebhookAnswer' });
