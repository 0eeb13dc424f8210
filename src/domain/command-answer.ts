import { commandLimits } from './command.ts';

/** What a device answers to a command. */
export interface CommandAnswer {
  id: string;
  status: 'acknowledged' | 'succeeded' | 'failed';
  /** JSON text; undefined when it says none. */
  result: string | undefined;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const statuses: readonly unknown[] = ['acknowledged', 'succeeded', 'failed'];
const utf8 = new TextDecoder('utf-8', { fatal: true });
/** In JSON text that JSON.stringify has made: a character 0 or half of a surrogate pair, which PostgreSQL does not take. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * Reads `{"id","status","result"?}`. With MQTT 5 the id may come as correlation data instead; then a payload that is
 * not of this form is the result of what succeeded.
 * @param correlation MQTT 5's correlation data
 * @returns in words what keeps it from being an answer
 */
export function parseAnswer(
  payload: Uint8Array,
  correlation?: Uint8Array,
): CommandAnswer | { problem: string } {
  if (payload.length > commandLimits.jsonBytes)
    return { problem: `longer than ${commandLimits.jsonBytes} bytes` };
  const correlated = correlation && idOf(correlation);
  const value = parseJson(payload);
  if (value === undefined) {
    const isEmpty = payload.length === 0 && correlated !== undefined;
    return isEmpty
      ? { id: correlated, status: 'succeeded', result: undefined }
      : { problem: 'not JSON in UTF-8, or with text that can’t be stored' };
  }
  const { id = correlated, status, result } = isObject(value) ? value : { status: undefined };
  if (typeof id === 'string' && uuid.test(id) && statuses.includes(status)) {
    return {
      id: id.toLowerCase(),
      status: status as CommandAnswer['status'],
      result: result === undefined ? undefined : JSON.stringify(result),
    };
  }
  if (correlated !== undefined && status === undefined)
    return { id: correlated, status: 'succeeded', result: JSON.stringify(value) };
  if (typeof id !== 'string' || !uuid.test(id)) return { problem: 'id is not that of a command' };
  return { problem: 'status is neither acknowledged nor succeeded nor failed' };
}

function idOf(correlation: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(correlation);
    return uuid.test(text) ? text.toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}

function parseJson(payload: Uint8Array): unknown {
  try {
    const value = JSON.parse(utf8.decode(payload));
    return unstorable.test(JSON.stringify(value)) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
