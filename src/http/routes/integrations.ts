import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id } from '../../contract/common.ts';
import {
  activityPage,
  activityQuery,
  createdIntegration,
  createIntegration,
  type Integration,
  integration,
  integrationList,
  receiptList,
  type UpdateIntegration,
  updateIntegration,
  type WebhookSettings,
  webhookSettings,
} from '../../contract/integrations.ts';
import { insertToken } from '../../database/integration-tokens.ts';
import * as stored from '../../database/integrations.ts';
import { PlatformError } from '../../service/errors.ts';
import { randomToken, tokenHash } from '../../service/random.ts';
import { readCursor, toPage } from '../cursor.ts';
import { once } from '../idempotency.ts';
import { type Platform, routes } from '../platform.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';
import { webhookUrl } from '../webhook-url.ts';

const tags = ['Integrations'];
const integrationPath = organizationPath.extend({ integration: id });

const listIntegrations = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations',
  operationId: 'listIntegrations',
  summary: 'How messages reach the organization',
  tags,
  request: { params: organizationPath },
  responses: answers(200, integrationList, 'Integrations by age'),
});

const createIntegrationRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/integrations',
  operationId: 'createIntegration',
  summary: 'Connect a broker of your own (admins)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createIntegration) },
  responses: answers(201, createdIntegration, 'Created; its secrets are shown this once'),
});

const deleteIntegrationRoute = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/integrations/{integration}',
  operationId: 'deleteIntegration',
  summary: 'Delete it with its quarantine; devices and their readings stay (admins)',
  tags,
  request: { params: integrationPath },
  responses: noContent('Deleted'),
});

const getIntegration = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations/{integration}',
  operationId: 'getIntegration',
  summary: 'One integration',
  tags,
  request: { params: integrationPath },
  responses: answers(200, integration, 'The integration'),
});

const updateIntegrationRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/integrations/{integration}',
  operationId: 'updateIntegration',
  summary: 'Change or stop it; what is left out stays (admins)',
  tags,
  request: { params: integrationPath, body: body(updateIntegration) },
  responses: answers(200, integration, 'Updated'),
});

const listActivity = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations/{integration}/activity',
  operationId: 'listActivity',
  summary: 'Connects, disconnects and refusals with their reason, newest first',
  tags,
  request: { params: integrationPath, query: activityQuery },
  responses: answers(200, activityPage, 'A page of activity'),
});

const listReceipts = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations/{integration}/receipts',
  operationId: 'listReceipts',
  summary: 'The last hundred duplicates and rejections, newest first',
  tags,
  request: { params: integrationPath },
  responses: answers(200, receiptList, 'Receipts'),
});

export const integrations = routes();

integrations.openapi(listIntegrations, async (c) => {
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listIntegrations(tx, organizationId),
  );
  const { publicUrl } = c.get('platform');
  return c.json({ items: items.map((item) => shown(item, publicUrl)) }, 200);
});

integrations.openapi(createIntegrationRoute, async (c) => {
  const wanted = c.req.valid('json');
  const { publicUrl, seal } = c.get('platform');
  const created = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: true }, async () => {
      const id = crypto.randomUUID();
      const token = randomToken();
      const signingSecret = wanted.webhook.require_signature ? randomToken() : null;
      await stored.insertIntegration(tx, {
        id,
        organizationId,
        name: wanted.name,
        mode: wanted.mode,
        decoder: wanted.decoder,
        decoderSettings: wanted.decoder_settings,
        expectedTopics: wanted.expected_topics,
        configuration: { webhook: wanted.webhook },
        sealedSecrets: signingSecret
          ? await seal.close(JSON.stringify({ signing_secret: signingSecret }), id)
          : undefined,
        autoRegister: wanted.auto_register,
        deviceLimit: wanted.device_limit,
      });
      await insertToken(tx, { organizationId, integrationId: id, hash: await tokenHash(token) });
      const integration = await stored.getIntegration(tx, { organizationId, integrationId: id });
      return { ...shown(integration!, publicUrl), token, signing_secret: signingSecret };
    }),
  );
  return c.json(created, 201);
});

integrations.openapi(getIntegration, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const integration = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getIntegration(tx, { organizationId, integrationId }),
  );
  return c.json(shown(found(integration, 'integration'), c.get('platform').publicUrl), 200);
});

integrations.openapi(updateIntegrationRoute, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const { publicUrl } = c.get('platform');
  const change = c.req.valid('json');
  const integration = await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    const address = { organizationId, integrationId };
    const before = found(await stored.getIntegration(tx, address), 'integration');
    refuseForHosted(before, change);
    await stored.updateIntegration(tx, address, {
      name: change.name,
      enabled: change.enabled,
      decoder: change.decoder,
      decoderSettings: change.decoder_settings,
      expectedTopics: change.expected_topics,
      configuration: change.webhook && {
        webhook: { ...webhookOf(before), ...change.webhook },
      },
      autoRegister: change.auto_register,
      deviceLimit: change.device_limit,
    });
    return stored.getIntegration(tx, address);
  });
  return c.json(shown(integration!, publicUrl), 200);
});

integrations.openapi(deleteIntegrationRoute, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    const address = { organizationId, integrationId };
    const { integration_type } = found(await stored.getIntegration(tx, address), 'integration');
    if (integration_type === 'mqtt_hosted') {
      throw new PlatformError('conflict', 'The hosted broker is part of the organization.');
    }
    if (!(await stored.deleteIntegration(tx, address))) throw notFound('integration');
  });
  return c.body(null, 204);
});

integrations.openapi(listActivity, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const { cursor, limit, credential_id: credentialId } = c.req.valid('query');
  const before = readCursor(cursor, z.string().regex(/^\d{1,18}$/));
  const items = await inOrganization(c, 'viewer', async ({ tx, organizationId }) => {
    found(await stored.getIntegration(tx, { organizationId, integrationId }), 'integration');
    return stored.listActivity(tx, { organizationId, integrationId, credentialId, before, limit: limit + 1 });
  });
  return c.json(
    toPage(items, limit, (last) => last.id),
    200,
  );
});

integrations.openapi(listReceipts, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const items = await inOrganization(c, 'viewer', async ({ tx, organizationId }) => {
    found(await stored.getIntegration(tx, { organizationId, integrationId }), 'integration');
    return stored.listReceipts(tx, { organizationId, integrationId });
  });
  return c.json({ items }, 200);
});

/** As the API shows it. */
function shown(integration: stored.StoredIntegration, publicUrl: Platform['publicUrl']): Integration {
  const { configuration: _, ...rest } = integration;
  const isPostedTo = rest.mode === 'webhook' || rest.mode === 'forward';
  return {
    ...rest,
    webhook_url: isPostedTo ? webhookUrl(publicUrl, rest.id) : null,
    webhook: isPostedTo ? webhookOf(integration) : null,
  };
}

function webhookOf({ configuration }: stored.StoredIntegration): WebhookSettings {
  return webhookSettings.parse(configuration.webhook ?? {});
}

/** What is the hosted broker's own can't be changed: its topics, and whether it runs. */
function refuseForHosted(before: stored.StoredIntegration, change: UpdateIntegration): void {
  if (before.integration_type !== 'mqtt_hosted') return;
  for (const field of ['enabled', 'expected_topics', 'webhook'] as const) {
    if (change[field] === undefined) continue;
    throw new PlatformError('conflict', 'The hosted broker does not have this.', { field: `body.${field}` });
  }
}
