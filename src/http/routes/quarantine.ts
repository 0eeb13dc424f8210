import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id } from '../../contract/common.ts';
import { quarantined, quarantinePage, quarantineQuery } from '../../contract/quarantine.ts';
import * as stored from '../../database/quarantine.ts';
import { readCursor, toPage } from '../cursor.ts';
import { routes } from '../platform.ts';
import { answers, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';

const tags = ['Quarantine'];
const messagePath = organizationPath.extend({ message: id });

const listQuarantine = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/quarantine',
  operationId: 'listQuarantine',
  summary: 'Messages that could not be stored, newest first',
  tags,
  request: { params: organizationPath, query: quarantineQuery },
  responses: answers(200, quarantinePage, 'A page of messages, each payload cut at 4 KiB'),
});

const getQuarantined = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/quarantine/{message}',
  operationId: 'getQuarantinedMessage',
  summary: 'One message with its whole payload',
  tags,
  request: { params: messagePath },
  responses: answers(200, quarantined, 'The message'),
});

const deleteQuarantined = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/quarantine/{message}',
  operationId: 'deleteQuarantinedMessage',
  summary: 'Discard it (members)',
  tags,
  request: { params: messagePath },
  responses: noContent('Discarded'),
});

const position = z.tuple([z.iso.datetime(), id]);

export const quarantine = routes();

quarantine.openapi(listQuarantine, async (c) => {
  const { cursor, limit, reason } = c.req.valid('query');
  const [receivedAt, lastId] = readCursor(cursor, position) ?? [];
  const after = receivedAt && lastId ? { receivedAt, id: lastId } : undefined;
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listQuarantine(tx, { organizationId, reason, after, limit: limit + 1 }),
  );
  return c.json(
    toPage(items, limit, (last) => [last.received_at, last.id]),
    200,
  );
});

quarantine.openapi(getQuarantined, async (c) => {
  const { message: messageId } = c.req.valid('param');
  const message = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getQuarantined(tx, { organizationId, messageId }),
  );
  return c.json(found(message, 'message'), 200);
});

quarantine.openapi(deleteQuarantined, async (c) => {
  const { message: messageId } = c.req.valid('param');
  const deleted = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    stored.deleteQuarantined(tx, { organizationId, messageId }),
  );
  if (!deleted) throw notFound('message');
  return c.body(null, 204);
});
