import { createRoute } from '@hono/zod-openapi';
import { changePassword, signedIn, signIn } from '../../contract/accounts.ts';
import { answers, body, noContent } from '../route.ts';

const tags = ['Accounts'];

export const signInRoute = createRoute({
  method: 'post',
  path: '/api/auth/sign-in/email',
  operationId: 'signIn',
  summary: 'Sign in; sets the session’s cookie',
  tags,
  security: [],
  request: { body: body(signIn) },
  responses: answers(200, signedIn, 'Signed in'),
});

export const signOutRoute = createRoute({
  method: 'post',
  path: '/api/auth/sign-out',
  operationId: 'signOut',
  summary: 'End this session',
  tags,
  security: [],
  responses: noContent('Signed out'),
});

export const changePasswordRoute = createRoute({
  method: 'post',
  path: '/api/auth/change-password',
  operationId: 'changePassword',
  summary: 'Change the password; ends every other session',
  tags,
  security: [{ session: [] }],
  request: { body: body(changePassword) },
  responses: noContent('Changed'),
});
