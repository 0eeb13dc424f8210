import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import {
  createDevice,
  device,
  deviceMessages,
  devicePage,
  deviceQuery,
  updateDevice,
} from '../../contract/devices.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';

const tags = ['Devices'];
export const devicePath = organizationPath.extend({ device: id });

export const listDevices = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices',
  operationId: 'listDevices',
  summary: 'Devices, by external_device_id',
  tags,
  request: { params: organizationPath, query: deviceQuery },
  responses: answers(200, devicePage, 'A page of devices'),
});

export const createDeviceRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/devices',
  operationId: 'createDevice',
  summary: 'Register a device before its first message (members)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createDevice) },
  responses: answers(201, device, 'Registered'),
});

export const getDevice = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/{device}',
  operationId: 'getDevice',
  summary: 'One device with its latest values',
  tags,
  request: { params: devicePath },
  responses: answers(200, device, 'The device'),
});

export const updateDeviceRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/devices/{device}',
  operationId: 'updateDevice',
  summary: 'Rename a device (members)',
  tags,
  request: { params: devicePath, body: body(updateDevice) },
  responses: answers(200, device, 'Updated'),
});

export const deleteDevice = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/devices/{device}',
  operationId: 'deleteDevice',
  summary: 'Delete a device with its history and own credentials (members)',
  tags,
  request: { params: devicePath },
  responses: noContent('Deleted'),
});

export const listMessages = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/{device}/messages',
  operationId: 'listDeviceMessages',
  summary: 'Its last twenty messages as received, each with its receipt',
  tags,
  request: { params: devicePath },
  responses: answers(200, deviceMessages, 'Messages, newest first'),
});
