import { createRoute } from '@hono/zod-openapi';
import type { z } from 'zod';
import { id } from '../../contract/common.ts';
import {
  acceptedInvitation,
  acceptInvitation,
  createdInvitation,
  createInvitation,
  invitationList,
  invitationPreview,
  invitationToken,
} from '../../contract/members.ts';
import { insertAccount } from '../../database/accounts.ts';
import * as stored from '../../database/invitations.ts';
import { asPlatform } from '../../database/scope.ts';
import type { Transaction } from '../../database/transaction.ts';
import { PlatformError } from '../../service/errors.ts';
import { randomToken, tokenHash } from '../../service/random.ts';
import { hashAccountPassword, type User } from '../accounts.ts';
import { setCookies } from '../cookies.ts';
import { once } from '../idempotency.ts';
import { whoIs } from '../middleware/authenticate.ts';
import { type Platform, routes } from '../platform.ts';
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';
import { inOrganization, notFound } from '../tenant.ts';

const tags = ['Members'];
const signedInOrNot: Record<string, string[]>[] = [{ session: [] }, {}];

const listInvitations = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/invitations',
  operationId: 'listInvitations',
  summary: 'Invitations, newest first (admins)',
  tags,
  request: { params: organizationPath },
  responses: answers(200, invitationList, 'Invitations'),
});

const createInvitationRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/invitations',
  operationId: 'createInvitation',
  summary: 'Invite by a link that is shown this once and works once (admins)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createInvitation) },
  responses: answers(201, createdInvitation, 'Invited'),
});

const deleteInvitation = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/invitations/{invitation}',
  operationId: 'deleteInvitation',
  summary: 'Withdraw it (admins)',
  tags,
  request: { params: organizationPath.extend({ invitation: id }) },
  responses: noContent('Withdrawn'),
});

const previewInvitation = createRoute({
  method: 'post',
  path: '/api/v1/invitations/preview',
  operationId: 'previewInvitation',
  summary: 'What a link invites to',
  tags,
  security: [],
  request: { body: body(invitationToken) },
  responses: answers(200, invitationPreview, 'The invitation'),
});

const acceptInvitationRoute = createRoute({
  method: 'post',
  path: '/api/v1/invitations/accept',
  operationId: 'acceptInvitation',
  summary: 'Accept it as the signed-in user, or with a new account, which is signed in',
  tags,
  security: signedInOrNot,
  request: { body: body(acceptInvitation) },
  responses: answers(200, acceptedInvitation, 'Accepted'),
});

export const invitations = routes();

invitations.openapi(listInvitations, async (c) => {
  const items = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.listInvitations(tx, organizationId),
  );
  return c.json({ items }, 200);
});

invitations.openapi(createInvitationRoute, async (c) => {
  const { email, role, expires_in_days: days } = c.req.valid('json');
  const invitedBy = c.get('authenticated').user?.id ?? null;
  const created = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: true }, async () => {
      const token = randomToken();
      const invitation = await stored.insertInvitation(tx, {
        organizationId,
        email: email?.toLowerCase() ?? null,
        role,
        tokenHash: await tokenHash(token),
        invitedBy,
        days,
      });
      // Behind the #, a browser keeps it to itself: no server's log and no Referer holds it.
      return { ...invitation, url: `${c.get('platform').publicUrl}/invite#${token}` };
    }),
  );
  return c.json(created, 201);
});

invitations.openapi(deleteInvitation, async (c) => {
  const { invitation: invitationId } = c.req.valid('param');
  const deleted = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    stored.deleteInvitation(tx, { organizationId, invitationId }),
  );
  if (!deleted) throw notFound('invitation');
  return c.body(null, 204);
});

invitations.openapi(previewInvitation, async (c) => {
  const { pool, rateLimits, clientAddress } = c.get('platform');
  await rateLimits.token(clientAddress(c));
  const hash = await tokenHash(c.req.valid('json').token);
  const { organization_name, role, email, expires_at } = await asPlatform(pool, (tx) =>
    stored.openInvitation(tx, hash),
  );
  return c.json({ organization_name, role, email, expires_at }, 200);
});

invitations.openapi(acceptInvitationRoute, async (c) => {
  const { pool, rateLimits, clientAddress } = c.get('platform');
  const { token, account } = c.req.valid('json');
  await rateLimits.token(clientAddress(c));
  const invitee = account
    ? await newcomer(account)
    : await signedInUser(c.get('platform'), c.req.raw.headers);
  const hash = await tokenHash(token);
  const organizationId = await asPlatform(pool, async (tx) => {
    const invitation = await stored.openInvitation(tx, hash);
    if (invitation.email !== null && invitation.email !== invitee.email) {
      throw new PlatformError('forbidden', 'This invitation is for another e-mail address.', {
        field: account && 'body.account.email',
      });
    }
    await stored.acceptInvitation(tx, invitation, await invitee.userId(tx));
    return invitation.organization_id;
  });
  if (account) setCookies(c, (await c.get('platform').accounts.signIn(account)).cookies);
  return c.json({ organization_id: organizationId }, 200);
});

type NewAccount = NonNullable<z.infer<typeof acceptInvitation>['account']>;

/** Who accepts. Their account is made, where it is new, with the membership or not at all. */
interface Invitee {
  email: string;
  userId(tx: Transaction): Promise<string>;
}

/** The slow hash comes after the invitation was found good: guesses at tokens must not cost that much. */
function newcomer({ name, email, password }: NewAccount): Invitee {
  return {
    email: email.toLowerCase(),
    userId: async (tx) =>
      insertAccount(tx, { name, email, passwordHash: await hashAccountPassword(password) }),
  };
}

async function signedInUser(platform: Platform, headers: Headers): Promise<Invitee> {
  const { authenticated } = await whoIs(platform, headers);
  const user: User | undefined = authenticated?.user;
  if (!user) throw new PlatformError('unauthenticated', 'Sign in, or make an account with the invitation.');
  return { email: user.email, userId: async () => user.id };
}
