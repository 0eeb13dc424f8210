import {
  type Decoded,
  isStorable,
  type ReadingValue,
  readingLimits,
  storableText,
} from '../domain/reading.ts';
import type { Decoder } from './decoder.ts';
import { refused, textOf } from './text.ts';

/**
 * A bare number, boolean or text, named by the topic's last level: `house/attic/temperature` `19.75` →
 * `{"temperature":19.75}`; where that is `telemetry` or empty, `value`. A text may stand in quotes, as in
 * JSON, or without. `null` and `NaN`, in any case, are no value.
 */
export const value: Decoder = ({ payload, lastLevel }) => {
  const text = textOf(payload);
  if (typeof text !== 'string') return text;
  const content = text.trim();
  return readScalar(content, lastLevel) ?? readText(content, lastLevel);
};

const booleans = /^(?:true|false)$/i;
const nothing = /^(?:null|[+-]?(?:nan|inf|infinity))?$/i;
const numbers = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A number or a boolean without white space around it. @returns undefined for any other text */
export function readScalar(content: string, lastLevel: string): Decoded | undefined {
  if (numbers.test(content)) {
    const number = Number(content);
    if (!Number.isFinite(number)) return refused('not_understood', 'the number is too large');
    return named(number, lastLevel);
  }
  if (booleans.test(content)) return named(content.toLowerCase() === 'true', lastLevel);
  if (nothing.test(content)) return refused('no_values', `${content || 'white space'} is no value`);
  return undefined;
}

function readText(content: string, lastLevel: string): Decoded {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell that it is no text
  if (/[\u0000-\u0008\u000e-\u001f]/.test(content)) return refused('not_understood', 'binary, not a text');
  if (content.startsWith('{') || content.startsWith('[')) {
    return refused('not_understood', 'JSON, not a bare value');
  }
  const text = content.startsWith('"') ? unquoted(content) : content;
  if (!isStorable(text)) return refused('not_storable', 'in the text');
  if (text.length > readingLimits.textCharacters)
    return refused('too_long', `a text of ${text.length} characters`);
  return named(text, lastLevel);
}

function unquoted(content: string): string {
  try {
    return JSON.parse(content) as string;
  } catch {
    return content;
  }
}

function named(bare: ReadingValue, lastLevel: string): Decoded {
  const name = lastLevel === '' || lastLevel === 'telemetry' ? 'value' : storableText(lastLevel);
  if (name.length > readingLimits.nameCharacters)
    return refused('too_long', `a name of ${name.length} characters`);
  if (name.startsWith('__proto__')) return refused('not_understood', 'a value can’t be named __proto__');
  return { ok: true, readings: [{ values: { [name]: bare } }] };
}
