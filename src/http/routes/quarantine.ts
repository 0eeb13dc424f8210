import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id } from '../../contract/common.ts';
import {
  decodingPreview,
  previewDecoding,
  quarantined,
  quarantinePage,
  quarantineQuery,
  replayedQuarantine,
  replayQuarantine,
} from '../../contract/quarantine.ts';
import * as stored from '../../database/quarantine.ts';
import { messagesToReplay } from '../../database/replay.ts';
import { PlatformError } from '../../service/errors.ts';
import { readCursor, toPage, writeCursor } from '../cursor.ts';
import { routes } from '../platform.ts';
import { preview } from '../preview.ts';
import { answers, body, noContent, organizationPath } from '../route.ts';
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

const previewRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/quarantine/preview',
  operationId: 'previewDecoding',
  summary: 'What a decoder would make of a payload; nothing is stored (members)',
  tags,
  request: { params: organizationPath, body: body(previewDecoding) },
  responses: answers(200, decodingPreview, 'Its readings, or why there are none'),
});

const replayRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/quarantine/replay',
  operationId: 'replayQuarantine',
  summary: 'Decode and store messages once more, by their integrations as they are now (members)',
  tags,
  request: { params: organizationPath, body: body(replayQuarantine) },
  responses: answers(200, replayedQuarantine, 'What became of them'),
});

/** Messages that one request replays. */
const MOST_REPLAYED = 500;

const position = z.tuple([z.iso.datetime(), id]);

export const quarantine = routes();

quarantine.openapi(listQuarantine, async (c) => {
  const { cursor, limit, reason } = c.req.valid('query');
  const [receivedAt, lastId] = readCursor(cursor, position) ?? [];
  const after = receivedAt && lastId ? { receivedAt, id: lastId } : undefined;
  const { items, total } = await inOrganization(c, 'viewer', async ({ tx, organizationId }) => ({
    items: await stored.listQuarantine(tx, { organizationId, reason, after, limit: limit + 1 }),
    total: await stored.countQuarantine(tx, { organizationId, reason }),
  }));
  const page = toPage(items, limit, (last) => [last.received_at, last.id]);
  return c.json({ ...page, total }, 200);
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

quarantine.openapi(previewRoute, async (c) => {
  const wanted = c.req.valid('json');
  // Who may look is asked first; the decoding itself holds no transaction.
  const organizationId = await inOrganization(c, 'member', async (tenant) => tenant.organizationId);
  return c.json(await preview(wanted, { organizationId, platform: c.get('platform') }), 200);
});

quarantine.openapi(replayRoute, async (c) => {
  const { ids, reason, cursor } = c.req.valid('json');
  const [receivedAt, id] = readCursor(cursor, position) ?? [];
  const after = receivedAt && id ? { receivedAt, id } : undefined;
  const { organizationId, messages, remaining } = await inOrganization(c, 'member', async (tenant) => {
    const limit = MOST_REPLAYED;
    const found = await messagesToReplay(tenant.tx, { ...tenant, ids, reason, after, limit });
    return { ...found, organizationId: tenant.organizationId };
  });
  const last = messages.at(-1);
  if (!last) return c.json({ stored: 0, duplicate: 0, quarantined: 0, remaining: 0, next_cursor: null }, 200);
  const { replay } = c.get('platform');
  if (!replay) {
    throw new PlatformError('unavailable', 'Nothing is stored from here: replay on the platform itself.');
  }
  const replayed = await replay({ organizationId, messages });
  const next = remaining > 0 ? writeCursor([last.receivedAt, last.id]) : null;
  return c.json({ ...replayed, remaining, next_cursor: next }, 200);
});
