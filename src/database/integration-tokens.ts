import type { Transaction } from './transaction.ts';

/** Tokens by which webhooks are posted to. Only their hashes get here. */

interface Address {
  organizationId: string;
  integrationId: string;
}

export interface StoredToken {
  id: string;
  created_at: string;
  expires_at: string | null;
}

/** Newest first. */
export function listTokens(tx: Transaction, address: Address): Promise<StoredToken[]> {
  return tx.rows(
    `select id, created_at, expires_at from public.integration_tokens
      where organization_id = $1 and integration_id = $2 order by created_at desc, id`,
    [address.organizationId, address.integrationId],
  );
}

/** @returns its id */
export async function insertToken(
  tx: Transaction,
  { organizationId, integrationId, hash }: Address & { hash: Uint8Array },
): Promise<string> {
  const row = await tx.row<{ id: string }>(
    `insert into public.integration_tokens (organization_id, integration_id, token_hash)
     values ($1, $2, $3) returning id`,
    [organizationId, integrationId, hash],
  );
  return row!.id;
}

/** Lets those there are expire after so many seconds, and removes those that have. @returns when they will have expired */
export async function expireTokens(tx: Transaction, address: Address, seconds: number): Promise<string> {
  const values = [address.organizationId, address.integrationId];
  await tx.rows(
    'delete from public.integration_tokens where organization_id = $1 and integration_id = $2 and expires_at <= now()',
    values,
  );
  await tx.rows(
    `update public.integration_tokens
        set expires_at = least(expires_at, now() + make_interval(secs => $3))
      where organization_id = $1 and integration_id = $2`,
    [...values, seconds],
  );
  const row = await tx.row<{ at: string }>('select now() + make_interval(secs => $1) as at', [seconds]);
  return row!.at;
}

/** @returns false when there is none */
export async function deleteToken(
  tx: Transaction,
  { organizationId, integrationId, tokenId }: Address & { tokenId: string },
): Promise<boolean> {
  const row = await tx.row(
    `delete from public.integration_tokens where organization_id = $1 and integration_id = $2 and id = $3 returning id`,
    [organizationId, integrationId, tokenId],
  );
  return row !== undefined;
}
