import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  connection,
  createOrganization,
  type Organization,
  organization,
  organizationList,
  overview,
  updateOrganization,
} from '../../contract/platform.ts';
import { databaseHealth } from '../../database/health.ts';
import * as stored from '../../database/organizations.ts';
import { readOverview } from '../../database/overview.ts';
import { withScope } from '../../database/scope.ts';
import { devicesPrefix } from '../../domain/hosted-topic.ts';
import { once } from '../idempotency.ts';
import { type Env, routes } from '../platform.ts';
import { checkRetention } from '../retention.ts';
import { answers, body, idempotencyKey, organizationPath } from '../route.ts';
import { found, inOrganization } from '../tenant.ts';

const tags = ['Organizations'];

const listOrganizations = createRoute({
  method: 'get',
  path: '/api/v1/organizations',
  operationId: 'listOrganizations',
  summary: 'The caller’s organizations',
  tags,
  responses: answers(200, organizationList, 'Organizations by name'),
});

const createOrganizationRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations',
  operationId: 'createOrganization',
  summary: 'Create an organization and own it',
  tags,
  request: { headers: idempotencyKey, body: body(createOrganization) },
  responses: answers(201, organization, 'Created'),
});

const getOrganization = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}',
  operationId: 'getOrganization',
  summary: 'One organization',
  tags,
  request: { params: organizationPath },
  responses: answers(200, organization, 'The organization'),
});

const updateOrganizationRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}',
  operationId: 'updateOrganization',
  summary: 'Rename it, or keep readings for another time (admins)',
  tags,
  request: { params: organizationPath, body: body(updateOrganization) },
  responses: answers(200, organization, 'Updated'),
});

const getOverview = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/overview',
  operationId: 'getOverview',
  summary: 'Devices by presence, traffic, quarantine, health',
  tags,
  request: { params: organizationPath },
  responses: answers(200, overview, 'The overview'),
});

const getConnection = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/connection',
  operationId: 'getConnection',
  summary: 'Where its devices connect',
  tags,
  request: { params: organizationPath },
  responses: answers(200, connection, 'Addresses and topic prefix'),
});

export const organizations = routes();

function withPlatform(c: Context<Env>, organization: stored.Organization): Organization {
  return { ...organization, platform_retention_days: c.get('platform').retentionDays };
}

organizations.openapi(listOrganizations, async (c) => {
  const { pool } = c.get('platform');
  const items = await withScope(pool, c.get('authenticated').caller, stored.listOrganizations);
  return c.json({ items: items.map((item) => withPlatform(c, item)) }, 200);
});

organizations.openapi(createOrganizationRoute, async (c) => {
  const { name } = c.req.valid('json');
  const created = await withScope(c.get('platform').pool, c.get('authenticated').caller, (tx) =>
    once(c, { tx, secret: false }, () => stored.createOrganization(tx, name)),
  );
  return c.json(withPlatform(c, created), 201);
});

organizations.openapi(getOrganization, async (c) => {
  const organization = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getOrganization(tx, organizationId),
  );
  return c.json(withPlatform(c, found(organization, 'organization')), 200);
});

organizations.openapi(updateOrganizationRoute, async (c) => {
  const changes = c.req.valid('json');
  checkRetention(c, changes.retention_days);
  const organization = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.updateOrganization(tx, organizationId, changes),
  );
  return c.json(withPlatform(c, found(organization, 'organization')), 200);
});

organizations.openapi(getOverview, async (c) => {
  const { pool, brokerStatus } = c.get('platform');
  const overview = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    readOverview(tx, organizationId),
  );
  return c.json({ ...overview, broker: brokerStatus(), database: await databaseHealth(pool) }, 200);
});

organizations.openapi(getConnection, async (c) => {
  const topicPrefix = await inOrganization(c, 'viewer', async ({ organizationId }) =>
    devicesPrefix(organizationId),
  );
  return c.json({ ...c.get('platform').connection, topic_prefix: topicPrefix }, 200);
});
