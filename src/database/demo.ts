import type { Transaction } from './transaction.ts';

const LABEL = 'Simulated fleet';

/** The oldest organization: where a demonstration takes place. @throws when there is none */
export async function demoOrganization(tx: Transaction): Promise<string> {
  const row = await tx.row<{ id: string }>(
    'select id from public.organizations order by created_at, id limit 1',
  );
  if (!row) throw new Error('there is no organization yet');
  return row.id;
}

/** Nobody keeps the fleet's password, so each start makes a credential anew in the place of the last. */
export async function replaceDemoCredential(
  tx: Transaction,
  credential: { organizationId: string; username: string; passwordHash: string; topicPrefix: string },
): Promise<void> {
  const { organizationId, username, passwordHash, topicPrefix } = credential;
  await tx.rows('delete from public.mqtt_credentials where organization_id = $1 and label = $2', [
    organizationId,
    LABEL,
  ]);
  await tx.rows(
    `insert into public.mqtt_credentials (organization_id, label, username, password_hash, topic_prefix)
     values ($1, $2, $3, $4, $5)`,
    [organizationId, LABEL, username, passwordHash, topicPrefix],
  );
}
