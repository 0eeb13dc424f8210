import pg from 'pg';
import { inTransaction, type Transaction } from './transaction.ts';

/** Who is asking, as policies see it. */
export type Caller = { kind: 'user'; userId: string } | { kind: 'api_key'; apiKeyId: string };

/** What one request may take in the database, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 15_000;

/** Role, claims and limits together with `begin`, gone with the transaction: there is no half of it. */
const enter = (claims: object) => `;
  select set_config('role', 'authenticated', true),
    set_config('request.jwt.claims', ${pg.escapeLiteral(JSON.stringify(claims))}, true),
    set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true),
    set_config('timezone', 'UTC', true)`;

const beginAsPlatform = `begin;
  select set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true), set_config('timezone', 'UTC', true)`;
const beginSnapshot = 'begin isolation level repeatable read, read only';

/**
 * For statements that run all the time: planning takes as long as what they do, so one plan is made for all, whatever
 * the parameters. By the indexes: a plan made while a table was empty would read all of it once it is not.
 */
export const planOnce = `
  select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`;

/**
 * Runs `work` in a transaction in which row-level security shows what the caller may see and nothing else.
 * This is the only place where a tenant's scope is set.
 * @param options.snapshot all statements see the database as it was at the first, and write nothing
 * @param options.planned its statements are named, and few: each is planned once for all
 * @throws PlatformError `unavailable` when PostgreSQL is away, and whatever else a caller can be told
 */
export function withScope<Result>(
  pool: pg.Pool,
  caller: Caller,
  work: (tx: Transaction) => Promise<Result>,
  options: { snapshot?: boolean; planned?: boolean } = {},
): Promise<Result> {
  const claims =
    caller.kind === 'user'
      ? { sub: caller.userId, role: 'authenticated' }
      : { api_key_id: caller.apiKeyId, role: 'authenticated' };
  const begin = options.snapshot ? beginSnapshot : 'begin';
  return inTransaction(pool, begin + enter(claims) + (options.planned ? `;${planOnce}` : ''), work);
}

/**
 * Runs `work` as the platform itself, without row-level security: for what happens before there is a caller
 * (sign-in, set-up, a link that invites). `work` must name every organization and user it touches.
 */
export function asPlatform<Result>(
  pool: pg.Pool,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  return inTransaction(pool, beginAsPlatform, work);
}
