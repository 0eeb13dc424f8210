import type { Activity, Integration, Receipt } from '../contract/integrations.ts';
import type { Transaction } from './transaction.ts';

const columns = 'id, name, integration_type, decoder, auto_register, device_limit, created_at';

/** The host platform's integrations of other kinds may stand in the same table. */
const ours = `integration_type in ('mqtt_hosted', 'mqtt_external')`;

export interface IntegrationAddress {
  organizationId: string;
  integrationId: string;
}

/** Oldest first. */
export function listIntegrations(tx: Transaction, organizationId: string): Promise<Integration[]> {
  return tx.rows(
    `select ${columns} from public.device_integrations where organization_id = $1 and ${ours} order by created_at, id`,
    [organizationId],
  );
}

export function getIntegration(
  tx: Transaction,
  address: IntegrationAddress,
): Promise<Integration | undefined> {
  return tx.row(
    `select ${columns} from public.device_integrations where organization_id = $1 and id = $2 and ${ours}`,
    [address.organizationId, address.integrationId],
  );
}

/** What is undefined stays. */
export function updateIntegration(
  tx: Transaction,
  address: IntegrationAddress,
  change: { decoder?: string; auto_register?: boolean; device_limit?: number },
): Promise<Integration | undefined> {
  return tx.row(
    `update public.device_integrations set
       decoder = coalesce($3, decoder), auto_register = coalesce($4, auto_register),
       device_limit = coalesce($5, device_limit), updated_at = now()
      where organization_id = $1 and id = $2 and ${ours} returning ${columns}`,
    [
      address.organizationId,
      address.integrationId,
      change.decoder,
      change.auto_register,
      change.device_limit,
    ],
  );
}

/** Newest first. `before` is the id of the last entry of the page before. */
export function listActivity(
  tx: Transaction,
  query: IntegrationAddress & { credentialId?: string; before?: string; limit: number },
): Promise<Activity[]> {
  return tx.rows(
    `select id::text, occurred_at, event, reason, detail, integration_id, credential_id, client_id, username,
            remote_address, topic
       from public.integration_activity_log a
      where organization_id = $1 and integration_id = $2
        and ($3::uuid is null or credential_id = $3) and ($4::bigint is null or id < $4)
      order by a.id desc limit $5`,
    [query.organizationId, query.integrationId, query.credentialId, query.before, query.limit],
  );
}

/** The last hundred, newest first. */
export function listReceipts(tx: Transaction, address: IntegrationAddress): Promise<Receipt[]> {
  return tx.rows(
    `select received_at, outcome, reason, topic, client_id
       from public.message_receipts where organization_id = $1 and integration_id = $2
      order by id desc limit 100`,
    [address.organizationId, address.integrationId],
  );
}
