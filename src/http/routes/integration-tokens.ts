import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import { createdToken, integrationTokenList, rotateToken } from '../../contract/integrations.ts';
import * as stored from '../../database/integration-tokens.ts';
import { getIntegration } from '../../database/integrations.ts';
import type { Transaction } from '../../database/transaction.ts';
import { PlatformError } from '../../service/errors.ts';
import { randomToken, tokenHash } from '../../service/random.ts';
import { once } from '../idempotency.ts';
import { routes } from '../platform.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';
import { webhookUrl } from '../webhook-url.ts';

const tags = ['Integrations'];
const path = '/api/v1/organizations/{org}/integrations/{integration}/tokens';
const integrationPath = organizationPath.extend({ integration: id });

const listTokens = createRoute({
  method: 'get',
  path,
  operationId: 'listIntegrationTokens',
  summary: 'The tokens that a webhook takes, newest first (admins)',
  tags,
  request: { params: integrationPath },
  responses: answers(200, integrationTokenList, 'Tokens, without what they are'),
});

const rotateTokenRoute = createRoute({
  method: 'post',
  path,
  operationId: 'rotateIntegrationToken',
  summary: 'Make another token, and let those before it expire meanwhile (admins)',
  tags,
  request: { params: integrationPath, headers: idempotencyKey, body: body(rotateToken) },
  responses: answers(201, createdToken, 'The token, shown this once'),
});

const deleteTokenRoute = createRoute({
  method: 'delete',
  path: `${path}/{token}`,
  operationId: 'deleteIntegrationToken',
  summary: 'Refuse a token from now on (admins)',
  tags,
  request: { params: integrationPath.extend({ token: id }) },
  responses: noContent('Deleted'),
});

export const integrationTokens = routes();

integrationTokens.openapi(listTokens, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const items = await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    const address = await postedTo(tx, { organizationId, integrationId });
    return stored.listTokens(tx, address);
  });
  return c.json({ items }, 200);
});

integrationTokens.openapi(rotateTokenRoute, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const { overlap_seconds: overlap } = c.req.valid('json');
  const { publicUrl } = c.get('platform');
  const made = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: true }, async () => {
      const address = await postedTo(tx, { organizationId, integrationId });
      const token = randomToken();
      const expire = await stored.expireTokens(tx, address, overlap);
      const tokenId = await stored.insertToken(tx, { ...address, hash: await tokenHash(token) });
      return {
        id: tokenId,
        token,
        webhook_url: webhookUrl(publicUrl, integrationId),
        old_tokens_expire_at: expire,
      };
    }),
  );
  return c.json(made, 201);
});

integrationTokens.openapi(deleteTokenRoute, async (c) => {
  const { integration: integrationId, token: tokenId } = c.req.valid('param');
  const deleted = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.deleteToken(tx, { organizationId, integrationId, tokenId }),
  );
  if (!deleted) throw notFound('token');
  return c.body(null, 204);
});

type Address = { organizationId: string; integrationId: string };

/** @throws PlatformError `not_found`, or `conflict` for an integration that nobody posts to */
async function postedTo(tx: Transaction, address: Address): Promise<Address> {
  const { mode } = found(await getIntegration(tx, address), 'integration');
  if (mode === 'webhook' || mode === 'forward') return address;
  throw new PlatformError('conflict', 'This integration is not posted to, so it has no tokens.');
}
