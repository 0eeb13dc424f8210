import { createRoute } from '@hono/zod-openapi';
import type { z } from 'zod';
import { backtest as runBacktest } from '../../alerts/backtest.ts';
import {
  alertRule,
  alertRuleList,
  backtest,
  backtestResult,
  type CreateAlertRule,
  createAlertRule,
  createMaintenanceWindow,
  maintenanceWindow,
  maintenanceWindowList,
  updateAlertRule,
} from '../../contract/alerts.ts';
import { id } from '../../contract/common.ts';
import * as stored from '../../database/alerts.ts';
import { deviceExists } from '../../database/devices.ts';
import type { Transaction } from '../../database/transaction.ts';
import { type AlertScope, alertLimits } from '../../domain/alert.ts';
import { PlatformError } from '../../service/errors.ts';
import { once } from '../idempotency.ts';
import { routes } from '../platform.ts';
import { invalidFields } from '../problem.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';

const tags = ['Alerts'];
const rulePath = organizationPath.extend({ rule: id });
const windowPath = organizationPath.extend({ window: id });

const listAlertRules = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/alert-rules',
  operationId: 'listAlertRules',
  summary: 'Alert rules, by name',
  tags,
  request: { params: organizationPath },
  responses: answers(200, alertRuleList, 'All of them'),
});

const createAlertRuleRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/alert-rules',
  operationId: 'createAlertRule',
  summary:
    'Make an alert rule (members). With the first about silence comes one about connections to brokers',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createAlertRule) },
  responses: answers(201, alertRule, 'Made'),
});

const backtestRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/alert-rules/backtest',
  operationId: 'backtestAlertRule',
  summary: 'When a rule would have fired for a device, from its readings of up to 31 days',
  tags,
  request: { params: organizationPath, body: body(backtest) },
  responses: answers(200, backtestResult, 'When it would have fired'),
});

const getAlertRule = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/alert-rules/{rule}',
  operationId: 'getAlertRule',
  summary: 'One alert rule',
  tags,
  request: { params: rulePath },
  responses: answers(200, alertRule, 'The rule'),
});

const updateAlertRuleRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/alert-rules/{rule}',
  operationId: 'updateAlertRule',
  summary: 'Change a rule; one that looks for something else closes its alerts and looks anew (members)',
  tags,
  request: { params: rulePath, body: body(updateAlertRule) },
  responses: answers(200, alertRule, 'Updated'),
});

const deleteAlertRule = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/alert-rules/{rule}',
  operationId: 'deleteAlertRule',
  summary: 'Delete a rule; its alerts are resolved, and stay (members)',
  tags,
  request: { params: rulePath },
  responses: noContent('Deleted'),
});

const listMaintenanceWindows = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/maintenance-windows',
  operationId: 'listMaintenanceWindows',
  summary: 'Times in which nothing opens, the latest first',
  tags,
  request: { params: organizationPath },
  responses: answers(200, maintenanceWindowList, 'The latest 500'),
});

const createMaintenanceWindowRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/maintenance-windows',
  operationId: 'createMaintenanceWindow',
  summary: 'Say when nothing is to open, and for which devices (members)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createMaintenanceWindow) },
  responses: answers(201, maintenanceWindow, 'Made'),
});

const deleteMaintenanceWindow = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/maintenance-windows/{window}',
  operationId: 'deleteMaintenanceWindow',
  summary: 'End or call off a time of maintenance (members)',
  tags,
  request: { params: windowPath },
  responses: noContent('Deleted'),
});

export const alertRules = routes();

alertRules.openapi(listAlertRules, async (c) => {
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listAlertRules(tx, organizationId),
  );
  return c.json({ items }, 200);
});

alertRules.openapi(createAlertRuleRoute, async (c) => {
  const rule = c.req.valid('json');
  const created = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    once(c, { tx, secret: false }, async () => {
      await requireDevices(tx, organizationId, rule.scope);
      const ruleId = await stored.insertAlertRule(tx, { ...rule, organizationId });
      const { kind } = rule.condition;
      if ((kind === 'offline' || kind === 'no_data') && !(await stored.hasLinkRule(tx, organizationId)))
        await stored.insertAlertRule(tx, { ...linkRule, organizationId });
      return (await stored.getAlertRule(tx, { organizationId, ruleId }))!;
    }),
  );
  return c.json(created, 201);
});

