import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id } from '../../contract/common.ts';
import { liveConnectionPage, liveConnectionQuery } from '../../contract/connections.ts';
import { askToDisconnect, listConnections } from '../../database/connections.ts';
import { readCursor, toPage } from '../cursor.ts';
import { routes } from '../platform.ts';
import { answers, noContent, organizationPath } from '../route.ts';
import { inOrganization, notFound } from '../tenant.ts';

const tags = ['Connections'];

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/connections',
  operationId: 'listConnections',
  summary: 'Clients that are connected to the hosted broker now, the latest first',
  tags,
  request: { params: organizationPath, query: liveConnectionQuery },
  responses: answers(200, liveConnectionPage, 'A page of connections'),
});

const disconnectRoute = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/connections/{connection}',
  operationId: 'disconnect',
  summary: 'Disconnect the client, within a second; it may connect again (admins)',
  tags,
  request: { params: organizationPath.extend({ connection: id }) },
  responses: noContent('The gateway that holds it has been told'),
});

const position = z.tuple([z.iso.datetime(), id]);

export const connections = routes();

connections.openapi(listRoute, async (c) => {
  const { cursor, limit, search, credential_id: credentialId } = c.req.valid('query');
  const [connectedAt, lastId] = readCursor(cursor, position) ?? [];
  const after = connectedAt && lastId ? { connectedAt, id: lastId } : undefined;
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    listConnections(tx, { organizationId, credentialId, search, after, limit: limit + 1 }),
  );
  return c.json(
    toPage(items, limit, (last) => [last.connected_at, last.id]),
    200,
  );
});

connections.openapi(disconnectRoute, async (c) => {
  const { connection: connectionId } = c.req.valid('param');
  const asked = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    askToDisconnect(tx, { organizationId, connectionId }),
  );
  if (!asked) throw notFound('connection');
  return c.body(null, 204);
});
