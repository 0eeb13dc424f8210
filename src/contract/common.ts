import { z } from 'zod';

/** Pieces that several addresses share. All times are ISO 8601 in UTC. */
export const id = z.uuid();
export const time = z.iso.datetime({ offset: true }).describe('ISO 8601');
export const role = z.enum(['owner', 'admin', 'member', 'viewer']);
export type Role = z.infer<typeof role>;
export const presence = z.enum(['online', 'late', 'offline', 'unknown']);
export type Presence = z.infer<typeof presence>;
export const outcome = z.enum(['stored', 'duplicate', 'quarantined', 'rejected']);
export type Outcome = z.infer<typeof outcome>;

export const readingValue = z.union([z.number(), z.string(), z.boolean()]);

/** Any JSON value. Not `z.json()`: it refers to itself, which the description of the API can't. */
export const json = z.unknown().nonoptional();

/**
 * @param levels how many objects and arrays may stand in each other: a few bytes can hold more than any stack does
 * @returns in words what keeps what JSON.parse has read from being stored as it is; undefined when nothing does
 */
export function jsonProblem(value: unknown, levels: number): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'holds a number out of range';
  if (typeof value === 'string') {
    const isStorable = value.isWellFormed() && !value.includes('\0');
    return isStorable ? undefined : 'holds text that can’t be stored: NUL, or half a surrogate pair';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return 'nests too deep';
  for (const item of Object.entries(value).flat()) {
    const problem = jsonProblem(item, levels - 1);
    if (problem) return problem;
  }
  return undefined;
}

/** Text for people, trimmed: one line that the database takes (no control characters, no half of a surrogate pair). */
export function line(longest: number) {
  return z
    .string()
    .trim()
    .max(longest)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'may not hold control characters');
}

/** For how long readings are kept: the shortest of the platform, the organization and the device's type counts. */
export const retentionDays = z.int().min(1).max(36_500);

/** The name of a device in topics: one level, no wildcard. */
export const externalDeviceId = z
  .string()
  .min(1)
  .max(128)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  .regex(/^[^/+#\u0000-\u001f\u007f]+$/, 'may not hold / + # or control characters')
  .refine((text) => text.isWellFormed(), 'is not valid Unicode');

export const pageQuery = z.object({
  cursor: z.string().max(500).optional().describe('`next_cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** What may stand in a query several times. */
export function severalOf<Item extends z.ZodType>(item: Item, most: number) {
  // Once, it comes as a text.
  return z.preprocess(
    (given) => (given === undefined || Array.isArray(given) ? given : [given]),
    z.array(item).max(most).optional(),
  );
}

/** A page of a list. `next_cursor` is null on the last one. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** RFC 9457. `code` is stable; `errors` name the fields at fault. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;
