import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRateLimits } from '../../src/http/rate-limits.ts';
import { type Client, ORIGIN, SETUP_TOKEN, type TestApi, testApi } from '../support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api.close());
beforeEach(() => {
  Object.assign(api.platform, { rateLimits: createRateLimits() });
});

const cookieOf = (headers: Headers): Client => ({
  headers: { cookie: headers.getSetCookie()[0]!.split(';')[0]! },
});
const setup = (change: object = {}) =>
  api.call(undefined, 'POST', '/api/v1/setup', {
    token: SETUP_TOKEN,
    name: 'Olga',
    email: 'Olga@Example.org',
    password: 'a long password',
    organization_name: 'Acme',
    ...change,
  });
const signIn = (email: string, password: string) =>
  api.call(undefined, 'POST', '/api/auth/sign-in/email', { email, password });

describe('set-up', () => {
  it('refuses a wrong token and a short password', async () => {
    expect((await api.call(undefined, 'GET', '/api/v1/platform')).body).toEqual({
      name: 'NetNeural MQTT',
      version: '0.0.0',
      setup_required: true,
    });
    expect((await setup({ token: 'wrong' })).body.code).toBe('forbidden');
    expect((await setup({ password: 'short' })).body.errors).toEqual([
      { field: 'body.password', message: 'needs at least 10 characters' },
    ]);
    expect((await setup({ email: 'nobody' })).body.errors[0].field).toBe('body.email');
  });

  it('makes the first owner and organization once, also under a race', async () => {
    const answers = await Promise.all([
      setup(),
      setup({ email: 'other@example.org' }),
      setup({ email: 'third@example.org' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 410, 410]);
    const done = answers.find(({ status }) => status === 201)!;
    expect(done.body).toEqual({
      user: { id: expect.any(String), name: 'Olga', email: expect.stringMatching(/@example\.org$/) },
      organizations: [{ id: expect.any(String), name: 'Acme', role: 'owner' }],
    });
    const cookie = done.headers.getSetCookie()[0]!;
    expect(cookie).toMatch(/^netneural\.session_token=.+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await api.call(cookieOf(done.headers), 'GET', '/api/v1/me')).body).toEqual(done.body);
    expect((await api.call(undefined, 'GET', '/api/v1/platform')).body.setup_required).toBe(false);
    const { rows } = await api.database.pool.query('select count(*)::int as count from accounts."user"');
    expect(rows).toEqual([{ count: 1 }]);
  });
});

describe('sign-in', () => {
  beforeAll(async () => {
    await api.user('ina');
  });

  it('takes the address in any case, and ends with sign-out at once', async () => {
    const answer = await signIn('INA@example.org', 'password of ina');
    expect(answer.body).toEqual({ user: { id: expect.any(String), name: 'ina', email: 'ina@example.org' } });
    const ina = cookieOf(answer.headers);
    expect((await api.call(ina, 'GET', '/api/v1/me')).status).toBe(200);
    const out = await api.call(ina, 'POST', '/api/auth/sign-out');
    expect(out.status).toBe(204);
    expect(out.headers.getSetCookie()[0]).toMatch(/^netneural\.session_token=; Max-Age=0/);
    expect((await api.call(ina, 'GET', '/api/v1/me')).status).toBe(401);
  });

  it('tells a wrong password and an unknown address apart to nobody', async () => {
    const wrong = await signIn('ina@example.org', 'password of olga');
    const unknown = await signIn('nobody@example.org', 'password of ina');
    expect(wrong.status).toBe(401);
    expect(wrong.body).toEqual(unknown.body);
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  it('is limited by account and address, and says how long to wait', async () => {
    for (let n = 0; n < 10; n += 1) expect((await signIn('ina@example.org', 'guess')).status).toBe(401);
    const refused = await signIn('Ina@example.org', 'password of ina');
    expect(refused.body.code).toBe('too_many_requests');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await signIn('nobody@example.org', 'guess')).status).toBe(401);
  });

  it('starts the count anew when it succeeds', async () => {
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 9; n += 1) await signIn('ina@example.org', 'guess');
      expect((await signIn('ina@example.org', 'password of ina')).status).toBe(200);
    }
  });

  it('has no sign-up, and none of better-auth’s own routes', async () => {
    for (const path of [
      'sign-up/email',
      'update-user',
      'delete-user',
      'forget-password',
      'request-password-reset',
    ]) {
      const answer = await api.call(undefined, 'POST', `/api/auth/${path}`, {
        email: 'x@example.org',
        password: 'x',
      });
      expect(answer.body.code, path).toBe('not_found');
    }
    expect((await api.call(undefined, 'GET', '/api/auth/get-session')).body.code).toBe('not_found');
  });

  it('needs the password again to change it, and ends the other sessions', async () => {
    const here = await api.user('paul');
    const there = cookieOf((await signIn('paul@example.org', 'password of paul')).headers);
    const change = (client: Client | undefined, current: string) =>
      api.call(client, 'POST', '/api/auth/change-password', {
        current_password: current,
        new_password: 'another password',
      });
    expect((await change(undefined, 'password of paul')).status).toBe(401);
    expect((await change(here, 'guess')).body.errors[0].field).toBe('body.current_password');
    const changed = await change(here, 'password of paul');
    expect(changed.status).toBe(204);
    expect((await api.call(there, 'GET', '/api/v1/me')).status).toBe(401);
    expect((await api.call(cookieOf(changed.headers), 'GET', '/api/v1/me')).status).toBe(200);
    expect((await signIn('paul@example.org', 'password of paul')).status).toBe(401);
    expect((await signIn('paul@example.org', 'another password')).status).toBe(200);
  });
});

