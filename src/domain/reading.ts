/** A value as it is stored and charted. Flat: nesting became dots in the name. */
export type ReadingValue = number | string | boolean;

/** What one sample of a message decodes to, before its time is judged. */
export interface DecodedReading {
  /** The time the device states, as it stands in the payload: a number (s, ms, µs or ns) or a text. Absent if it states none. */
  time?: number | string;
  /** At least one value; names are 1 to 255 characters. Nothing in it is refused by PostgreSQL's jsonb. */
  values: Record<string, ReadingValue>;
}

/** Why a message could not become readings, each with the sentence that tells its owner what to do. Stable words: shown, counted. */
export const quarantineReasons = {
  empty_payload: 'The payload is empty. Only retained messages are cleared by sending nothing.',
  not_utf8: 'The payload is not UTF-8 text. Choose a decoder for binary payloads.',
  not_json: 'The payload is not valid JSON.',
  too_deep: 'The payload is nested more deeply than 16 levels.',
  too_many_values:
    'The message holds more than 512 values in a reading or more than 1000 readings, or too many beside its samples.',
  too_long: 'A name is longer than 255 characters, or a text longer than 4096.',
  no_values: 'The message holds no value: it is empty, or everything in it is null.',
  not_storable: 'A name or text holds NUL or half a surrogate pair, which PostgreSQL can’t store.',
  not_understood: 'The decoder can’t make readings of this payload. Choose another decoder, then replay.',
  too_old: 'The time it states lies before everything that is kept.',
  topic_not_expected: 'The topic is none that the integration expects. Add it to its topics, then replay.',
  unknown_device: 'The device is not registered, and the integration does not register devices by itself.',
  device_limit: 'The device is new, and the limit of devices is reached.',
  stored_rows:
    'The organization has as many readings stored as it may (stored_rows_limit). Make room, then replay.',
  expression_failed: 'The expression ended with an error. Correct it, then replay.',
  expression_timeout: 'The expression did not end within 100 ms. Make it simpler, then replay.',
  expression_memory: 'The expression used too much memory. Make it simpler, then replay.',
  needs_worker:
    'Expressions are not run here: they need a process of their own. Replay where one can be started.',
  invalid_status: 'A status is online or offline, or JSON with a status that is.',
  invalid_answer: 'An answer to a command is JSON with its id, and status acknowledged, succeeded or failed.',
  unknown_command: 'It answers a command that there is not.',
  not_its_command: 'It answers a command of another device.',
  command_finished: 'It answers a command that had ended before, which is left as it was.',
  refused_by_database: 'The database refused it.',
} as const;
export type QuarantineReason = keyof typeof quarantineReasons;

/** Why a message goes to quarantine. */
export interface Refusal {
  reason: QuarantineReason;
  detail: string;
}

/** Bounds of one message, so that no payload can make a batch slow for others. */
export const readingLimits = {
  depth: 16,
  valuesPerReading: 512,
  readingsPerMessage: 1000,
  /** What stands beside samples, counted once for each: 15 kB could become 500,000 values. */
  repeatedValues: 10_000,
  nameCharacters: 255,
  textCharacters: 4096,
} as const;

export type Decoded = { ok: true; readings: DecodedReading[] } | ({ ok: false } & Refusal);

/** A text as PostgreSQL takes it: U+FFFD where NUL or half a surrogate pair stood, of which jsonb refuses either. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** Whether PostgreSQL takes the text as it is. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
