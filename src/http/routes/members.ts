import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import { member, memberList, updateMember } from '../../contract/members.ts';
import * as stored from '../../database/members.ts';
import { PlatformError } from '../../service/errors.ts';
import { routes } from '../platform.ts';
import { answers, body, noContent, organizationPath } from '../route.ts';
import { found, inOrganization } from '../tenant.ts';

const tags = ['Members'];
const memberPath = organizationPath.extend({ user: id });

const listMembers = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/members',
  operationId: 'listMembers',
  summary: 'Who belongs to the organization',
  tags,
  request: { params: organizationPath },
  responses: answers(200, memberList, 'Members by name'),
});

const updateMemberRoute = createRoute({
  method: 'patch',
  path: '/api/v1/organizations/{org}/members/{user}',
  operationId: 'updateMember',
  summary: 'Change a role (admins; owners are made and unmade by owners)',
  tags,
  request: { params: memberPath, body: body(updateMember) },
  responses: answers(200, member, 'Updated'),
});

const removeMember = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/members/{user}',
  operationId: 'removeMember',
  summary: 'Remove a member (admins), or leave',
  tags,
  request: { params: memberPath },
  responses: noContent('Removed'),
});

export const members = routes();

members.openapi(listMembers, async (c) => {
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listMembers(tx, organizationId),
  );
  return c.json({ items }, 200);
});

members.openapi(updateMemberRoute, async (c) => {
  const { user: userId } = c.req.valid('param');
  const { role } = c.req.valid('json');
  const member = await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    const address = { organizationId, userId };
    found(await stored.getMember(tx, address), 'member');
    if (!(await stored.changeRole(tx, address, role))) throw ownersOnly();
    return (await stored.getMember(tx, address))!;
  });
  return c.json(member, 200);
});

members.openapi(removeMember, async (c) => {
  const { user: userId } = c.req.valid('param');
  const leaves = c.get('authenticated').user?.id === userId;
  await inOrganization(c, leaves ? 'viewer' : 'admin', async ({ tx, organizationId }) => {
    const address = { organizationId, userId };
    found(await stored.getMember(tx, address), 'member');
    if (!(await stored.removeMember(tx, address))) throw ownersOnly();
  });
  return c.body(null, 204);
});

/** What policies hide from admins. */
function ownersOnly(): PlatformError {
  return new PlatformError('forbidden', 'Owners are made and unmade by owners.');
}
