import type { Decoder } from './decoder.ts';
import { type Refused, refused, textOf } from './text.ts';
import { type Document, readTree } from './tree.ts';

/** JSON objects and arrays of them, as `readTree` takes them. */
export const json: Decoder = ({ payload }) => {
  const document = parseJsonBytes(payload);
  return 'reason' in document ? document : readTree(document);
};

/** The payload as JSON, or why it is none. */
export function parseJsonBytes(payload: Uint8Array): Document | Refused {
  const text = textOf(payload);
  return typeof text === 'string' ? parseJson(text) : text;
}

/** As `parseJsonBytes`, of a payload that is text already. */
export function parseJson(text: string): Document | Refused {
  try {
    // Without a backslash there is no control character and no lone surrogate in any text of it.
    return { root: JSON.parse(text), escapes: text.includes('\\') };
  } catch (error) {
    return refused('not_json', (error as SyntaxError).message);
  }
}
