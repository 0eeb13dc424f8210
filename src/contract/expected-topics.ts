import { z } from 'zod';
import { parseExpectedTopic } from '../domain/expected-topic.ts';
import { isFieldTemplate } from '../domain/field-template.ts';
import { decoderName, decoderSettings } from './decoders.ts';

/** Which topics of a customer's broker an integration takes, and how their payloads are read. */

type Decoding = { decoder?: string; decoder_settings?: unknown };

/** What keeps settings from going with a decoder. */
export function decodingProblem({ decoder, decoder_settings: settings }: Decoding): string | undefined {
  if (decoder === 'hex') return isFieldTemplate(settings) ? undefined : 'hex needs a template: fields';
  if (decoder === 'expression') {
    const isExpression = typeof settings === 'object' && settings !== null && 'expression' in settings;
    return isExpression ? undefined : 'expression needs its JSONata: expression';
  }
  return settings === undefined || settings === null ? undefined : 'only hex and expression have settings';
}

export function checkDecoding(given: Decoding, context: z.RefinementCtx): void {
  const message = decodingProblem(given);
  if (message) context.addIssue({ code: 'custom', path: ['decoder_settings'], message });
}

/** A filter on the customer's broker; the first that matches a topic says what its messages carry. */
export const expectedTopic = z
  .strictObject({
    topic: z
      .string()
      .min(1)
      .max(500)
      .refine((text) => text.isWellFormed(), 'is not valid Unicode')
      .superRefine((text, context) => {
        const pattern = parseExpectedTopic(text);
        if ('problem' in pattern) context.addIssue(pattern.problem);
      })
      .describe('An MQTT filter in which one + or {device} marks the device'),
    channel: z
      .enum(['telemetry', 'status', 'responses'])
      .optional()
      .describe('Left out: status or responses where that is the last level, else telemetry'),
    decoder: decoderName.optional().describe('Left out: the integration’s'),
    decoder_settings: decoderSettings.optional(),
  })
  .superRefine(checkDecoding);
export type ExpectedTopic = z.infer<typeof expectedTopic>;

export const expectedTopics = z
  .array(z.preprocess((given) => (typeof given === 'string' ? { topic: given } : given), expectedTopic))
  .min(1)
  .max(64);
