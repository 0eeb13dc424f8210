import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import {
  channelKind,
  createdNotificationChannel,
  createNotificationChannel,
  notificationChannel,
  notificationChannelList,
  notificationTest,
  rotatedSigningSecret,
  updateNotificationChannel,
} from '../../contract/notifications.ts';
import * as stored from '../../database/notification-channels.ts';
import { getOrganization } from '../../database/organizations.ts';
import { PlatformError } from '../../service/errors.ts';
import { newSigningSecret } from '../../service/webhook-signature.ts';
import { once } from '../idempotency.ts';
import {
  keptChannel,
  openedSecrets,
  refuseUntold,
  sealedSecrets,
  settingsOf,
} from '../notification-channels.ts';
import { routes } from '../platform.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';

const tags = ['Notifications'];
const path = '/api/v1/organizations/{org}/notification-channels';
const channelPath = organizationPath.extend({ channel: id });

const listRoute = createRoute({
  method: 'get',
  path,
  operationId: 'listNotificationChannels',
  summary: 'Who is told of alerts',
  tags,
  request: { params: organizationPath },
  responses: answers(200, notificationChannelList, 'Channels by age'),
});

const createChannelRoute = createRoute({
  method: 'post',
  path,
  operationId: 'createNotificationChannel',
  summary: 'Have somebody told of alerts (admins)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createNotificationChannel) },
  responses: answers(201, createdNotificationChannel, 'Created; its signing secret is shown this once'),
});

const getRoute = createRoute({
  method: 'get',
  path: `${path}/{channel}`,
  operationId: 'getNotificationChannel',
  summary: 'One channel',
  tags,
  request: { params: channelPath },
  responses: answers(200, notificationChannel, 'The channel'),
});

const updateRoute = createRoute({
  method: 'patch',
  path: `${path}/{channel}`,
  operationId: 'updateNotificationChannel',
  summary: 'Change or switch it off; what is left out stays (admins)',
  tags,
  request: { params: channelPath, body: body(updateNotificationChannel) },
  responses: answers(200, notificationChannel, 'Updated'),
});

const deleteRoute = createRoute({
  method: 'delete',
  path: `${path}/{channel}`,
  operationId: 'deleteNotificationChannel',
  summary: 'Delete it with its deliveries; rules that name it go on without (admins)',
  tags,
  request: { params: channelPath },
  responses: noContent('Deleted'),
});

const testRoute = createRoute({
  method: 'post',
  path: `${path}/{channel}/test`,
  operationId: 'testNotificationChannel',
  summary: 'Send a notification at once, and see what the receiver says (admins)',
  tags,
  request: { params: channelPath },
  responses: answers(200, notificationTest, 'What became of it'),
});

const rotateRoute = createRoute({
  method: 'post',
  path: `${path}/{channel}/rotate-secret`,
  operationId: 'rotateSigningSecret',
  summary: 'Sign with a new secret from now on (admins)',
  tags,
  request: { params: channelPath },
  responses: answers(200, rotatedSigningSecret, 'The secret; it is shown this once'),
});

export const notificationChannels = routes();

notificationChannels.openapi(listRoute, async (c) => {
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listChannels(tx, organizationId),
  );
  const { mail } = c.get('platform').notifications;
  const kinds = channelKind.options.filter((kind) => kind !== 'email' || mail !== undefined);
  return c.json({ items, kinds }, 200);
});

notificationChannels.openapi(createChannelRoute, async (c) => {
  const wanted = c.req.valid('json');
  const platform = c.get('platform');
  const { kind } = wanted;
  const created = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: kind === 'webhook' }, async () => {
      const given = kind === 'email' ? { to: wanted.to } : { url: wanted.url };
      refuseUntold(platform, kind, given);
      const channelId = crypto.randomUUID();
      const signingSecret = kind === 'webhook' ? newSigningSecret() : null;
      const secrets = {
        ...(given.url ? { url: given.url } : {}),
        ...(signingSecret ? { signing_secret: signingSecret } : {}),
      };
      const address = { organizationId, channelId };
      await stored.insertChannel(tx, address, {
        kind,
        name: wanted.name,
        settings: settingsOf(kind, given),
        sealedSecrets: await sealedSecrets(platform, secrets, channelId),
        minSeverity: wanted.min_severity,
        schedule: wanted.schedule,
        quietHours: wanted.quiet_hours,
        criticalAlways: wanted.critical_always,
        notifyResolved: wanted.notify_resolved,
        enabled: wanted.enabled,
      });
      return { ...(await stored.getChannel(tx, address))!, signing_secret: signingSecret };
    }),
  );
  return c.json(created, 201);
});

