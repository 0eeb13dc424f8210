import type { z } from 'zod';
import type { decodingPreview, previewDecoding } from '../contract/quarantine.ts';
import type { Decoded } from '../domain/reading.ts';
import { decodingFor, needsWorker } from '../ingest/decoding.ts';
import { fromBase64 } from '../service/base64.ts';
import { PlatformError } from '../service/errors.ts';
import type { Platform } from './platform.ts';

/**
 * Decodes a payload as ingest would, and stores nothing.
 * @returns readings with their times as stated, or the reason why there are none
 * @throws PlatformError `invalid_request` for what is no base64
 */
export async function preview(
  wanted: z.infer<typeof previewDecoding>,
  from: { organizationId: string; platform: Pick<Platform, 'decodeExpression'> },
): Promise<z.infer<typeof decodingPreview>> {
  const { decoder, decoder_settings: settings, topic, payload_base64: base64 } = wanted;
  const payload = fromBase64(base64);
  if (!payload) {
    throw new PlatformError('invalid_request', 'payload_base64 is not base64.', {
      field: 'body.payload_base64',
    });
  }
  const input = { payload, topic, lastLevel: topic.slice(topic.lastIndexOf('/') + 1) };
  const decoding = decodingFor(decoder, settings);
  const decoded: Decoded =
    typeof decoding === 'function'
      ? decoding(input)
      : await (from.platform.decodeExpression?.({
          // In line among the organization's own trials, apart from what its integrations receive.
          integrationId: from.organizationId,
          expression: decoding.expression,
          input,
        }) ?? needsWorker);
  if (!decoded.ok) return { readings: [], reason: decoded.reason, detail: decoded.detail };
  return {
    readings: decoded.readings.map(({ time, values }) => ({ time: time ?? null, values })),
    reason: null,
    detail: '',
  };
}
