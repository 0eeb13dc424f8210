import { createRoute } from '@hono/zod-openapi';
import { me, platformInfo, setupRequest } from '../../contract/platform.ts';
import { anyOwner, insertFirstOwner } from '../../database/accounts.ts';
import { listOrganizations } from '../../database/organizations.ts';
import { asPlatform, withScope } from '../../database/scope.ts';
import { PlatformError } from '../../service/errors.ts';
import { sameText } from '../../service/random.ts';
import { hashAccountPassword, type User } from '../accounts.ts';
import { setCookies } from '../cookies.ts';
import { type Authenticated, type Platform, routes } from '../platform.ts';
import { answers, body } from '../route.ts';

const tags = ['Platform'];

const platformRoute = createRoute({
  method: 'get',
  path: '/api/v1/platform',
  operationId: 'getPlatform',
  summary: 'What anyone may know before signing in',
  tags,
  security: [],
  responses: answers(200, platformInfo, 'The platform'),
});

const setupRoute = createRoute({
  method: 'post',
  path: '/api/v1/setup',
  operationId: 'setUp',
  summary: 'Create the first owner and organization, once; signs in',
  tags,
  security: [],
  request: { body: body(setupRequest) },
  responses: answers(201, me, 'Set up and signed in'),
});

const meRoute = createRoute({
  method: 'get',
  path: '/api/v1/me',
  operationId: 'getMe',
  summary: 'Who is calling, and their organizations',
  tags,
  responses: answers(200, me, 'The caller'),
});

export const platform = routes();

platform.openapi(platformRoute, async (c) => {
  const { pool, version, setupToken } = c.get('platform');
  const isSetUp = setupToken === undefined || (await asPlatform(pool, anyOwner));
  return c.json({ name: 'NetNeural MQTT', version, setup_required: !isSetUp }, 200);
});

platform.openapi(setupRoute, async (c) => {
  const { pool, accounts, rateLimits, clientAddress, setupToken } = c.get('platform');
  const { token, name, email, password, organization_name: organizationName } = c.req.valid('json');
  await rateLimits.token(clientAddress(c));
  if (!setupToken || !(await sameText(token, setupToken))) {
    throw new PlatformError('forbidden', 'This set-up link is not valid. The console shows the one that is.');
  }
  const passwordHash = await hashAccountPassword(password);
  const owner = { name, email, passwordHash, organizationName };
  if (!(await asPlatform(pool, (tx) => insertFirstOwner(tx, owner)))) {
    throw new PlatformError('gone', 'The platform is set up already. Sign in.');
  }
  const { value: user, cookies } = await accounts.signIn({ email, password });
  setCookies(c, cookies);
  return c.json(await describe(c.get('platform'), { caller: { kind: 'user', userId: user.id }, user }), 201);
});

platform.openapi(meRoute, async (c) =>
  c.json(await describe(c.get('platform'), c.get('authenticated')), 200),
);

async function describe({ pool }: Platform, { caller, user }: Authenticated) {
  const organizations = await withScope(pool, caller, listOrganizations);
  return {
    user: user ?? (null as User | null),
    organizations: organizations.map(({ id, name, role }) => ({ id, name, role })),
  };
}
