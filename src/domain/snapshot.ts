/**
 * A position in the stream of an organization's events: a PostgreSQL snapshot, as `pg_current_snapshot()` writes it
 * (`xmin:xmax:xid,xid,…`; PostgreSQL manual, "Transaction ID and Snapshot Information"). It says exactly which
 * transactions had been committed, so what it does not contain is what came since, in whatever order they committed.
 */
export interface Snapshot {
  /** Its text, which is the event's id. */
  text: string;
  /** The first transaction that had not begun. */
  end: bigint;
  /** Transactions before `end` that were under way, as decimals. */
  underWay: string[];
}

/** More than a server's connections will ever make of it: an id that a client sends is bounded. */
const MAX_CHARACTERS = 8192;
const MAX_XID = 2n ** 63n;

/** @returns undefined for what PostgreSQL would not take as a pg_snapshot */
export function parseSnapshot(text: string): Snapshot | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const [, first, last, list] = /^(\d{1,19}):(\d{1,19}):((?:\d{1,19}(?:,\d{1,19})*)?)$/.exec(text) ?? [];
  if (!first || !last || list === undefined) return undefined;
  const begin = BigInt(first);
  const end = BigInt(last);
  if (begin < 1n || end < begin || end >= MAX_XID) return undefined;
  const underWay = list === '' ? [] : list.split(',');
  let previous = begin - 1n;
  for (const item of underWay) {
    const xid = BigInt(item);
    if (xid <= previous || xid >= end) return undefined;
    previous = xid;
  }
  return { text, end, underWay };
}
