import type { Credential } from '../contract/credentials.ts';
import type { Transaction } from './transaction.ts';

const selectCredential = `select c.id, c.label, c.username, c.topic_prefix, c.device_id, d.external_device_id, c.integration_id,
    c.created_at, c.last_used_at, c.expires_at, c.disabled_at, c.replaces,
    (select count(*) from public.mqtt_connections n where n.credential_id = c.id) as live_connections
  from public.mqtt_credentials c
  left join public.devices d on d.id = c.device_id`;

export interface CredentialAddress {
  organizationId: string;
  credentialId: string;
}

/** Newest first. */
export function listCredentials(
  tx: Transaction,
  query: { organizationId: string; after?: { createdAt: string; id: string }; limit: number },
): Promise<Credential[]> {
  return tx.rows(
    `${selectCredential}
      where c.organization_id = $1
        and ($2::timestamptz is null or (c.created_at, c.id) < ($2, $3::uuid))
      order by c.created_at desc, c.id desc limit $4`,
    [query.organizationId, query.after?.createdAt, query.after?.id, query.limit],
  );
}

export function getCredential(tx: Transaction, address: CredentialAddress): Promise<Credential | undefined> {
  return tx.row(`${selectCredential} where c.organization_id = $1 and c.id = $2`, [
    address.organizationId,
    address.credentialId,
  ]);
}

/** The newest one that an integration's bridge signs in with. */
export function integrationCredential(
  tx: Transaction,
  address: { organizationId: string; integrationId: string },
): Promise<Credential | undefined> {
  return tx.row(
    `${selectCredential} where c.organization_id = $1 and c.integration_id = $2 order by c.created_at desc limit 1`,
    [address.organizationId, address.integrationId],
  );
}

export interface NewCredential {
  organizationId: string;
  deviceId: string | null;
  label: string;
  username: string;
  /** See `service/password.ts`. The password itself never gets here. */
  passwordHash: string;
  topicPrefix: string;
  expiresAt?: string;
  /** The credential that this one takes over from. */
  replaces?: string;
  /** The bridge that signs in with it. */
  integrationId?: string;
}

/** @returns its id */
export async function insertCredential(tx: Transaction, credential: NewCredential): Promise<string> {
  const row = await tx.row<{ id: string }>(
    `insert into public.mqtt_credentials
       (organization_id, device_id, label, username, password_hash, topic_prefix, expires_at, replaces, integration_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
    [
      credential.organizationId,
      credential.deviceId,
      credential.label,
      credential.username,
      credential.passwordHash,
      credential.topicPrefix,
      credential.expiresAt,
      credential.replaces,
      credential.integrationId,
    ],
  );
  return row!.id;
}

/** One for each of several devices. */
export async function insertCredentials(
  tx: Transaction,
  made: {
    organizationId: string;
    expiresAt: string | undefined;
    credentials: readonly {
      id: string;
      device_id: string;
      label: string;
      username: string;
      password_hash: string;
      topic_prefix: string;
    }[];
  },
): Promise<void> {
  await tx.rows(
    `insert into public.mqtt_credentials
       (id, organization_id, device_id, label, username, password_hash, topic_prefix, expires_at)
     select c.id, $1, c.device_id, c.label, c.username, c.password_hash, c.topic_prefix, $2
       from jsonb_to_recordset($3) as c (id uuid, device_id uuid, label text, username text, password_hash text, topic_prefix text)`,
    [made.organizationId, made.expiresAt, JSON.stringify(made.credentials)],
  );
}

/** What is undefined stays. Disabling again keeps the first time. @returns false when there is none */
export async function updateCredential(
  tx: Transaction,
  address: CredentialAddress,
  change: { disabled?: boolean; label?: string },
): Promise<boolean> {
  const row = await tx.row(
    `update public.mqtt_credentials set
       label = coalesce($3, label),
       disabled_at = case when $4::boolean is null then disabled_at when $4 then coalesce(disabled_at, now()) end
      where organization_id = $1 and id = $2 returning id`,
    [address.organizationId, address.credentialId, change.label, change.disabled],
  );
  return row !== undefined;
}

/** Lets it expire in so many seconds, unless it does so earlier. Waits for a change that is under way. */
export async function expireCredential(
  tx: Transaction,
  address: CredentialAddress,
  seconds: number,
): Promise<void> {
  await tx.row(
    `update public.mqtt_credentials
        set expires_at = least(expires_at, now() + make_interval(secs => $3))
      where organization_id = $1 and id = $2`,
    [address.organizationId, address.credentialId, seconds],
  );
}

/** @returns false when there is none */
export async function deleteCredential(tx: Transaction, address: CredentialAddress): Promise<boolean> {
  const row = await tx.row(
    'delete from public.mqtt_credentials where organization_id = $1 and id = $2 returning id',
    [address.organizationId, address.credentialId],
  );
  return row !== undefined;
}
