import type pg from 'pg';
import type { ExpectedTopic } from '../contract/expected-topics.ts';
import { translated } from './database-error.ts';
import type { IntegrationConfiguration } from './integrations.ts';

/** An integration of a customer's own broker, as whoever feeds its messages in must know it. */
export interface ExternalIntegration {
  id: string;
  organizationId: string;
  name: string;
  mode: string;
  enabled: boolean;
  decoder: string;
  decoderSettings: unknown;
  expectedTopics: ExpectedTopic[];
  configuration: IntegrationConfiguration;
  sealedSecrets: string | null;
  /** Where a host platform made it: how it keeps its broker, secrets and all. */
  hostSettings: unknown;
  autoRegister: boolean;
  deviceLimit: number;
  /** SHA-256 of each, in hexadecimal, and when it expires, in milliseconds since 1970. */
  tokens: { hash: string; expiresAt: number | null }[];
}

/**
 * @returns undefined when there is none with this id
 * @throws PlatformError `unavailable`
 */
export async function findExternalIntegration(
  pool: pg.Pool,
  id: string,
): Promise<ExternalIntegration | undefined> {
  const { rows } = await pool
    .query<ExternalIntegration>({
      name: 'external_integration',
      text: `
        select i.id, i.organization_id as "organizationId", i.name, coalesce(i.mode, 'subscribe') as mode,
               i.enabled, i.decoder,
               i.decoder_settings as "decoderSettings",
               i.expected_topics as "expectedTopics", i.configuration, to_jsonb(i) -> 'settings' as "hostSettings", i.sealed_secrets as "sealedSecrets",
               i.auto_register as "autoRegister", i.device_limit as "deviceLimit",
               (select coalesce(json_agg(json_build_object(
                         'hash', encode(t.token_hash, 'hex'),
                         'expiresAt', extract(epoch from t.expires_at) * 1000)), '[]')
                  from public.integration_tokens t where t.integration_id = i.id) as tokens
          from public.device_integrations i
         where i.id = $1 and i.integration_type = 'mqtt_external'`,
      values: [id],
    })
    .catch((error) => {
      throw translated(error);
    });
  return rows[0];
}
