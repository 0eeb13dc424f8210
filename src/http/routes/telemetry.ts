import { createRoute } from '@hono/zod-openapi';
import { telemetryPage, telemetryQuery } from '../../contract/devices.ts';
import { answers } from '../route.ts';
import { devicePath } from './devices.ts';

export const getTelemetry = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/{device}/telemetry',
  operationId: 'getTelemetry',
  summary: 'Its readings, raw or rolled up, newest first',
  tags: ['Devices'],
  request: { params: devicePath, query: telemetryQuery },
  responses: answers(200, telemetryPage, 'A page of readings'),
});
