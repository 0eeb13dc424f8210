import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { eventStreamItem } from '../../contract/events.ts';
import { roleIn } from '../../database/organizations.ts';
import { withScope } from '../../database/scope.ts';
import { whoIs } from '../middleware/authenticate.ts';
import { type Authenticated, type Platform, routes } from '../platform.ts';
import { noContent, organizationPath } from '../route.ts';
import { inOrganization } from '../tenant.ts';

const streamEvents = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/events',
  operationId: 'streamEvents',
  summary: 'Server-Sent Events, resumable without a gap',
  tags: ['Events'],
  request: {
    params: organizationPath,
    headers: z.object({
      'last-event-id': z.string().optional().describe('The id of the last event received'),
    }),
  },
  responses: {
    200: {
      description: 'A stream of events; the schema is of one, `data` being JSON text',
      content: { 'text/event-stream': { schema: eventStreamItem } },
    },
    default: noContent('').default,
  },
});

export const events = routes();

events.openapi(streamEvents, async (c) => {
  const platform = c.get('platform');
  const { caller } = c.get('authenticated');
  const { org: organizationId } = c.req.valid('param');
  const headers = c.req.raw.headers;
  await inOrganization(c, 'viewer', async () => {});
  return platform.events.open({
    organizationId,
    caller,
    lastEventId: c.req.valid('header')['last-event-id'],
    stillAllowed: () => mayRead({ platform, headers, caller, organizationId }),
  });
});

/** Whether the request that opened a stream would be let in again. */
async function mayRead(request: {
  platform: Platform;
  headers: Headers;
  caller: Authenticated['caller'];
  organizationId: string;
}): Promise<boolean> {
  const { platform, headers, caller, organizationId } = request;
  const { authenticated } = await whoIs(platform, headers);
  if (!authenticated) return false;
  return withScope(platform.pool, caller, async (tx) => (await roleIn(tx, organizationId)) !== undefined);
}
