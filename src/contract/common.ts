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

/** Whether objects and arrays stand in each other more than so many times. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

/** Text for people, trimmed: one line that the database takes (no control characters, no half of a surrogate pair). */
export function line(longest: number) {
  return z
    .string()
    .trim()
    .max(longest)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'may not hold control characters');
}

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