/** While a broker can't be reached nothing is said of the silence of its devices: this is, once. */
const linkRule: CreateAlertRule = {
  name: 'Connection to broker is down',
  severity: 'critical',
  condition: { kind: 'link_down' },
  for_seconds: 60,
  scope: { kind: 'organization' },
  schedule: null,
  channel_ids: [],
  enabled: true,
};

alertRules.openapi(backtestRoute, async (c) => {
  const { condition, for_seconds: forSeconds, schedule, device_id: deviceId, from, to } = c.req.valid('json');
  if (condition.kind === 'offline' || condition.kind === 'link_down')
    throw new PlatformError(
      'invalid_request',
      'What was connected when is not kept: this can’t be tested on the past.',
      {
        field: 'body.condition',
      },
    );
  const [begin, end] = [Date.parse(from), Math.min(Date.parse(to), Date.now())];
  if (end <= begin || end - begin > alertLimits.backtestDays * 86_400_000)
    throw new PlatformError(
      'invalid_request',
      `Give a time of up to ${alertLimits.backtestDays} days that has begun.`,
      {
        field: 'body.to',
      },
    );
  const outcome = await inOrganization(c, 'viewer', async ({ tx, organizationId }) => {
    if (!(await deviceExists(tx, { organizationId, deviceId }))) throw notFound('device');
    return runBacktest(tx, { condition, forSeconds, schedule, deviceId, from: begin * 1000, to: end * 1000 });
  });
  const iso = (micros: number) => new Date(micros / 1000).toISOString();
  return c.json(
    {
      ...outcome,
      episodes: outcome.episodes.map(({ openedAt, clearedAt, value }) => ({
        opened_at: iso(openedAt),
        cleared_at: clearedAt === undefined ? null : iso(clearedAt),
        value: value ?? null,
      })),
    },
    200,
  );
});

alertRules.openapi(getAlertRule, async (c) => {
  const { rule: ruleId } = c.req.valid('param');
  const rule = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getAlertRule(tx, { organizationId, ruleId }),
  );
  return c.json(found(rule, 'alert rule'), 200);
});

alertRules.openapi(updateAlertRuleRoute, async (c) => {
  const { rule: ruleId } = c.req.valid('param');
  const changes = c.req.valid('json');
  const rule = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    const address = { organizationId, ruleId };
    const before = found(await stored.getAlertRule(tx, address), 'alert rule');
    const { name, severity, condition, for_seconds, scope, schedule, channel_ids, enabled } = before;
    const known = { name, severity, condition, for_seconds, scope, schedule, channel_ids, enabled };
    // Fields that fit by themselves may not fit the others.
    const whole = createAlertRule.safeParse({ ...known, ...changes });
    if (!whole.success) throw invalidFields(whole.error.issues.map(fieldOf));
    await requireDevices(tx, organizationId, changes.scope);
    await stored.updateAlertRule(tx, address, changes);
    return (await stored.getAlertRule(tx, address))!;
  });
  return c.json(rule, 200);
});

function fieldOf({ path, message }: z.core.$ZodIssue): { field: string; message: string } {
  return { field: `body.${path.join('.')}`, message };
}

alertRules.openapi(deleteAlertRule, async (c) => {
  const { rule: ruleId } = c.req.valid('param');
  const deleted = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    stored.deleteAlertRule(tx, { organizationId, ruleId }),
  );
  if (!deleted) throw notFound('alert rule');
  return c.body(null, 204);
});

alertRules.openapi(listMaintenanceWindows, async (c) => {
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listMaintenanceWindows(tx, organizationId),
  );
  return c.json({ items }, 200);
});

alertRules.openapi(createMaintenanceWindowRoute, async (c) => {
  const window = c.req.valid('json');
  const made = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    once(c, { tx, secret: false }, async () => {
      await requireDevices(tx, organizationId, window.scope);
      return stored.insertMaintenanceWindow(tx, { ...window, organizationId });
    }),
  );
  return c.json(made, 201);
});

alertRules.openapi(deleteMaintenanceWindow, async (c) => {
  const { window: windowId } = c.req.valid('param');
  const deleted = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    stored.deleteMaintenanceWindow(tx, { organizationId, windowId }),
  );
  if (!deleted) throw notFound('maintenance window');
  return c.body(null, 204);
});

/** @throws PlatformError `not_found` naming a device that a scope names and that is not there */
async function requireDevices(
  tx: Transaction,
  organizationId: string,
  scope: AlertScope | undefined,
): Promise<void> {
  const [missing] = await stored.missingDevices(tx, organizationId, scope);
  if (missing !== undefined) throw new PlatformError('not_found', `There is no device ${missing}.`);
}
