import type { Decoder } from './decoder.ts';
import { readJson } from './json.ts';
import { refused, textOf } from './text.ts';
import { readScalar } from './value.ts';

/**
 * Picks among the formats that describe themselves: JSON objects and arrays, bare numbers and booleans.
 * A bare text describes nothing, and is for whoever says `value`.
 */
export const auto: Decoder = ({ payload, lastLevel }) => {
  const text = textOf(payload);
  if (typeof text !== 'string') return text;
  const content = text.trim();
  if (content.startsWith('{') || content.startsWith('[')) return readJson(content);
  return (
    readScalar(content, lastLevel) ??
    refused('not_understood', 'neither a JSON object or array, nor a bare number or boolean')
  );
};
