import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import {
  alertAction,
  alertActionResult,
  alertCounts,
  alertPage,
  alertQuery,
  alertWithEvents,
} from '../../contract/alerts.ts';
import { id } from '../../contract/common.ts';
import * as stored from '../../database/alerts.ts';
import { readCursor, toPage } from '../cursor.ts';
import { routes } from '../platform.ts';
import { answers, body, organizationPath } from '../route.ts';
import { found, inOrganization } from '../tenant.ts';

const tags = ['Alerts'];

const listAlerts = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/alerts',
  operationId: 'listAlerts',
  summary: 'Alerts, the newest first',
  tags,
  request: { params: organizationPath, query: alertQuery },
  responses: answers(200, alertPage, 'A page of alerts'),
});

const countAlerts = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/alerts/counts',
  operationId: 'countAlerts',
  summary: 'How many alerts need somebody',
  tags,
  request: { params: organizationPath },
  responses: answers(200, alertCounts, 'By severity'),
});

const actOnAlerts = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/alerts/actions',
  operationId: 'actOnAlerts',
  summary: 'Acknowledge, snooze or resolve up to 1,000 alerts, or note something (members)',
  tags,
  request: { params: organizationPath, body: body(alertAction) },
  responses: answers(200, alertActionResult, 'How many it changed'),
});

const getAlert = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/alerts/{alert}',
  operationId: 'getAlert',
  summary: 'One alert, with what happened to it',
  tags,
  request: { params: organizationPath.extend({ alert: id }) },
  responses: answers(200, alertWithEvents, 'The alert'),
});

const position = z.tuple([z.iso.datetime(), id]);

export const alerts = routes();

alerts.openapi(listAlerts, async (c) => {
  const { cursor, limit, state, severity, device_id, rule_id, from, to } = c.req.valid('query');
  const [openedAt, lastId] = readCursor(cursor, position) ?? [];
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listAlerts(tx, {
      organizationId,
      states: state,
      severities: severity,
      deviceId: device_id,
      ruleId: rule_id,
      from,
      to,
      after: openedAt && lastId ? { openedAt, id: lastId } : undefined,
      limit: limit + 1,
    }),
  );
  return c.json(
    toPage(items, limit, (last) => [last.opened_at, last.id]),
    200,
  );
});

alerts.openapi(countAlerts, async (c) => {
  const counts = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.countAlerts(tx, organizationId),
  );
  return c.json(counts, 200);
});

alerts.openapi(actOnAlerts, async (c) => {
  const { alert_ids: alertIds, ...asked } = c.req.valid('json');
  const changed = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    stored.actOnAlerts(tx, { ...asked, organizationId, alertIds }),
  );
  return c.json({ changed }, 200);
});

alerts.openapi(getAlert, async (c) => {
  const { alert: alertId } = c.req.valid('param');
  const alert = await inOrganization(c, 'viewer', async ({ tx, organizationId }) => {
    const address = { organizationId, alertId };
    const one = found(await stored.getAlert(tx, address), 'alert');
    return { ...one, events: await stored.listAlertEvents(tx, address) };
  });
  return c.json(alert, 200);
});
