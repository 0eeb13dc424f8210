import type { z } from 'zod';
import { PlatformError } from '../service/errors.ts';

/** A page's end as clients carry it: opaque to them, checked when it comes back. */
export function writeCursor(position: unknown): string {
  return encodeURIComponent(JSON.stringify(position));
}

/** @throws PlatformError `invalid_request` for one that is not ours */
export function readCursor<Schema extends z.ZodType>(
  cursor: string | undefined,
  schema: Schema,
): z.infer<Schema> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(decodeURIComponent(cursor)));
  } catch {
    throw new PlatformError('invalid_request', 'This cursor was not made by this list.', {
      field: 'query.cursor',
    });
  }
}

/**
 * Makes a page of what was read with a limit of one more than it holds.
 * @param position what the next page starts after, of the last item
 */
export function toPage<Item>(
  items: Item[],
  limit: number,
  position: (last: Item) => unknown,
): { items: Item[]; next_cursor: string | null } {
  if (items.length <= limit) return { items, next_cursor: null };
  const shown = items.slice(0, limit);
  return { items: shown, next_cursor: writeCursor(position(shown[limit - 1]!)) };
}
