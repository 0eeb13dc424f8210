import { z } from 'zod';
import { id, line, page, pageQuery, readingValue } from './common.ts';
import { decoderName, decoderSettings } from './decoders.ts';
import { checkDecoding } from './expected-topics.ts';

/** Messages that could not be stored, and what is done with them. */

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
export const quarantinePage = page(quarantined)
  .extend({ total: z.int().describe('With the reason that is asked for, or all') })
  .meta({ id: 'QuarantinePage' });

/** How a payload would be read: of a message in quarantine, or of one that arrived well. */
export const previewDecoding = z
  .object({
    decoder: decoderName,
    decoder_settings: decoderSettings.optional(),
    topic: z.string().min(1).max(1000),
    payload_base64: z.base64().max(400_000),
  })
  .superRefine(checkDecoding)
  .meta({ id: 'PreviewDecoding' });
export const decodingPreview = z
  .object({
    readings: z.array(
      z.object({
        time: z.union([z.string(), z.number()]).nullable(),
        values: z.record(z.string(), readingValue),
      }),
    ),
    reason: z.string().nullable().describe('Why it would be quarantined'),
    detail: z.string(),
  })
  .meta({ id: 'DecodingPreview' });

/**
 * Decoded and stored once more, oldest first, at most 500 at a time, by their integration as it is now. What states no
 * time is charted at the time when it came.
 */
export const replayQuarantine = z
  .object({
    ids: z.array(id).min(1).max(500).optional().describe('Left out: all with the reason, or all'),
    reason: line(100).optional(),
    cursor: z.string().max(500).optional().describe('`next_cursor` of the replay before'),
  })
  .meta({ id: 'ReplayQuarantine' });
export const replayedQuarantine = z
  .object({
    stored: z.int(),
    duplicate: z.int(),
    quarantined: z.int().describe('They stay, with the reason of today'),
    remaining: z.int().describe('Not looked at this time: ask again, with the cursor'),
    next_cursor: z.string().nullable().describe('null when none remains'),
  })
  .meta({ id: 'ReplayedQuarantine' });
