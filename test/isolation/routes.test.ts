import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type TestApi, testApi } from '../support/api.ts';
import { routeRules } from './route-rules.ts';
import { fixture } from './table-fixture.ts';
import type { Fixture } from './table-rules.ts';

const roles = ['viewer', 'member', 'admin', 'owner'] as const;

let api: TestApi;
/** Users by their role in organization A of each test, and those who are nothing in it. */
const users = {} as Record<(typeof roles)[number] | 'ownerOfB' | 'ownerOfBoth' | 'nobody', Client>;

beforeAll(async () => {
  api = await testApi();
  for (const name of [...roles, 'ownerOfB', 'ownerOfBoth', 'nobody'] as const)
    users[name] = await api.user(name);
});
afterAll(() => api.close());

/** Two organizations with a row of everything, made anew: a test may delete what it likes. */
async function world(): Promise<{ a: Fixture; b: Fixture }> {
  const a = await fixture(api.database.pool);
  const b = await fixture(api.database.pool);
  for (const role of roles) await api.member(a.organization, users[role], role);
  await api.member(b.organization, users.ownerOfB, 'owner');
  await api.member(a.organization, users.ownerOfBoth, 'owner');
  await api.member(b.organization, users.ownerOfBoth, 'owner');
  return { a, b };
}

interface Target {
  url: string;
  body: object | undefined;
  csv: string | undefined;
}

/** Where and with what the route is called in `organization`, naming the things of `things`. */
function target(route: string, organization: string, things: Fixture): Target {
  const { of = {}, body, csv, query } = routeRules[route]!;
  const ids: Record<string, string> = { ...things, org: organization, user: things.member };
  for (const [name, other] of Object.entries(of) as [string, keyof Fixture][]) ids[name] = things[other];
  const url = route.split(' ')[1]!.replace(/\{(\w+)\}/g, (_, name: string) => {
    expect(ids[name], `an id for {${name}}`).toBeDefined();
    return ids[name]!;
  });
  return {
    url: query ? `${url}?${query(things)}` : url,
    body: typeof body === 'function' ? body(things) : body,
    csv,
  };
}

/** Statuses of many are asked for; a stream is read no further than its beginning. */
async function status(client: Client | undefined, route: string, at: Target): Promise<number> {
  const { status, text } = await send(client, route, at);
  if (status >= 400) expect(text).not.toMatch(/hermometer|Fixture|nn_|secret|21\.5/);
  return status;
}

async function send(client: Client | undefined, route: string, { url, body, csv }: Target) {
  const method = route.split(' ')[0]!;
  const response = await api.app.request(url, {
    method,
    headers: {
      origin: 'http://localhost:8080',
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(csv ? { 'content-type': 'text/csv' } : {}),
      ...client?.headers,
    },
    body: csv ?? (body && JSON.stringify(body)),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body!.cancel();
    return { status: response.status, text: '' };
  }
  return { status: response.status, text: await response.text() };
}

it('every route of openapi.json has its rule', () => {
  const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(Object.keys(routeRules).sort()).toEqual(described.sort());
});

const guarded = Object.entries(routeRules).filter(([, { least }]) => least !== 'anyone');
const ofOrganization = guarded.filter(([, { least }]) => least !== 'caller');
/** Those that name a thing of the organization. */
const ofOne = ofOrganization.filter(([route]) => route.split('{').length > 2);

describe.each(guarded)('%s', (route) => {
  it('is closed to who does not say who they are', async () => {
    const { a } = await world();
    const at = target(route, a.organization, a);
    const bad: (Client | undefined)[] = [
      undefined,
      { headers: { cookie: 'netneural.session_token=forged.signature' } },
      { headers: { cookie: `${users.owner.headers.cookie!.slice(0, -6)}AAAAAA` } },
      { headers: { authorization: `Bearer nnk_${'0'.repeat(43)}` } },
      { headers: { authorization: 'Basic b3duZXI6cGFzc3dvcmQ=' } },
      // A key that is not good is not made up for by a cookie that is.
      { headers: { ...users.owner.headers, authorization: 'Bearer nonsense' } },
    ];
    for (const client of bad) expect(await status(client, route, at), JSON.stringify(client)).toBe(401);
  });
});

describe.each(ofOrganization)('%s', (route, { least }) => {
  it('has nothing for who is not of the organization', async () => {
    const { a, b } = await world();
    const at = target(route, a.organization, a);
    const outsiders = {
      nobody: users.nobody,
      'owner of B': users.ownerOfB,
      'API key of B': await api.apiKey(b.organization, 'admin'),
    };
    for (const [name, client] of Object.entries(outsiders)) {
      expect(await status(client, route, at), name).toBe(404);
    }
    expect(await status(users.owner, route, target(route, randomUUID(), a)), 'no such organization').toBe(
      404,
    );
  });

  it('is for its role and those above', async () => {
    for (const role of roles) {
      const { a } = await world();
      const at = target(route, a.organization, a);
      const may = roles.indexOf(role) >= roles.indexOf(least as (typeof roles)[number]);
      const answered = await status(users[role], route, at);
      expect(answered < 300 ? 'allowed' : answered, role).toBe(may ? 'allowed' : 403);
    }
    for (const role of ['viewer', 'admin'] as const) {
      const { a } = await world();
      const key = await api.apiKey(a.organization, role);
      const may = roles.indexOf(role) >= roles.indexOf(least as (typeof roles)[number]);
      const answered = await status(key, route, target(route, a.organization, a));
      expect(answered < 300 ? 'allowed' : answered, `API key, ${role}`).toBe(may ? 'allowed' : 403);
    }
  });
});

describe.each(ofOne)('%s', (route) => {
  it('has nothing of another organization', async () => {
    const { a, b } = await world();
    const at = target(route, a.organization, b);
    for (const client of [users.owner, users.ownerOfBoth, await api.apiKey(a.organization, 'admin')]) {
      expect(await status(client, route, at)).toBe(404);
    }
    // Untouched: its owner still finds it, where it can be looked at.
    const look = `GET ${route.split(' ')[1]}`;
    if (routeRules[look]) {
      expect(await status(users.ownerOfB, look, target(look, b.organization, b))).toBe(200);
    }
  });
});

describe('lists of all organizations', () => {
  it('show the caller’s own only', async () => {
    const { a, b } = await world();
    const ids = async (client: Client) => {
      const { body } = await api.call(client, 'GET', '/api/v1/organizations');
      const me = await api.call(client, 'GET', '/api/v1/me');
      const listed = body.items.map(({ id }: { id: string }) => id);
      expect(me.body.organizations.map(({ id }: { id: string }) => id)).toEqual(listed);
      return listed;
    };
    expect(await ids(users.nobody)).toEqual([]);
    expect(await ids(users.ownerOfB)).not.toContain(a.organization);
    expect(await ids(await api.apiKey(b.organization, 'admin'))).toEqual([b.organization]);
    expect(await ids(users.ownerOfBoth)).toEqual(expect.arrayContaining([a.organization, b.organization]));
  });
});
