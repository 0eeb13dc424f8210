import type { ShownBroker } from '../contract/broker-settings.ts';
import type { CommandForm } from '../contract/commands.ts';
import type { DecoderSettings } from '../contract/decoders.ts';
import type { ExpectedTopic } from '../contract/expected-topics.ts';
import type {
  Activity,
  IntegrationMode,
  IntegrationStatus,
  Receipt,
  WebhookSettings,
} from '../contract/integrations.ts';
import { PlatformError } from '../service/errors.ts';
import { ISO_TIME, type Transaction } from './transaction.ts';

/** Of one organization; each may be a connection that is held, and memory. */
const MOST_INTEGRATIONS = 100;

/** What of it is nobody's secret. */
export interface IntegrationConfiguration {
  webhook?: WebhookSettings;
  /** With mode subscribe what is subscribed to, with others where commands go. */
  broker?: ShownBroker | null;
  commands?: CommandForm | null;
}

/** An integration as it is kept, with what its traffic says of it. */
export interface StoredIntegration {
  id: string;
  name: string;
  integration_type: 'mqtt_hosted' | 'mqtt_external';
  mode: IntegrationMode | null;
  enabled: boolean;
  decoder: string;
  decoder_settings: DecoderSettings | null;
  expected_topics: ExpectedTopic[];
  configuration: IntegrationConfiguration;
  auto_register: boolean;
  device_limit: number;
  created_at: string;
  status: IntegrationStatus | null;
  last_message_at: string | null;
  messages_per_minute: number;
  failed_share: number | null;
}

const columns = `i.id, i.name, i.integration_type,
  case when i.integration_type = 'mqtt_external' then coalesce(i.mode, 'subscribe') end as mode, i.enabled, i.decoder, i.decoder_settings, i.expected_topics, i.configuration,
  i.auto_register, i.device_limit, i.created_at`;

/** Of the last five minutes, the one that runs counted by its share. */
const selectIntegrations = `
  select ${columns}, traffic.last_at as last_message_at,
         coalesce(round(traffic.messages / 5.0, 1), 0)::float8 as messages_per_minute,
         (traffic.failed / nullif(traffic.messages, 0)::float8) as failed_share,
         case when i.integration_type = 'mqtt_external' and coalesce(i.mode, 'subscribe') = 'subscribe' then
           json_build_object(
             'state', case when not i.enabled then 'stopped'
                           when s.state = 'connected' and traffic.last_at > now() - interval '1 minute' then 'receiving'
                           else coalesce(s.state, 'waiting') end,
             'since', to_char(s.since, ${ISO_TIME}), 'reason', s.reason, 'detail', coalesce(s.detail, ''),
             'next_try_at', to_char(s.next_try_at, ${ISO_TIME})) end as status
    from public.device_integrations i
    left join public.integration_status s on s.integration_id = i.id
     and case when s.state = 'stopped' then not i.enabled else private.is_subscribed(i.id) end
    left join lateral (
      select (select t.last_at from public.integration_traffic t
               where t.integration_id = i.id order by t.minute desc limit 1) as last_at,
             sum(stored + duplicate + quarantined + rejected) as messages,
             sum(quarantined + rejected) as failed
        from public.integration_traffic t
       where t.integration_id = i.id and t.minute > now() - interval '5 minutes') traffic on true`;

/** The host platform's integrations of other kinds may stand in the same table. */
const ours = `i.integration_type in ('mqtt_hosted', 'mqtt_external')`;

export interface IntegrationAddress {
  organizationId: string;
  integrationId: string;
}

/** Oldest first. */
export function listIntegrations(tx: Transaction, organizationId: string): Promise<StoredIntegration[]> {
  return tx.rows(
    `${selectIntegrations} where i.organization_id = $1 and ${ours} order by i.created_at, i.id`,
    [organizationId],
  );
}

export function getIntegration(
  tx: Transaction,
  address: IntegrationAddress,
): Promise<StoredIntegration | undefined> {
  return tx.row(`${selectIntegrations} where i.organization_id = $1 and i.id = $2 and ${ours}`, [
    address.organizationId,
    address.integrationId,
  ]);
}

