import { createRoute } from '@hono/zod-openapi';
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
import { answers, body, idempotencyKey, noContent, organizationPath } from '../route.ts';

const tags = ['Members'];

export const listInvitations = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/invitations',
  operationId: 'listInvitations',
  summary: 'Invitations, newest first (admins)',
  tags,
  request: { params: organizationPath },
  responses: answers(200, invitationList, 'Invitations'),
});

export const createInvitationRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/invitations',
  operationId: 'createInvitation',
  summary: 'Invite by a link that is shown this once and works once (admins)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createInvitation) },
  responses: answers(201, createdInvitation, 'Invited'),
});

export const deleteInvitation = createRoute({
  method: 'delete',
  path: '/api/v1/organizations/{org}/invitations/{invitation}',
  operationId: 'deleteInvitation',
  summary: 'Withdraw it (admins)',
  tags,
  request: { params: organizationPath.extend({ invitation: id }) },
  responses: noContent('Withdrawn'),
});

export const previewInvitation = createRoute({
  method: 'post',
  path: '/api/v1/invitations/preview',
  operationId: 'previewInvitation',
  summary: 'What a link invites to',
  tags,
  security: [],
  request: { body: body(invitationToken) },
  responses: answers(200, invitationPreview, 'The invitation'),
});

export const acceptInvitationRoute = createRoute({
  method: 'post',
  path: '/api/v1/invitations/accept',
  operationId: 'acceptInvitation',
  summary: 'Accept it as the signed-in user, or with a new account, which is signed in',
  tags,
  security: [{ session: [] }, {}],
  request: { body: body(acceptInvitation) },
  responses: answers(200, acceptedInvitation, 'Accepted'),
});