describe('invitations', () => {
  let owner: Client;
  let org: string;
  beforeAll(async () => {
    owner = await api.user('owner');
    org = await api.organization(owner, 'Hosts');
  });

  const invite = async (body: object) => {
    const answer = await api.call(owner, 'POST', `/api/v1/organizations/${org}/invitations`, body);
    expect(answer.status).toBe(201);
    expect(answer.body.url).toMatch(`${ORIGIN}/invite#`);
    return { ...answer.body, token: answer.body.url.split('#')[1] as string };
  };
  const accept = (client: Client | undefined, token: string, account?: object) =>
    api.call(client, 'POST', '/api/v1/invitations/accept', { token, account });
  const account = (name: string) => ({ name, email: `${name}@example.org`, password: `password of ${name}` });

  it('make a new account and a member, once', async () => {
    const { token } = await invite({ role: 'member' });
    const preview = await api.call(undefined, 'POST', '/api/v1/invitations/preview', { token });
    expect(preview.body).toEqual({
      organization_name: 'Hosts',
      role: 'member',
      email: null,
      expires_at: expect.any(String),
    });
    const answers = await Promise.all([
      accept(undefined, token, account('nina')),
      accept(undefined, token, account('nora')),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410]);
    const accepted = answers.find(({ status }) => status === 200)!;
    expect(accepted.body).toEqual({ organization_id: org });
    const me = await api.call(cookieOf(accepted.headers), 'GET', '/api/v1/me');
    expect(me.body.organizations).toEqual([{ id: org, name: 'Hosts', role: 'member' }]);
    expect((await accept(undefined, token, account('late'))).body.code).toBe('gone');
    // Who came too late has no account either.
    expect((await signIn('late@example.org', 'password of late')).status).toBe(401);
  });

  it('are for the signed-in user as well, but not for a member or an API key', async () => {
    const guest = await api.user('guest');
    const { token } = await invite({ role: 'viewer' });
    expect((await accept(undefined, token)).status).toBe(401);
    expect((await accept(await api.apiKey(org, 'admin'), token)).status).toBe(401);
    expect((await accept(owner, token)).body).toMatchObject({
      code: 'conflict',
      detail: 'This user is a member already.',
    });
    expect((await accept(guest, token)).status).toBe(200);
    const members = await api.call(owner, 'GET', `/api/v1/organizations/${org}/members`);
    expect(members.body.items).toContainEqual({
      user_id: guest.userId,
      name: 'guest',
      email: 'guest@example.org',
      role: 'viewer',
      created_at: expect.any(String),
    });
  });

  it('for an e-mail address work for that address only', async () => {
    const { token } = await invite({ role: 'admin', email: 'Bound@example.org' });
    const other = await api.user('uninvited');
    expect((await accept(other, token)).body.code).toBe('forbidden');
    const wrong = await accept(undefined, token, account('somebody'));
    expect(wrong.body.errors[0].field).toBe('body.account.email');
    expect((await accept(undefined, token, account('bound'))).status).toBe(200);
  });

  it('don’t take over an account that exists', async () => {
    await api.user('existing');
    const { token } = await invite({ role: 'viewer' });
    const answer = await accept(undefined, token, { ...account('existing'), password: 'a password of mine' });
    expect(answer.body).toMatchObject({
      code: 'conflict',
      detail: 'There is an account with this e-mail address already.',
    });
    expect((await signIn('existing@example.org', 'password of existing')).status).toBe(200);
    expect((await api.call(undefined, 'POST', '/api/v1/invitations/preview', { token })).status).toBe(200);
  });

  it('that are withdrawn, expired or made up are gone, all alike', async () => {
    const withdrawn = await invite({ role: 'viewer' });
    await api.call(owner, 'DELETE', `/api/v1/organizations/${org}/invitations/${withdrawn.id}`);
    const expired = await invite({ role: 'viewer' });
    await api.database.pool.query('update organization_invitations set expires_at = now() where id = $1', [
      expired.id,
    ]);
    const answers = await Promise.all(
      [withdrawn.token, expired.token, 'made-up'].map((token) =>
        api.call(undefined, 'POST', '/api/v1/invitations/preview', { token }),
      ),
    );
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]!.body.code).toBe('gone');
  });

  it('are tried a limited number of times', async () => {
    const statuses = [];
    for (let n = 0; n < 31; n += 1)
      statuses.push((await accept(undefined, `guess ${n}`, account('x'))).status);
    expect(statuses.slice(0, 30).every((status) => status === 410)).toBe(true);
    expect(statuses[30]).toBe(429);
  });

  it('store no token', async () => {
    const { token } = await invite({ role: 'viewer' });
    const { rows } = await api.database.pool.query('select * from organization_invitations');
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe('members', () => {
  it('change roles as far as their own reaches', async () => {
    const owner = await api.user('boss');
    const admin = await api.user('deputy');
    const member = await api.user('worker');
    const org = await api.organization(owner);
    await api.member(org, admin, 'admin');
    await api.member(org, member, 'member');
    const at = `/api/v1/organizations/${org}/members`;
    const change = (by: Client, whom: Client, role: string) =>
      api.call(by, 'PATCH', `${at}/${whom.userId}`, { role });
    expect((await change(admin, member, 'viewer')).body).toMatchObject({ name: 'worker', role: 'viewer' });
    expect((await change(admin, member, 'owner')).body.code).toBe('forbidden');
    expect((await change(admin, owner, 'viewer')).body.code).toBe('forbidden');
    expect((await change(owner, owner, 'viewer')).body).toMatchObject({
      code: 'conflict',
      detail: 'An organization needs at least one owner.',
    });
    expect((await api.call(admin, 'DELETE', `${at}/${owner.userId}`)).body.code).toBe('forbidden');
    expect((await change(owner, admin, 'owner')).status).toBe(200);
    expect((await api.call(owner, 'DELETE', `${at}/${owner.userId}`)).status).toBe(204);
    expect((await api.call(owner, 'GET', at)).status).toBe(404);
    expect((await api.call(member, 'DELETE', `${at}/${member.userId}`)).status).toBe(204);
  });
});

describe('API keys', () => {
  it('are shown once, used with their role, and refused when revoked or expired', async () => {
    const owner = await api.user('keymaster');
    const org = await api.organization(owner);
    const at = `/api/v1/organizations/${org}/api-keys`;
    const made = await api.call(owner, 'POST', at, { name: 'script', role: 'viewer' });
    expect(made.body.key).toMatch(/^nnk_[A-Za-z0-9]{43}$/);
    const key: Client = { headers: { authorization: `Bearer ${made.body.key}` } };
    expect((await api.call(key, 'GET', '/api/v1/me')).body).toEqual({
      user: null,
      organizations: [{ id: org, name: 'Acme', role: 'viewer' }],
    });
    expect((await api.call(key, 'POST', '/api/v1/organizations', { name: 'x' })).body.code).toBe('forbidden');
    const list = await api.call(owner, 'GET', at);
    expect(JSON.stringify(list.body)).not.toContain(made.body.key);
    expect(list.body.items[0]).toMatchObject({
      key_prefix: made.body.key.slice(0, 10),
      last_used_at: expect.any(String),
    });
    const { rows } = await api.database.pool.query('select * from organization_api_keys');
    expect(JSON.stringify(rows)).not.toContain(made.body.key);
    expect((await api.call(owner, 'POST', at, { name: 'x', role: 'owner' })).status).toBe(400);

    expect((await api.call(owner, 'DELETE', `${at}/${made.body.id}`)).status).toBe(204);
    expect((await api.call(key, 'GET', '/api/v1/me')).status).toBe(401);
    const expired = await api.call(owner, 'POST', at, {
      name: 'old',
      role: 'viewer',
      expires_at: '2020-01-01T00:00:00Z',
    });
    const old: Client = { headers: { authorization: `Bearer ${expired.body.key}` } };
    expect((await api.call(old, 'GET', '/api/v1/me')).status).toBe(401);
  });

  it('write down their use once a minute', async () => {
    const org = await api.organization(await api.user('busy'));
    const key = await api.apiKey(org, 'viewer');
    const used = async () => {
      await api.call(key, 'GET', '/api/v1/me');
      const { rows } = await api.database.pool.query(
        'select last_used_at::text as at from organization_api_keys where organization_id = $1',
        [org],
      );
      return rows[0].at as string;
    };
    const first = await used();
    expect(await used()).toBe(first);
    await api.database.pool.query(
      `update organization_api_keys set last_used_at = now() - interval '61 seconds' where organization_id = $1`,
      [org],
    );
    expect((await used()) > first).toBe(true);
  });
});
