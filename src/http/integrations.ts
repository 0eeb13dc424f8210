import type { Context } from 'hono';
import type { BrokerSettings, ShownBroker } from '../contract/broker-settings.ts';
import {
  type CreateIntegration,
  type Integration,
  type WebhookSettings,
  webhookSettings,
} from '../contract/integrations.ts';
import { findExternalIntegration } from '../database/external-integrations.ts';
import { insertToken } from '../database/integration-tokens.ts';
import {
  getIntegration,
  type IntegrationConfiguration,
  insertIntegration,
  type StoredIntegration,
} from '../database/integrations.ts';
import type { Transaction } from '../database/transaction.ts';
import { brokerEndpoint, parseBrokerUrl } from '../domain/broker-url.ts';
import { topicPrefix } from '../domain/hosted-topic.ts';
import { randomToken, tokenHash } from '../service/random.ts';
import { SealBroken } from '../service/seal.ts';
import { makeCredential } from './credentials.ts';
import type { Env, Platform } from './platform.ts';
import { found, inOrganization } from './tenant.ts';
import { webhookUrl } from './webhook-url.ts';

/** What is kept sealed of an integration. */
export interface IntegrationSecrets {
  password?: string;
  client_key?: string;
  signing_secret?: string;
}

/** As the API shows it. */
export function shown(integration: StoredIntegration, publicUrl: string): Integration {
  const { configuration, ...rest } = integration;
  const isPostedTo = rest.mode === 'webhook' || rest.mode === 'forward';
  return {
    ...rest,
    webhook_url: isPostedTo ? webhookUrl(publicUrl, rest.id) : null,
    webhook: isPostedTo ? webhookOf(integration) : null,
    broker: configuration.broker ?? null,
    commands: configuration.commands ?? null,
  };
}

export function webhookOf({ configuration }: StoredIntegration): WebhookSettings {
  return webhookSettings.parse(configuration.webhook ?? {});
}

/** Settings that were there before, with their secrets. */
export interface KeptBroker {
  url: string | undefined;
  secrets: IntegrationSecrets;
}

/**
 * What of a broker's settings is kept open, and what sealed. Secrets that are not given are those of before, but only
 * for the same host, and not in the open where it was TLS before: else whoever may change the URL could have them sent
 * anywhere. A user name and password in the URL count where there is none beside it.
 */
export function splitBroker(
  settings: BrokerSettings,
  before: KeptBroker,
): { broker: ShownBroker; secrets: IntegrationSecrets } {
  const { password, client_key, ...open } = settings;
  const parsed = parseBrokerUrl(settings.url);
  const url = 'problem' in parsed ? { url: settings.url } : parsed;
  const { signing_secret } = before.secrets;
  const kept = before.url !== undefined && mayFollow(before.url, url.url) ? before.secrets : {};
  const secrets: IntegrationSecrets = {
    password: password ?? url.password ?? kept.password,
    client_key: client_key ?? kept.client_key,
    // Of what is posted to us: the broker has no part in it.
    signing_secret,
  };
  return {
    broker: {
      ...open,
      url: url.url,
      username: open.username ?? url.username,
      has_password: secrets.password !== undefined,
      has_client_key: secrets.client_key !== undefined,
    },
    secrets,
  };
}

/** What is kept when there is to be no broker any more. */
export function withoutBroker({ secrets }: KeptBroker): { broker: null; secrets: IntegrationSecrets } {
  return { broker: null, secrets: { signing_secret: secrets.signing_secret } };
}

function mayFollow(before: string, now: string): boolean {
  const isSame = new URL(before).host === new URL(now).host;
  return isSame && (brokerEndpoint(now).secure || !brokerEndpoint(before).secure);
}

/** Makes an integration of a customer's own broker. Its secrets leave with the answer, and no other time. */
export async function makeIntegration(
  tx: Transaction,
  { publicUrl, seal, connection }: Platform,
  organizationId: string,
  wanted: CreateIntegration,
) {
  const id = crypto.randomUUID();
  const isPostedTo = wanted.mode === 'webhook' || wanted.mode === 'forward';
  const signingSecret = isPostedTo && wanted.webhook.require_signature ? randomToken() : null;
  const own: IntegrationSecrets = signingSecret ? { signing_secret: signingSecret } : {};
  const split = wanted.broker && splitBroker(wanted.broker, { url: undefined, secrets: own });
  const configuration: IntegrationConfiguration = {
    ...(isPostedTo && { webhook: wanted.webhook }),
    ...(split && { broker: split.broker }),
    ...(wanted.commands && { commands: wanted.commands }),
  };
  await insertIntegration(tx, {
    id,
    organizationId,
    name: wanted.name,
    mode: wanted.mode,
    decoder: wanted.decoder,
    decoderSettings: wanted.decoder_settings,
    expectedTopics: wanted.expected_topics,
    configuration,
    sealedSecrets: await sealed(seal, split?.secrets ?? own, id),
    autoRegister: wanted.auto_register,
    deviceLimit: wanted.device_limit,
  });
  const token = isPostedTo ? randomToken() : null;
  if (token) await insertToken(tx, { organizationId, integrationId: id, hash: await tokenHash(token) });
  const credential =
    wanted.mode === 'bridge'
      ? await makeCredential(tx, connection, {
          organizationId,
          deviceId: null,
          label: wanted.name,
          topicPrefix: topicPrefix(organizationId),
          integrationId: id,
        })
      : undefined;
  const integration = await getIntegration(tx, { organizationId, integrationId: id });
  const bridge = credential ? { username: credential.username, password: credential.password } : null;
  return { ...shown(integration!, publicUrl), token, signing_secret: signingSecret, bridge };
}

export const noBroker: KeptBroker = { url: undefined, secrets: {} };

/**
 * For the platform's own use: no caller's scope reads them. Only for who may change the integration they are looked at.
 * @throws PlatformError `not_found`, `forbidden`
 */
export async function keptBroker(c: Context<Env>, integrationId: string): Promise<KeptBroker> {
  const { pool, seal } = c.get('platform');
  await inOrganization(c, 'admin', async ({ tx, organizationId }) =>
    found(await getIntegration(tx, { organizationId, integrationId }), 'integration'),
  );
  const integration = await findExternalIntegration(pool, integrationId);
  const url = integration?.configuration.broker?.url;
  if (!integration?.sealedSecrets) return { url, secrets: {} };
  const opened = await seal.open(integration.sealedSecrets, integrationId).catch((error) => {
    // Under another SECRET_KEY: what can't be opened can still be given anew.
    if (error instanceof SealBroken) return '{}';
    throw error;
  });
  return { url, secrets: JSON.parse(opened) };
}

/** @returns undefined where there is nothing to seal */
export async function sealed(
  seal: Platform['seal'],
  secrets: IntegrationSecrets,
  integrationId: string,
): Promise<string | undefined> {
  const some = Object.values(secrets).some((secret) => secret !== undefined);
  return some ? seal.close(JSON.stringify(secrets), integrationId) : undefined;
}
