import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import {
  createDeviceType,
  deviceType,
  deviceTypeList,
  updateDeviceType,
} from '../../contract/device-types.ts';
import * as stored from '../../database/device-types.ts';
import { once } from '../idempotency.ts';
import { routes } from '../platform.ts';
import { checkRetention } from '../retention.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';

const tags = ['Device types'];
const typePath = organizationPath.extend({ type: id });

const listDeviceTypes = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/device-types',
  operationId: 'listDeviceTypes',
  summary: 'Device types with the commands and metrics that they declare, by name',
  tags,
  request: { params: organizationPath },
  responses: answers(200, deviceTypeList, 'All of them'),
});

const createDeviceTypeRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/device-types',
  operationId: 'createDeviceType',
  summary: 'Make a device type (members)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createDeviceType) },
  responses: answers(201, deviceType, 'Made'),
});

const getDeviceType = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/device-types/{type}',
  operationId: 'getDeviceType',
  summary: 'One device type',
  tags,
  request: { params: typePath },
  responses: answers(200, deviceType, 'The device type'),
});

const updateDeviceTypeRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/device-types/{type}',
  operationId: 'updateDeviceType',
  summary: 'Rename it, declare other commands or metrics, or keep readings for another time (members)',
  tags,
  request: { params: typePath, body: body(updateDeviceType) },
  responses: answers(200, deviceType, 'Updated'),
});

const deleteDeviceType = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/device-types/{type}',
  operationId: 'deleteDeviceType',
  summary: 'Delete it; its devices stay, and are of no type (members)',
  tags,
  request: { params: typePath },
  responses: noContent('Deleted'),
});

export const deviceTypes = routes();

deviceTypes.openapi(listDeviceTypes, async (c) => {
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listDeviceTypes(tx, organizationId),
  );
  return c.json({ items }, 200);
});

deviceTypes.openapi(createDeviceTypeRoute, async (c) => {
  const declared = c.req.valid('json');
  checkRetention(c, declared.retention_days);
  const created = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    once(c, { tx, secret: false }, async () => {
      const deviceTypeId = await stored.insertDeviceType(tx, { ...declared, organizationId });
      return (await stored.getDeviceType(tx, { organizationId, deviceTypeId }))!;
    }),
  );
  return c.json(created, 201);
});

deviceTypes.openapi(getDeviceType, async (c) => {
  const { type: deviceTypeId } = c.req.valid('param');
  const type = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getDeviceType(tx, { organizationId, deviceTypeId }),
  );
  return c.json(found(type, 'device type'), 200);
});

deviceTypes.openapi(updateDeviceTypeRoute, async (c) => {
  const { type: deviceTypeId } = c.req.valid('param');
  const changes = c.req.valid('json');
  checkRetention(c, changes.retention_days);
  const type = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    await stored.updateDeviceType(tx, { organizationId, deviceTypeId }, changes);
    return stored.getDeviceType(tx, { organizationId, deviceTypeId });
  });
  return c.json(found(type, 'device type'), 200);
});

deviceTypes.openapi(deleteDeviceType, async (c) => {
  const { type: deviceTypeId } = c.req.valid('param');
  const deleted = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    stored.deleteDeviceType(tx, { organizationId, deviceTypeId }),
  );
  if (!deleted) throw notFound('device type');
  return c.body(null, 204);
});
