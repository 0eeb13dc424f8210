import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id } from '../../contract/common.ts';
import {
  activityPage,
  activityQuery,
  integration,
  integrationList,
  receiptList,
  updateIntegration,
} from '../../contract/integrations.ts';
import * as stored from '../../database/integrations.ts';
import { readCursor, toPage } from '../cursor.ts';
import { routes } from '../platform.ts';
import { answers, body, organizationPath } from '../route.ts';
import { found, inOrganization } from '../tenant.ts';

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
  summary: 'Change its decoder or how devices are registered (admins)',
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
  return c.json({ items }, 200);
});

integrations.openapi(getIntegration, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const integration = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getIntegration(tx, { organizationId, integrationId }),
  );
  return c.json(found(integration, 'integration'), 200);
});

integrations.openapi(updateIntegrationRoute, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const change = c.req.valid('json');
  const integration = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.updateIntegration(tx, { organizationId, integrationId }, change),
  );
  return c.json(found(integration, 'integration'), 200);
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
