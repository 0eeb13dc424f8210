import { beginsAsMap, parseCbor } from './cbor.ts';
import type { Decoder } from './decoder.ts';
import { parseJson } from './json.ts';
import { readSenml } from './senml.ts';
import { isSenml } from './senml-fields.ts';
import { isSparkplugB, sparkplugB } from './sparkplug-b.ts';
import { refused, textOf } from './text.ts';
import { type Document, readTree } from './tree.ts';
import { readScalar } from './value.ts';
import { isVmark, readVmark } from './vmark.ts';

/**
 * Picks among the formats that describe themselves: JSON objects and arrays, of which SenML and V-Mark's are told by
 * their form; CBOR maps; Sparkplug B on its own topics; bare numbers and booleans. A bare text describes nothing, and
 * is for whoever says `value`.
 */
export const auto: Decoder = (input) => {
  const { payload, topic, lastLevel } = input;
  if (isSparkplugB(topic, payload)) return sparkplugB(input);
  const text = textOf(payload);
  if (typeof text !== 'string') {
    const document = beginsAsMap(payload) ? parseCbor(payload) : text;
    // What is no CBOR either is told as before: bytes that are no text.
    return 'reason' in document ? text : readTree(document);
  }
  const content = text.trim();
  if (content.startsWith('{') || content.startsWith('[')) {
    const document = parseJson(content);
    return 'reason' in document ? document : readJson(document);
  }
  return (
    readScalar(content, lastLevel) ??
    refused('not_understood', 'neither a JSON object or array, nor a bare number or boolean')
  );
};

function readJson(document: Document): ReturnType<Decoder> {
  if (isVmark(document.root)) return readVmark(document);
  return isSenml(document.root) ? readSenml(document) : readTree(document);
}
