import type { Context } from 'hono';
import { claimIdempotencyKey, keepAnswer } from '../database/idempotency.ts';
import type { Transaction } from '../database/transaction.ts';
import { PlatformError } from '../service/errors.ts';
import { tokenHash } from '../service/random.ts';
import type { Env } from './platform.ts';

/**
 * Does `work` once per Idempotency-Key and answers repeats as the first, in the same transaction as the work: either
 * both are kept or neither, and a repeat that comes too early waits for the first.
 * @param secret the answer holds one, which is shown once and not kept: a repeat is told so (`conflict`)
 * @throws PlatformError `idempotency_key_reused` for a key that came with another request
 */
export async function once<Answer extends object>(
  c: Context<Env>,
  { tx, secret }: { tx: Transaction; secret: boolean },
  work: () => Promise<Answer>,
): Promise<Answer> {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return work();
  const hash = await tokenHash(`${c.req.method} ${c.req.path}\n${await c.req.text()}`);
  const past = await claimIdempotencyKey(tx, { key, hash });
  if (!past) {
    const answer = await work();
    await keepAnswer(tx, { key, answer: secret ? { id: 'id' in answer ? answer.id : undefined } : answer });
    return answer;
  }
  if (!past.same) {
    throw new PlatformError(
      'idempotency_key_reused',
      'This Idempotency-Key came with another request before; take a new one for each.',
      { field: 'header.idempotency-key' },
    );
  }
  if (secret) {
    const { id = 'several' } = past.answer as { id?: string };
    throw new PlatformError(
      'conflict',
      `This was done already and made ${id}. What is secret was shown once and can’t be shown again.`,
    );
  }
  c.header('idempotency-replayed', 'true');
  return past.answer as Answer;
}
