import { z } from 'zod';
import { fieldTypes, templateLimits, templateProblem } from '../domain/field-template.ts';
import { readingLimits } from '../domain/reading.ts';

/** How payloads are made readings of: docs/payloads.md. */

export const decoderName = z
  .enum(['auto', 'json', 'value', 'senml', 'cbor', 'sparkplug_b', 'vmark', 'hex', 'expression'])
  .describe(
    'auto: whatever describes itself. json: objects, envelopes and arrays of samples. value: a bare number, boolean or ' +
      'text, named by the topic’s last level. senml: RFC 8428, JSON or CBOR. cbor: as json. sparkplug_b: metrics by ' +
      'name. vmark: reports of V-Mark hubs. hex: binary, by a template of fields. expression: JSONata.',
  );
export type DecoderName = z.infer<typeof decoderName>;

const templateField = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(readingLimits.nameCharacters)
    .describe('What the value is called; `ts` or `timestamp` is the reading’s time'),
  type: z.enum(fieldTypes).describe('bcd: two decimal digits a byte. text: UTF-8, filled up with NUL or not'),
  offset: z.int().min(0).max(templateLimits.offset).describe('Bytes before it'),
  length: z
    .int()
    .min(1)
    .max(templateLimits.textBytes)
    .optional()
    .describe(
      `Bytes of a text, or of a bcd (at most ${templateLimits.bcdBytes}); other types have their own`,
    ),
  endian: z.enum(['big', 'little']).optional().describe('Order of its bytes; big if it isn’t stated'),
  bit: z
    .int()
    .min(0)
    .max(31)
    .optional()
    .describe(
      'Lowest bit of a bool, or of a part of an unsigned integer up to uint32; 0 is the lowest of all',
    ),
  bits: z
    .int()
    .min(1)
    .max(32)
    .optional()
    .describe('How many bits, from `bit` on, are the value of an unsigned integer'),
  scale: z.number().optional().describe('A number is multiplied by this; 0.1 where tenths are sent'),
  add: z.number().optional().describe('Added after `scale`'),
});

/** What `hex` reads payloads by. The rules between its members are the domain’s. */
export const fieldTemplate = z
  .strictObject({
    fields: z.array(templateField).min(1).max(templateLimits.fields).describe('Values and where they stand'),
    encoding: z
      .enum(['bytes', 'hex'])
      .optional()
      .describe(
        'Whether payloads are bytes or hexadecimal text. If it isn’t stated, a payload counts as text when it is made ' +
          'of hexadecimal digits, two for each byte that the fields reach to',
      ),
  })
  .superRefine((template, context) => {
    const problem = templateProblem(template);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ id: 'FieldTemplate' });

/** For `expression`. */
export const expressionSettings = z.strictObject({
  expression: z.string().trim().min(1).max(10_000).describe('JSONata, of the parsed payload'),
});

/** Settings of the decoders that need some. */
export const decoderSettings = z
  .union([fieldTemplate, expressionSettings])
  .describe('For hex its template, for expression its JSONata; the other decoders have no settings')
  .meta({ id: 'DecoderSettings' });
export type DecoderSettings = z.infer<typeof decoderSettings>;