notificationChannels.openapi(getRoute, async (c) => {
  const { channel: channelId } = c.req.valid('param');
  const channel = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getChannel(tx, { organizationId, channelId }),
  );
  return c.json(found(channel, 'channel'), 200);
});

notificationChannels.openapi(updateRoute, async (c) => {
  const { channel: channelId } = c.req.valid('param');
  const change = c.req.valid('json');
  const platform = c.get('platform');
  const { channel, sealed } = await keptChannel(c, channelId);
  const { url, to } = change;
  const leadsElsewhere = url !== undefined || to !== undefined;
  if (leadsElsewhere) refuseUntold(platform, channel.kind, { url, to });
  const secrets = url && { ...(await openedSecrets(platform, { sealed, channelId })), url };
  const updated = await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    const address = { organizationId, channelId };
    await stored.updateChannel(tx, address, {
      name: change.name,
      settings: leadsElsewhere ? settingsOf(channel.kind, { url, to }) : undefined,
      sealedSecrets: secrets ? await sealedSecrets(platform, secrets, channelId) : undefined,
      minSeverity: change.min_severity,
      schedule: change.schedule,
      quietHours: change.quiet_hours,
      criticalAlways: change.critical_always,
      notifyResolved: change.notify_resolved,
      enabled: change.enabled,
    });
    return stored.getChannel(tx, address);
  });
  return c.json(found(updated, 'channel'), 200);
});

notificationChannels.openapi(deleteRoute, async (c) => {
  const { channel: channelId } = c.req.valid('param');
  await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    if (!(await stored.deleteChannel(tx, { organizationId, channelId }))) throw notFound('channel');
  });
  return c.body(null, 204);
});

notificationChannels.openapi(testRoute, async (c) => {
  const { org, channel: channelId } = c.req.valid('param');
  const platform = c.get('platform');
  // The trial itself holds no transaction.
  const { channel, organizationId, sealed } = await keptChannel(c, channelId);
  const organization = await inOrganization(c, 'admin', ({ tx }) => getOrganization(tx, organizationId));
  if (!platform.notifications.test)
    throw new PlatformError(
      'unavailable',
      'No notifications are sent from here: the next alert is the test.',
    );
  await platform.rateLimits.channelTest(org);
  const tested = await platform.notifications.test({
    id: crypto.randomUUID(),
    channelId,
    kind: channel.kind,
    settings: channel.to ? { to: channel.to } : {},
    sealedSecrets: sealed,
    content: {
      at: new Date().toISOString(),
      organization: { id: organizationId, name: organization!.name },
      severity: 'info',
      counts: { opened: 0, still_open: 0, resolved: 0, was_open: 0 },
      rules: [],
      other_rules: 0,
      alerts: [],
      is_test: true,
    },
  });
  return c.json(tested, 200);
});

notificationChannels.openapi(rotateRoute, async (c) => {
  const { channel: channelId } = c.req.valid('param');
  const platform = c.get('platform');
  const { channel, sealed } = await keptChannel(c, channelId);
  if (channel.kind !== 'webhook')
    throw new PlatformError('conflict', 'Only what is sent to a webhook is signed.');
  const secret = newSigningSecret();
  const secrets = { ...(await openedSecrets(platform, { sealed, channelId })), signing_secret: secret };
  const sealedAnew = await sealedSecrets(platform, secrets, channelId);
  await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.updateChannel(tx, { organizationId, channelId }, { sealedSecrets: sealedAnew }),
  );
  return c.json({ signing_secret: secret }, 200);
});
