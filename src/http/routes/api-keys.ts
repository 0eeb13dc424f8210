import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import { apiKeyList, createApiKey, createdApiKey } from '../../contract/members.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';

const tags = ['API keys'];

export const listApiKeys = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/api-keys',
  operationId: 'listApiKeys',
  summary: 'API keys, newest first (admins)',
  tags,
  request: { params: organizationPath },
  responses: answers(200, apiKeyList, 'Keys'),
});

export const createApiKeyRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/api-keys',
  operationId: 'createApiKey',
  summary: 'Make a key; it is shown this once (admins)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createApiKey) },
  responses: answers(201, createdApiKey, 'Made'),
});

export const revokeApiKey = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/api-keys/{key}',
  operationId: 'revokeApiKey',
  summary: 'Revoke a key (admins)',
  tags,
  request: { params: organizationPath.extend({ key: id }) },
  responses: noContent('Revoked'),
});
