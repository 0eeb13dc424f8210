import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id } from '../../contract/common.ts';
import {
  activityPage,
  activityQuery,
  createdIntegration,
  createIntegration,
  integration,
  integrationList,
  receiptList,
  type UpdateIntegration,
  updateIntegration,
} from '../../contract/integrations.ts';
import * as stored from '../../database/integrations.ts';
import { PlatformError } from '../../service/errors.ts';
import { readCursor, toPage } from '../cursor.ts';
import { once } from '../idempotency.ts';
import {
  keptBroker,
  makeIntegration,
  sealed,
  shown,
  splitBroker,
  webhookOf,
  withoutBroker,
} from '../integrations.ts';
import { routes } from '../platform.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';

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
  const created = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: true }, () => makeIntegration(tx, c.get('platform'), organizationId, wanted)),
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
  const platform = c.get('platform');
  const change = c.req.valid('json');
  // With a new broker secrets that are not given stay; without one, those that are none of its.
  const kept = change.broker === undefined ? undefined : await keptBroker(c, integrationId);
  const split = kept && (change.broker ? splitBroker(change.broker, kept) : withoutBroker(kept));
  const integration = await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    const address = { organizationId, integrationId };
    const before = found(await stored.getIntegration(tx, address), 'integration');
    refuseUnfitting(before, change);
    await stored.updateIntegration(tx, address, {
      name: change.name,
      enabled: change.enabled,
      decoder: change.decoder,
      decoderSettings: change.decoder_settings,
      expectedTopics: change.expected_topics,
      configuration: {
        ...(change.webhook ? { webhook: { ...webhookOf(before), ...change.webhook } } : {}),
        ...(split ? { broker: split.broker } : {}),
        ...(change.commands === undefined ? {} : { commands: change.commands }),
      },
      autoRegister: change.auto_register,
      deviceLimit: change.device_limit,
    });
    if (split)
      await stored.sealSecrets(tx, address, await sealed(platform.seal, split.secrets, integrationId));
    return stored.getIntegration(tx, address);
  });
  return c.json(shown(integration!, platform.publicUrl), 200);
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

/** What an integration of its kind doesn't have can't be changed. */
function refuseUnfitting(before: stored.StoredIntegration, change: UpdateIntegration): void {
  const isPostedTo = before.mode === 'webhook' || before.mode === 'forward';
  const fits = {
    enabled: before.mode !== null,
    expected_topics: before.mode !== null,
    webhook: isPostedTo,
    // A bridge's commands go over the bridge.
    broker: before.mode === 'subscribe' || isPostedTo,
    commands: before.mode !== null,
  };
  for (const [field, has] of Object.entries(fits)) {
    if (has || change[field as keyof typeof fits] === undefined) continue;
    throw new PlatformError('conflict', `This integration has no ${field}.`, { field: `body.${field}` });
  }
  if (change.broker === null && before.mode === 'subscribe')
    throw new PlatformError('conflict', 'A subscription needs its broker.', { field: 'body.broker' });
}
