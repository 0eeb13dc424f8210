/** A value as it is stored and charted. Flat: nesting became dots in the name. */
export type ReadingValue = number | string | boolean;

/** What one sample of a message decodes to, before its time is judged. */
export interface DecodedReading {
  /** The time the device states, as it stands in the payload: a number (s, ms, µs or ns) or a text. Absent if it states none. */
  time?: number | string;
  /** At least one value; names are 1 to 255 characters. */
  values: Record<string, ReadingValue>;
}

/** Why a message could not become readings; stable, shown to people, counted. */
export type QuarantineReason =
  | 'empty_payload'
  | 'not_utf8'
  | 'not_json'
  | 'too_deep'
  | 'too_many_values'
  | 'no_values'
  | 'not_understood'
  | 'too_old'
  | 'unknown_device'
  | 'device_limit'
  | 'invalid_status'
  | 'refused_by_database';

/** Bounds of one message, so that no payload can make a batch slow for others. */
export const readingLimits = {
  depth: 16,
  valuesPerReading: 512,
  readingsPerMessage: 1000,
  nameCharacters: 255,
  textCharacters: 4096,
} as const;

export type Decoded =
  | { ok: true; readings: DecodedReading[] }
  | { ok: false; reason: QuarantineReason; detail: string };
