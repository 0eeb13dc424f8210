import type pg from 'pg';
import type { LimitName } from '../domain/limits.ts';

/** What a process counts for an organization. */
export interface ToldUse {
  organization_id: string;
  connections: number;
  /** Connections that wait to be let in. */
  claims: number;
  subscriptions: number;
  /** Used since it told last, so many `seconds` ago. */
  messages: number;
  bytes: number;
  seconds: number;
  /** Rows of history, since then. */
  stored: number;
  /** Somebody waits for one of the rates. */
  waiting: boolean;
  /** How often each limit held something back since then. */
  hits: Partial<Record<LimitName, number>>;
}

/** What it may use until it asks again. */
export interface HeardUse {
  organization_id: string;
  limits: Partial<Record<LimitName, number | null>>;
  /** Connections that it may hold without asking; null without a limit. */
  reserved: number | null;
  /** Of all other processes together: connections, how many are reserved, subscriptions. */
  others: [connections: number, reserved: number, subscriptions: number];
  /** What each of them uses of the rates. */
  demands: [messages: number, bytes: number, isWaiting: boolean][];
  /** Tokens left to all together; null without a limit. */
  messages: number | null;
  bytes: number | null;
  /** Rows of history, of all processes. */
  stored_rows: number;
}

/**
 * Tells what a process counts and asks what it may use, in one round trip.
 * @returns nothing of organizations that are gone; `isNew` when nothing was known of the process, so that it has to tell
 *   of all
 */
export async function exchangeUse(
  pool: pg.Pool,
  processId: string,
  told: readonly ToldUse[],
): Promise<{ isNew: boolean; organizations: HeardUse[] }> {
  const { rows } = await pool.query<{ answer: { new: boolean; organizations: HeardUse[] } }>({
    name: 'exchange_use',
    text: 'select private.exchange_use($1, $2) as answer',
    values: [processId, JSON.stringify(told)],
  });
  const { new: isNew, organizations } = rows[0]!.answer;
  return { isNew, organizations };
}

/** The process counts no longer. */
export async function leaveUse(pool: pg.Pool, processId: string): Promise<void> {
  await pool.query('delete from private.use_processes where id = $1', [processId]);
}
