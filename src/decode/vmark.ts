import type { Decoded } from '../domain/reading.ts';
import type { Decoder } from './decoder.ts';
import { decodedOf, type Flat, flatten, isObject, type JsonObject, orRefused, Refusal } from './flat.ts';
import { parseJsonBytes } from './json.ts';
import type { Document } from './tree.ts';

/**
 * What V-Mark hubs report: `paras` holds the values, `time` (`2025-04-23_07:35:22.214`, no zone, read as UTC) is
 * theirs. The rest describes the message.
 */
export const vmark: Decoder = ({ payload }) => {
  const document = parseJsonBytes(payload);
  return 'reason' in document ? document : readVmark(document);
};

/** As `vmark`, of JSON that is parsed. */
export function readVmark({ root, escapes }: Document): Decoded {
  return orRefused(() => {
    if (!isObject(root) || !isObject(root.paras)) {
      throw new Refusal('not_understood', 'no V-Mark report: it has no object paras');
    }
    const reading: Flat = { values: {}, count: 0, escapes };
    flatten(root.paras, '', undefined, reading, 1);
    return decodedOf(reading.count > 0 ? [{ time: timeOf(root), values: reading.values }] : []);
  });
}

/** Whether parsed JSON says by its form that it is a hub's report. */
export function isVmark(root: unknown): boolean {
  return (
    isObject(root) &&
    isObject(root.paras) &&
    typeof root.handle === 'string' &&
    typeof root.device === 'string'
  );
}

function timeOf(report: JsonObject): number | string | undefined {
  const time = report.time ?? undefined;
  if (time === undefined || typeof time === 'string' || typeof time === 'number') return time;
  throw new Refusal('not_understood', 'its time is neither a text nor a number');
}
