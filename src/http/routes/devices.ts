import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id } from '../../contract/common.ts';
import {
  createDevice,
  device,
  deviceMessages,
  devicePage,
  deviceQuery,
  updateDevice,
} from '../../contract/devices.ts';
import { getDeviceType } from '../../database/device-types.ts';
import * as stored from '../../database/devices.ts';
import { PlatformError } from '../../service/errors.ts';
import { readCursor, toPage } from '../cursor.ts';
import { once } from '../idempotency.ts';
import { routes } from '../platform.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { found, inOrganization, notFound } from '../tenant.ts';

const tags = ['Devices'];
const devicePath = organizationPath.extend({ device: id });

const listDevices = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices',
  operationId: 'listDevices',
  summary: 'Devices, by external_device_id',
  tags,
  request: { params: organizationPath, query: deviceQuery },
  responses: answers(200, devicePage, 'A page of devices'),
});

const createDeviceRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/devices',
  operationId: 'createDevice',
  summary: 'Register a device before its first message (members)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createDevice) },
  responses: answers(201, device, 'Registered'),
});

const getDevice = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/{device}',
  operationId: 'getDevice',
  summary: 'One device with its latest values',
  tags,
  request: { params: devicePath },
  responses: answers(200, device, 'The device'),
});

const updateDeviceRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/devices/{device}',
  operationId: 'updateDevice',
  summary: 'Rename a device, tag it, or say what type it is of (members)',
  tags,
  request: { params: devicePath, body: body(updateDevice) },
  responses: answers(200, device, 'Updated'),
});

const deleteDevice = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/devices/{device}',
  operationId: 'deleteDevice',
  summary: 'Delete a device with its history and own credentials (members)',
  tags,
  request: { params: devicePath },
  responses: noContent('Deleted'),
});

const listMessages = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/{device}/messages',
  operationId: 'listDeviceMessages',
  summary: 'Its last twenty messages as received, each with its receipt',
  tags,
  request: { params: devicePath },
  responses: answers(200, deviceMessages, 'Messages, newest first'),
});

export const devices = routes();

devices.openapi(listDevices, async (c) => {
  const { cursor, limit, search, presence, ...query } = c.req.valid('query');
  const { external_device_id: externalDeviceId, device_type_id: deviceTypeId, tag } = query;
  const after = readCursor(cursor, z.string().max(128));
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listDevices(tx, {
      organizationId,
      externalDeviceId,
      search,
      presence,
      deviceTypeId,
      tags: tag,
      after,
      limit: limit + 1,
    }),
  );
  return c.json(
    toPage(items, limit, (last) => last.external_device_id),
    200,
  );
});

devices.openapi(createDeviceRoute, async (c) => {
  const { external_device_id: externalDeviceId, name } = c.req.valid('json');
  const created = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    once(c, { tx, secret: false }, async () => {
      const deviceId = await stored.registerDevice(tx, { organizationId, externalDeviceId, name });
      if (!deviceId) {
        throw new PlatformError('conflict', `There is a device ${externalDeviceId} already.`, {
          field: 'body.external_device_id',
        });
      }
      return (await stored.getDevice(tx, { organizationId, deviceId }))!;
    }),
  );
  return c.json(created, 201);
});

devices.openapi(getDevice, async (c) => {
  const { device: deviceId } = c.req.valid('param');
  const device = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getDevice(tx, { organizationId, deviceId }),
  );
  return c.json(found(device, 'device'), 200);
});

devices.openapi(updateDeviceRoute, async (c) => {
  const { device: deviceId } = c.req.valid('param');
  const { name, device_type_id: deviceTypeId, tags } = c.req.valid('json');
  const device = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    if (deviceTypeId && !(await getDeviceType(tx, { organizationId, deviceTypeId }))) {
      throw new PlatformError('invalid_request', 'There is no device type with this id.', {
        field: 'body.device_type_id',
      });
    }
    await stored.updateDevice(tx, { organizationId, deviceId }, { name, deviceTypeId, tags });
    return stored.getDevice(tx, { organizationId, deviceId });
  });
  return c.json(found(device, 'device'), 200);
});

devices.openapi(deleteDevice, async (c) => {
  const { device: deviceId } = c.req.valid('param');
  const deleted = await inOrganization(c, 'member', ({ tx, organizationId }) =>
    stored.deleteDevice(tx, { organizationId, deviceId }),
  );
  if (!deleted) throw notFound('device');
  return c.body(null, 204);
});

devices.openapi(listMessages, async (c) => {
  const { device: deviceId } = c.req.valid('param');
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listDeviceMessages(tx, { organizationId, deviceId }),
  );
  return c.json({ items: found(items, 'device') }, 200);
});
