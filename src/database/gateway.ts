import type pg from 'pg';
import type { ExpectedTopic } from '../contract/expected-topics.ts';

/** What the gateway must know of a credential to let a client in, and of what it feeds. */
export interface GatewayCredential {
  id: string;
  username: string;
  passwordHash: string;
  organizationId: string;
  externalDeviceId: string | undefined;
  /** Milliseconds since 1970. */
  expiresAt: number | undefined;
  disabled: boolean;
  integration: GatewayIntegration;
}

export interface GatewayIntegration {
  id: string;
  decoder: string;
  decoderSettings: unknown;
  /** Of a bridge; undefined for the hosted broker. */
  expectedTopics: ExpectedTopic[] | undefined;
  enabled: boolean;
  autoRegister: boolean;
  deviceLimit: number;
}

interface IntegrationRow {
  integration_id: string;
  mode: string | null;
  enabled: boolean;
  expected_topics: ExpectedTopic[];
  decoder: string;
  decoder_settings: unknown;
  auto_register: boolean;
  device_limit: number;
}

interface CredentialRow extends IntegrationRow {
  id: string;
  username: string;
  password_hash: string;
  organization_id: string;
  external_device_id: string | null;
  expires_at: Date | null;
  disabled: boolean;
}

const integrationColumns = `i.id as integration_id, i.mode, i.enabled, i.expected_topics, i.decoder, i.decoder_settings,
  i.auto_register, i.device_limit`;

/** A credential feeds the hosted integration, or the bridge that it was made for. */
const selectCredentials = `
  select c.id, c.username, c.password_hash, c.organization_id, d.external_device_id, c.expires_at,
         c.disabled_at is not null as disabled, ${integrationColumns}
    from public.mqtt_credentials c
    join public.device_integrations i
      on i.organization_id = c.organization_id
     and case when c.integration_id is null then i.integration_type = 'mqtt_hosted' else i.id = c.integration_id end
    left join public.devices d on d.id = c.device_id`;

/** Those of the given user names that there are. */
export async function findGatewayCredentials(
  pool: pg.Pool,
  usernames: readonly string[],
): Promise<GatewayCredential[]> {
  const { rows } = await pool.query<CredentialRow>({
    name: 'gateway_credentials',
    text: `${selectCredentials} where c.username = any ($1)`,
    values: [usernames],
  });
  return rows.map(fromRow);
}

export async function findGatewayIntegration(
  pool: pg.Pool,
  id: string,
): Promise<GatewayIntegration | undefined> {
  const { rows } = await pool.query<IntegrationRow>(
    `select ${integrationColumns} from public.device_integrations i where i.id = $1`,
    [id],
  );
  return rows[0] && integrationOf(rows[0]);
}

/** Connections that gateways before this one held and could not take off the list. */
export async function forgetOtherConnections(pool: pg.Pool, gatewayId: string): Promise<void> {
  await pool.query('delete from public.mqtt_connections where gateway_id <> $1', [gatewayId]);
}

/** Ids of a gateway's connections that an admin wants ended. */
export async function askedToDisconnect(pool: pg.Pool, gatewayId: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(
    'select id from public.mqtt_connections where gateway_id = $1 and disconnect_asked_at is not null',
    [gatewayId],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Whether a client is connected to any gateway since then, in milliseconds since 1970. */
export async function hasConnected(
  pool: pg.Pool,
  { organizationId, clientId, since }: { organizationId: string; clientId: string; since: number },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from public.mqtt_connections
      where organization_id = $1 and client_id = $2 and connected_at >= $3 limit 1`,
    [organizationId, clientId, new Date(since)],
  );
  return rowCount === 1;
}

/** Whether a client is connected to any gateway, but for the connection `besides`. */
export async function isConnected(
  pool: pg.Pool,
  { organizationId, clientId, besides }: { organizationId: string; clientId: string; besides: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    'select from public.mqtt_connections where organization_id = $1 and client_id = $2 and id <> $3 limit 1',
    [organizationId, clientId, besides],
  );
  return rowCount === 1;
}

function fromRow(row: CredentialRow): GatewayCredential {
  return {
    id: row.id,
    username: row.username,
    passwordHash: row.password_hash,
    organizationId: row.organization_id,
    externalDeviceId: row.external_device_id ?? undefined,
    expiresAt: row.expires_at?.getTime(),
    disabled: row.disabled,
    integration: integrationOf(row),
  };
}

function integrationOf(row: IntegrationRow): GatewayIntegration {
  return {
    id: row.integration_id,
    decoder: row.decoder,
    decoderSettings: row.decoder_settings,
    expectedTopics: row.mode === 'bridge' ? row.expected_topics : undefined,
    enabled: row.enabled,
    autoRegister: row.auto_register,
    deviceLimit: row.device_limit,
  };
}
