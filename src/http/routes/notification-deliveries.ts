import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { titleOf } from '../../alerts/notify/wording.ts';
import { id } from '../../contract/common.ts';
import {
  deliveryQuery,
  type NotificationDelivery,
  notificationDelivery,
  notificationDeliveryPage,
  retriedDeliveries,
  retryDeliveries,
} from '../../contract/notifications.ts';
import * as stored from '../../database/notification-channels.ts';
import { PlatformError } from '../../service/errors.ts';
import { readCursor, toPage } from '../cursor.ts';
import { routes } from '../platform.ts';
import { answers, body, organizationPath } from '../route.ts';
import { found, inOrganization } from '../tenant.ts';

const tags = ['Notifications'];
const organization = '/api/v1/organizations/{org}';

const ofChannel = createRoute({
  method: 'get',
  path: `${organization}/notification-channels/{channel}/deliveries`,
  operationId: 'listDeliveriesOfChannel',
  summary: 'What one channel was told, and what became of it, newest first',
  tags,
  request: { params: organizationPath.extend({ channel: id }), query: deliveryQuery },
  responses: answers(200, notificationDeliveryPage, 'A page of deliveries'),
});

const ofAll = createRoute({
  method: 'get',
  path: `${organization}/notification-deliveries`,
  operationId: 'listDeliveries',
  summary: 'The same of all channels',
  tags,
  request: { params: organizationPath, query: deliveryQuery },
  responses: answers(200, notificationDeliveryPage, 'A page of deliveries'),
});

const retrySeveral = createRoute({
  method: 'post',
  path: `${organization}/notification-deliveries/retry`,
  operationId: 'retryDeliveries',
  summary: 'Have dead ones sent again (members)',
  tags,
  request: { params: organizationPath, body: body(retryDeliveries) },
  responses: answers(200, retriedDeliveries, 'They are sent shortly'),
});

const retryOne = createRoute({
  method: 'post',
  path: `${organization}/notification-deliveries/{delivery}/retry`,
  operationId: 'retryDelivery',
  summary: 'Have a dead one sent again (members)',
  tags,
  request: { params: organizationPath.extend({ delivery: id }) },
  responses: answers(200, notificationDelivery, 'It is sent shortly'),
});

export const notificationDeliveries = routes();

const position = z.tuple([z.iso.datetime({ offset: true }), id]);

function shown({ content, ...delivery }: stored.StoredDelivery): NotificationDelivery {
  return { ...delivery, title: titleOf(content), alert_ids: content.alerts.map(({ id }) => id) };
}

function shownPage(rows: stored.StoredDelivery[], limit: number) {
  return toPage(rows.map(shown), limit, (last) => [last.created_at, last.id]);
}

notificationDeliveries.openapi(ofChannel, async (c) => {
  const { channel: channelId } = c.req.valid('param');
  const { cursor, limit, state } = c.req.valid('query');
  const before = readCursor(cursor, position);
  const rows = await inOrganization(c, 'viewer', async ({ tx, organizationId }) => {
    found(await stored.getChannel(tx, { organizationId, channelId }), 'channel');
    return stored.listDeliveries(tx, { organizationId, channelId, state, before, limit: limit + 1 });
  });
  return c.json(shownPage(rows, limit), 200);
});

notificationDeliveries.openapi(ofAll, async (c) => {
  const { cursor, limit, state } = c.req.valid('query');
  const before = readCursor(cursor, position);
  const rows = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listDeliveries(tx, { organizationId, state, before, limit: limit + 1 }),
  );
  return c.json(shownPage(rows, limit), 200);
});

notificationDeliveries.openapi(retrySeveral, async (c) => {
  const which = c.req.valid('json');
  const retried = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    if ('channel_id' in which)
      found(await stored.getChannel(tx, { organizationId, channelId: which.channel_id }), 'channel');
    return stored.retryDeliveries(tx, organizationId, which);
  });
  return c.json({ retried }, 200);
});

notificationDeliveries.openapi(retryOne, async (c) => {
  const { delivery: deliveryId } = c.req.valid('param');
  const delivery = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    const address = { organizationId, deliveryId };
    found(await stored.getDelivery(tx, address), 'delivery');
    if ((await stored.retryDeliveries(tx, organizationId, { delivery_ids: [deliveryId] })) === 0)
      throw new PlatformError('conflict', 'It is not dead: there is nothing to send again.');
    return stored.getDelivery(tx, address);
  });
  return c.json(shown(delivery!), 200);
});
