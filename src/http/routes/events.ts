import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { eventStreamItem } from '../../contract/events.ts';
import { noContent, organizationPath } from '../route.ts';

export const streamEvents = createRoute({
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