export interface NewIntegration {
  id: string;
  organizationId: string;
  name: string;
  mode: string;
  decoder: string;
  decoderSettings: DecoderSettings | undefined;
  expectedTopics: readonly ExpectedTopic[];
  configuration: IntegrationConfiguration;
  /** See service/seal.ts. */
  sealedSecrets: string | undefined;
  autoRegister: boolean;
  deviceLimit: number;
}

/** @throws PlatformError `limit_reached` */
export async function insertIntegration(tx: Transaction, integration: NewIntegration): Promise<void> {
  const there = await tx.row<{ count: number }>(
    `select count(*)::int from public.device_integrations i
      where organization_id = $1 and i.integration_type = 'mqtt_external'`,
    [integration.organizationId],
  );
  if (there!.count >= MOST_INTEGRATIONS) {
    throw new PlatformError(
      'limit_reached',
      `There are ${MOST_INTEGRATIONS} integrations already: delete some.`,
    );
  }
  await tx.rows(
    `insert into public.device_integrations
       (id, organization_id, name, integration_type, mode, decoder, decoder_settings, expected_topics, configuration,
        sealed_secrets, auto_register, device_limit)
     values ($1, $2, $3, 'mqtt_external', $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      integration.id,
      integration.organizationId,
      integration.name,
      integration.mode,
      integration.decoder,
      integration.decoderSettings && JSON.stringify(integration.decoderSettings),
      JSON.stringify(integration.expectedTopics),
      JSON.stringify(integration.configuration),
      integration.sealedSecrets,
      integration.autoRegister,
      integration.deviceLimit,
    ],
  );
}

export interface IntegrationChange {
  name?: string;
  enabled?: boolean;
  /** With its settings, which replace those there were. */
  decoder?: string;
  decoderSettings?: DecoderSettings;
  expectedTopics?: readonly ExpectedTopic[];
  /** Merged into those there are, one level deep; null takes away. */
  configuration?: IntegrationConfiguration;
  autoRegister?: boolean;
  deviceLimit?: number;
}

/** What is undefined stays. @returns whether there is one */
export async function updateIntegration(
  tx: Transaction,
  address: IntegrationAddress,
  change: IntegrationChange,
): Promise<boolean> {
  const row = await tx.row(
    `update public.device_integrations set
       name = coalesce($3, name), enabled = coalesce($4, enabled), decoder = coalesce($5, decoder),
       decoder_settings = case when $5 is null then decoder_settings else $10 end,
       expected_topics = coalesce($6, expected_topics),
       configuration = (configuration || coalesce($7::jsonb, '{}')) - $11::text[],
       auto_register = coalesce($8, auto_register), device_limit = coalesce($9, device_limit), updated_at = now()
      where organization_id = $1 and id = $2 returning id`,
    [
      address.organizationId,
      address.integrationId,
      change.name,
      change.enabled,
      change.decoder,
      change.expectedTopics && JSON.stringify(change.expectedTopics),
      change.configuration && JSON.stringify(change.configuration),
      change.autoRegister,
      change.deviceLimit,
      change.decoderSettings && JSON.stringify(change.decoderSettings),
      namesOfNull(change.configuration ?? {}),
    ],
  );
  return row !== undefined;
}

function namesOfNull(fields: object): string[] {
  return Object.entries(fields).flatMap(([name, value]) => (value === null ? [name] : []));
}

/** @param sealed see service/seal.ts; undefined: there are none */
export async function sealSecrets(
  tx: Transaction,
  address: IntegrationAddress,
  sealed: string | undefined,
): Promise<void> {
  await tx.rows(
    'update public.device_integrations set sealed_secrets = $3 where organization_id = $1 and id = $2',
    [address.organizationId, address.integrationId, sealed],
  );
}

/** Its quarantine, counts and tokens go with it; its devices and their readings stay. @returns whether there was one */
export async function deleteIntegration(tx: Transaction, address: IntegrationAddress): Promise<boolean> {
  const row = await tx.row(
    `delete from public.device_integrations
      where organization_id = $1 and id = $2 and integration_type = 'mqtt_external' returning id`,
    [address.organizationId, address.integrationId],
  );
  return row !== undefined;
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
