import { createRoute } from '@hono/zod-openapi';
import { usage as usageSchema } from '../../contract/usage.ts';
import { readUsage } from '../../database/usage.ts';
import { routes } from '../platform.ts';
import { answers, organizationPath } from '../route.ts';
import { inOrganization } from '../tenant.ts';

const getUsage = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/usage',
  operationId: 'getUsage',
  summary: 'Its limits, and what it uses of them',
  tags: ['Organizations'],
  request: { params: organizationPath },
  responses: answers(200, usageSchema, 'Each limit with what is used of it'),
});

export const usage = routes();

usage.openapi(getUsage, async (c) => {
  const answer = await inOrganization(c, 'viewer', ({ tx, organizationId }) => readUsage(tx, organizationId));
  return c.json(answer, 200);
});
