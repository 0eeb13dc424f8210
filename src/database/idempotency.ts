import type { Transaction } from './transaction.ts';

export interface PastRequest {
  /** False when the key came with another request. */
  same: boolean;
  answer: unknown;
}

/**
 * Claims an Idempotency-Key for the caller and this transaction. Waits for a request with the same key that is under way.
 * @returns what was answered, or undefined when the key is new
 */
export async function claimIdempotencyKey(
  tx: Transaction,
  request: { key: string; hash: Uint8Array },
): Promise<PastRequest | undefined> {
  return tx.row('select same_request as same, answer from private.claim_idempotency_key($1, $2)', [
    request.key,
    request.hash,
  ]);
}

/** Keeps the answer for whoever repeats the request. */
export async function keepAnswer(tx: Transaction, request: { key: string; answer: object }): Promise<void> {
  await tx.row('select private.keep_idempotent_answer($1, $2)', [
    request.key,
    JSON.stringify(request.answer),
  ]);
}
