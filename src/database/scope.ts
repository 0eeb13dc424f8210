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
/**
 * Of what is fetched all the time from tables that grow: planning takes longer than the fetch itself (0.8 ms of 1.3), and
 * a plan made while a table was empty would read all of it once it is not. So one plan for all, and by the index.
 */
const beginSnapshot = `begin isolation level repeatable read, read only;
  select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)`;

/**
 * Runs `work` in a transaction in which row-level security shows what the caller may see and nothing else.
 * This is the only place where a tenant's scope is set.
 * @param options.snapshot all statements see the database as it was at the first, and write nothing
 * @throws PlatformError `unavailable` when PostgreSQL is away, and whatever else a caller can be told
 */
export function withScope<Result>(
  pool: pg.Pool,
  caller: Caller,
  work: (tx: Transaction) => Promise<Result>,
  options: { snapshot?: boolean } = {},
): Promise<Result> {
  const claims =
    caller.kind === 'user'
      ? { sub: caller.userId, role: 'authenticated' }
      : { api_key_id: caller.apiKeyId, role: 'authenticated' };
  return inTransaction(pool, (options.snapshot ? beginSnapshot : 'begin') + enter(claims), work);
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
