import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import { member, memberList, updateMember } from '../../contract/members.ts';
import { answers, body, noContent, organizationPath } from '../route.ts';

const tags = ['Members'];
const memberPath = organizationPath.extend({ user: id });

export const listMembers = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/members',
  operationId: 'listMembers',
  summary: 'Who belongs to the organization',
  tags,
  request: { params: organizationPath },
  responses: answers(200, memberList, 'Members by name'),
});

export const updateMemberRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/members/{user}',
  operationId: 'updateMember',
  summary: 'Change a role (admins; owners are made and unmade by owners)',
  tags,
  request: { params: memberPath, body: body(updateMember) },
  responses: answers(200, member, 'Updated'),
});

export const removeMember = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/members/{user}',
  operationId: 'removeMember',
  summary: 'Remove a member (admins), or leave',
  tags,
  request: { params: memberPath },
  responses: noContent('Removed'),
});
