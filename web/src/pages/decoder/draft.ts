import type { DecoderName } from '../../../../src/contract/decoders.ts';
import { type FieldTemplate, templateProblem } from '../../../../src/domain/field-template.ts';
import type { DecoderSettings } from '../../api/types.ts';

/** How payloads are to be read, as it is being written: what isn't chosen now is kept for when it is chosen again. */
export interface Draft {
  decoder: DecoderName;
  /** JSON. */
  template: string;
  expression: string;
}

export const decoderWords: Record<DecoderName, string> = {
  auto: 'Whatever describes itself: JSON, numbers, SenML, CBOR, Sparkplug B, V-Mark',
  json: 'Objects, envelopes and arrays of samples',
  value: 'A bare number, boolean or text, named by the topic’s last level',
  senml: 'RFC 8428, as JSON or CBOR',
  cbor: 'As JSON, in binary',
  sparkplug_b: 'Metrics by name',
  vmark: 'Reports of V-Mark hubs',
  hex: 'Binary, by a template of fields',
  expression: 'JSONata of your own',
};
export const decoders = Object.keys(decoderWords) as DecoderName[];

const exampleTemplate = {
  fields: [{ name: 'temperature', type: 'int16', offset: 0, scale: 0.1 }],
} satisfies FieldTemplate;

/** What an integration or a topic has now, to begin with. */
export function draftOf(decoder: string, settings: unknown): Draft {
  const isExpression = decoder === 'expression';
  const { expression } = (settings ?? {}) as { expression?: unknown };
  return {
    decoder: decoders.find((name) => name === decoder) ?? 'auto',
    template: JSON.stringify(decoder === 'hex' && settings ? settings : exampleTemplate, null, 2),
    expression: isExpression && typeof expression === 'string' ? expression : 'payload',
  };
}

export type DraftSettings = DecoderSettings | undefined;

/** The settings as they are saved, or in a sentence why they can't be yet. */
export function settingsOf(draft: Draft): { settings: DraftSettings } | { problem: string } {
  if (draft.decoder === 'expression') {
    const expression = draft.expression.trim();
    return expression === '' ? { problem: 'Write an expression.' } : { settings: { expression } };
  }
  if (draft.decoder !== 'hex') return { settings: undefined };
  let template: unknown;
  try {
    template = JSON.parse(draft.template);
  } catch (error) {
    return { problem: `This is no JSON yet: ${(error as Error).message}.` };
  }
  const problem = templateProblem(template);
  return problem === undefined ? { settings: template as DecoderSettings } : { problem: asSentence(problem) };
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
