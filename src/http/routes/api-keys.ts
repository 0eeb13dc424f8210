import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import { apiKeyList, createApiKey, createdApiKey } from '../../contract/members.ts';
import * as stored from '../../database/api-keys.ts';
import { randomToken, tokenHash } from '../../service/random.ts';
import { once } from '../idempotency.ts';
import { routes } from '../platform.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { inOrganization, notFound } from '../tenant.ts';

const tags = ['API keys'];

const listApiKeys = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/api-keys',
  operationId: 'listApiKeys',
  summary: 'API keys, newest first (admins)',
  tags,
  request: { params: organizationPath },
  responses: answers(200, apiKeyList, 'Keys'),
});

const createApiKeyRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/api-keys',
  operationId: 'createApiKey',
  summary: 'Make a key; it is shown this once (admins)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createApiKey) },
  responses: answers(201, createdApiKey, 'Made'),
});

const revokeApiKey = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/api-keys/{key}',
  operationId: 'revokeApiKey',
  summary: 'Revoke a key (admins)',
  tags,
  request: { params: organizationPath.extend({ key: id }) },
  responses: noContent('Revoked'),
});

export const apiKeys = routes();

apiKeys.openapi(listApiKeys, async (c) => {
  const items = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.listApiKeys(tx, organizationId),
  );
  return c.json({ items }, 200);
});

apiKeys.openapi(createApiKeyRoute, async (c) => {
  const { name, role, expires_at: expiresAt } = c.req.valid('json');
  const createdBy = c.get('authenticated').user?.id ?? null;
  const created = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: true }, async () => {
      const key = `nnk_${randomToken()}`;
      const keyHash = await tokenHash(key);
      // Enough to tell keys apart, far too little to guess one.
      const keyPrefix = key.slice(0, 10);
      const row = { organizationId, name, role, keyPrefix, keyHash, createdBy, expiresAt };
      return { ...(await stored.insertApiKey(tx, row)), key };
    }),
  );
  return c.json(created, 201);
});

apiKeys.openapi(revokeApiKey, async (c) => {
  const { key: keyId } = c.req.valid('param');
  const revoked = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.revokeApiKey(tx, { organizationId, keyId }),
  );
  if (!revoked) throw notFound('API key');
  return c.body(null, 204);
});
