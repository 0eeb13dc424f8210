import type pg from 'pg';
import type { ApiKey } from '../contract/members.ts';
import { PlatformError } from '../service/errors.ts';
import { lookUp, type Transaction } from './transaction.ts';

/** The host platform's keys may stand in the same table. */
const ours = `key_prefix like 'nnk\\_%'`;

const columns = 'id, name, role, key_prefix, created_at, last_used_at, expires_at, revoked_at';
/** Enough for any organization, few enough to list at once. */
const MOST_KEYS = 200;

/** Newest first. */
export function listApiKeys(tx: Transaction, organizationId: string): Promise<ApiKey[]> {
  return tx.rows(
    `select ${columns} from public.organization_api_keys where organization_id = $1 and ${ours}
      order by created_at desc, id limit 500`,
    [organizationId],
  );
}

/** @throws PlatformError `limit_reached` */
export async function insertApiKey(
  tx: Transaction,
  key: {
    organizationId: string;
    name: string;
    role: ApiKey['role'];
    keyPrefix: string;
    keyHash: Uint8Array;
    createdBy: string | null;
    expiresAt?: string;
  },
): Promise<ApiKey> {
  const live = await tx.row<{ count: number }>(
    `select count(*) from public.organization_api_keys
      where organization_id = $1 and revoked_at is null and ${ours}`,
    [key.organizationId],
  );
  if (live!.count >= MOST_KEYS) {
    throw new PlatformError('limit_reached', `There are ${MOST_KEYS} API keys already: revoke some.`);
  }
  const row = await tx.row<ApiKey>(
    `insert into public.organization_api_keys
       (organization_id, name, role, key_prefix, key_sha256, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`,
    [key.organizationId, key.name, key.role, key.keyPrefix, key.keyHash, key.createdBy, key.expiresAt],
  );
  return row!;
}

/** Again keeps the first time. @returns false when there is none */
export async function revokeApiKey(
  tx: Transaction,
  address: { organizationId: string; keyId: string },
): Promise<boolean> {
  const row = await tx.row(
    `update public.organization_api_keys set revoked_at = coalesce(revoked_at, now())
      where organization_id = $1 and id = $2 and ${ours} returning id`,
    [address.organizationId, address.keyId],
  );
  return row !== undefined;
}

const keyStatement = {
  name: 'find_api_key',
  text: `select id, last_used_at is null or last_used_at < now() - interval '1 minute' as stale
           from public.organization_api_keys
          where key_sha256 = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
};
const keyUsedStatement = {
  name: 'api_key_used',
  text: `update public.organization_api_keys set last_used_at = now()
          where id = (select id from public.organization_api_keys where id = $1 for no key update skip locked)`,
};

/** As the platform. @returns the key's id; undefined for one that is unknown, revoked or has expired */
export async function findApiKey(pool: pg.Pool, keyHash: Uint8Array): Promise<string | undefined> {
  const key = await lookUp<{ id: string; stale: boolean }>(pool, keyStatement, [keyHash]);
  if (key?.stale) {
    // Once a minute, and never a wait for another request that is about to write the same.
    await lookUp(pool, keyUsedStatement, [key.id]);
  }
  return key?.id;
}
