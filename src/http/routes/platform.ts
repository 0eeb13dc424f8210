import { createRoute } from '@hono/zod-openapi';
import { me, platformInfo, setupRequest } from '../../contract/platform.ts';
import { answers, body } from '../route.ts';

const tags = ['Platform'];

export const platformRoute = createRoute({
  method: 'get',
  path: '/api/v1/platform',
  operationId: 'getPlatform',
  summary: 'What anyone may know before signing in',
  tags,
  security: [],
  responses: answers(200, platformInfo, 'The platform'),
});

export const setupRoute = createRoute({
  method: 'post',
  path: '/api/v1/setup',
  operationId: 'setUp',
  summary: 'Create the first owner and organization, once; signs in',
  tags,
  security: [],
  request: { body: body(setupRequest) },
  responses: answers(201, me, 'Set up and signed in'),
});

export const meRoute = createRoute({
  method: 'get',
  path: '/api/v1/me',
  operationId: 'getMe',
  summary: 'Who is calling, and their organizations',
  tags,
  responses: answers(200, me, 'The caller'),
});
