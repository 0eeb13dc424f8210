import { createRoute } from '@hono/zod-openapi';
import { changePassword, signedIn, signIn } from '../../contract/accounts.ts';
import { PlatformError } from '../../service/errors.ts';
import { setCookies } from '../cookies.ts';
import { routes } from '../platform.ts';
import { answers, body, noContent } from '../route.ts';

const tags = ['Accounts'];

const signInRoute = createRoute({
  method: 'post',
  path: '/api/auth/sign-in/email',
  operationId: 'signIn',
  summary: 'Sign in; sets the session’s cookie',
  tags,
  security: [],
  request: { body: body(signIn) },
  responses: answers(200, signedIn, 'Signed in'),
});

const signOutRoute = createRoute({
  method: 'post',
  path: '/api/auth/sign-out',
  operationId: 'signOut',
  summary: 'End this session',
  tags,
  security: [],
  responses: noContent('Signed out'),
});

const changePasswordRoute = createRoute({
  method: 'post',
  path: '/api/auth/change-password',
  operationId: 'changePassword',
  summary: 'Change the password; ends every other session',
  tags,
  security: [{ session: [] }],
  request: { body: body(changePassword) },
  responses: noContent('Changed'),
});

export const accounts = routes();

accounts.openapi(signInRoute, async (c) => {
  const { accounts, rateLimits, clientAddress } = c.get('platform');
  const credentials = c.req.valid('json');
  const address = clientAddress(c);
  await rateLimits.signIn(address, credentials.email);
  const { value: user, cookies } = await accounts.signIn(credentials);
  await rateLimits.signedIn(address, credentials.email);
  setCookies(c, cookies);
  return c.json({ user }, 200);
});

accounts.openapi(signOutRoute, async (c) => {
  const { cookies } = await c.get('platform').accounts.signOut(c.req.raw.headers);
  setCookies(c, cookies);
  return c.body(null, 204);
});

accounts.openapi(changePasswordRoute, async (c) => {
  const { accounts, rateLimits, clientAddress } = c.get('platform');
  const { current_password: current, new_password: next } = c.req.valid('json');
  const { value: user } = await accounts.userOf(c.req.raw.headers);
  if (!user) throw new PlatformError('unauthenticated', 'Sign in first.');
  await rateLimits.signIn(clientAddress(c), user.email);
  const { cookies } = await accounts.changePassword(c.req.raw.headers, { current, next });
  await rateLimits.signedIn(clientAddress(c), user.email);
  setCookies(c, cookies);
  return c.body(null, 204);
});
