/** What an organization may use. Stable words: shown to people, set by operators, part of error codes. */
export const limitNames = [
  'connections',
  'messages_per_second',
  'bytes_per_second',
  'message_bytes',
  'devices',
  'subscriptions',
  'stored_rows',
] as const;
export type LimitName = (typeof limitNames)[number];

/** By which a client, a log and an answer of HTTP name the limit that was hit. */
export type LimitReason = `${LimitName}_limit`;

/** Infinity where there is none. */
export type Limits = Readonly<Record<LimitName, number>>;

/** @param given null or missing: no limit */
export function limitsOf(given: Partial<Record<LimitName, number | null>>): Limits {
  const limits = {} as Record<LimitName, number>;
  for (const name of limitNames) limits[name] = given[name] ?? Number.POSITIVE_INFINITY;
  return limits;
}

export const noLimits = limitsOf({});
