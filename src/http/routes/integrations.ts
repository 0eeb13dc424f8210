import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import {
  activityPage,
  activityQuery,
  integration,
  integrationList,
  receiptList,
  updateIntegration,
} from '../../contract/integrations.ts';
import { answers, body, organizationPath } from '../route.ts';

const tags = ['Integrations'];
const integrationPath = organizationPath.extend({ integration: id });

export const listIntegrations = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations',
  operationId: 'listIntegrations',
  summary: 'How messages reach the organization',
  tags,
  request: { params: organizationPath },
  responses: answers(200, integrationList, 'Integrations by age'),
});

export const getIntegration = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations/{integration}',
  operationId: 'getIntegration',
  summary: 'One integration',
  tags,
  request: { params: integrationPath },
  responses: answers(200, integration, 'The integration'),
});

export const updateIntegrationRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/integrations/{integration}',
  operationId: 'updateIntegration',
  summary: 'Change its decoder or how devices are registered (admins)',
  tags,
  request: { params: integrationPath, body: body(updateIntegration) },
  responses: answers(200, integration, 'Updated'),
});

export const listActivity = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations/{integration}/activity',
  operationId: 'listActivity',
  summary: 'Connects, disconnects and refusals with their reason, newest first',
  tags,
  request: { params: integrationPath, query: activityQuery },
  responses: answers(200, activityPage, 'A page of activity'),
});

export const listReceipts = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations/{integration}/receipts',
  operationId: 'listReceipts',
  summary: 'The last hundred duplicates and rejections, newest first',
  tags,
  request: { params: integrationPath },
  responses: answers(200, receiptList, 'Receipts'),
});
