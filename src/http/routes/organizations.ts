import { createRoute } from '@hono/zod-openapi';
import {
  connection,
  createOrganization,
  organization,
  organizationList,
  overview,
  updateOrganization,
} from '../../contract/platform.ts';
import { answers, body, idempotencyKey, organizationPath } from '../route.ts';

const tags = ['Organizations'];

export const listOrganizations = createRoute({
  method: 'get',
  path: '/api/v1/organizations',
  operationId: 'listOrganizations',
  summary: 'The caller’s organizations',
  tags,
  responses: answers(200, organizationList, 'Organizations by name'),
});

export const createOrganizationRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations',
  operationId: 'createOrganization',
  summary: 'Create an organization and own it',
  tags,
  request: { headers: idempotencyKey, body: body(createOrganization) },
  responses: answers(201, organization, 'Created'),
});

export const getOrganization = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}',
  operationId: 'getOrganization',
  summary: 'One organization',
  tags,
  request: { params: organizationPath },
  responses: answers(200, organization, 'The organization'),
});

export const updateOrganizationRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}',
  operationId: 'updateOrganization',
  summary: 'Rename it (admins)',
  tags,
  request: { params: organizationPath, body: body(updateOrganization) },
  responses: answers(200, organization, 'Updated'),
});

export const getOverview = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/overview',
  operationId: 'getOverview',
  summary: 'Devices by presence, traffic, quarantine, health',
  tags,
  request: { params: organizationPath },
  responses: answers(200, overview, 'The overview'),
});

export const getConnection = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/connection',
  operationId: 'getConnection',
  summary: 'Where its devices connect',
  tags,
  request: { params: organizationPath },
  responses: answers(200, connection, 'Addresses and topic prefix'),
});
