import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomToken, tokenHash } from '../../src/service/random.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type EdgeFunction, startEdgeFunction } from '../support/edge-function.ts';

/** The API as Supabase runs it: in Deno, called with the project's access tokens or with API keys. */

const jwtSecret = 'a secret of the project that is long enough';
const user = randomUUID();
const key = `nnk_${randomToken()}`;
let database: TestDatabase;
let api: EdgeFunction;
let organization: string;
let device: string;

beforeAll(async () => {
  database = await testDatabase();
  const one = async (sql: string, values: unknown[]) =>
    (await database.pool.query(sql, values)).rows[0].id as string;
  organization = await one(`select private.found_organization('Ours', $1) as id`, [user]);
  await one(`select private.found_organization('Theirs', $1) as id`, [randomUUID()]);
  device = await one(
    `insert into devices (organization_id, external_device_id, name) values ($1, 'freezer-1', 'Freezer') returning id`,
    [organization],
  );
  await one(
    `insert into organization_api_keys (organization_id, name, role, key_prefix, key_sha256)
     values ($1, 'test', 'viewer', 'nnk_', $2) returning id`,
    [organization, await tokenHash(key)],
  );
  api = await startEdgeFunction('api', database, { JWT_SECRET: jwtSecret });
});
afterAll(async () => {
  await api?.stop();
  await database.close();
});

function token(secret = jwtSecret): Promise<string> {
  return new SignJWT({ role: 'authenticated', email: 'ada@example.org' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setAudience('authenticated')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
}

const call = (path: string, bearer?: string, init: RequestInit = {}) =>
  fetch(`${api.url}/api/v1${path}`, {
    ...init,
    headers: { ...init.headers, ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) },
  });

test('a user’s access token and an API key open what is theirs', async () => {
  for (const bearer of [await token(), key]) {
    const answer = await call('/organizations', bearer);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ items: [{ id: organization, name: 'Ours' }] });
  }
  const me = await (await call('/me', await token())).json();
  expect(me).toMatchObject({ user: { id: user, email: 'ada@example.org' } });
  const devices = await (await call(`/organizations/${organization}/devices`, key)).json();
  expect(devices).toMatchObject({ items: [{ external_device_id: 'freezer-1' }] });
});

test('files go out and in', async () => {
  const at = `/organizations/${organization}`;
  const exported = await call(`${at}/devices/export`, key);
  expect(exported.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const table = await exported.text();
  expect(table).toContain('\r\nfreezer-1,Freezer,,,unknown,,');
  const readings = await call(`${at}/devices/${device}/telemetry/export`, key);
  expect(readings.headers.get('x-expected-rows')).toBe('0');
  expect(await readings.text()).toBe('external_device_id,recorded_at,received_at,device_timestamp\r\n');
  const imported = await call(`${at}/devices/import?preview=true`, await token(), {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: table,
  });
  expect(await imported.json()).toMatchObject({ unchanged: 1, refused: 0 });
});

test('members have the names and addresses that the project’s accounts have', async () => {
  // As Supabase has it, as far as it is read.
  await database.pool.query(`
    create table auth.users (id uuid primary key, email varchar(255), raw_user_meta_data jsonb);
    insert into auth.users values
      ('${user}', 'ada@example.org', '{"full_name":"Ada"}'), (gen_random_uuid(), 'other@example.org', '{}')`);
  const members = await call(`/organizations/${organization}/members`, await token());
  expect(await members.json()).toMatchObject({
    items: [{ user_id: user, name: 'Ada', email: 'ada@example.org', role: 'owner' }],
  });
});

test('nothing else does', async () => {
  for (const bearer of [
    undefined,
    'nonsense',
    `nnk_${randomToken()}`,
    await token('another secret, as long as ours is'),
  ]) {
    expect((await call('/organizations', bearer)).status).toBe(401);
  }
  const other = await call('/organizations', key, { method: 'POST', body: '{"name":"x"}' });
  expect(other.status).toBe(415);
});

test('a dashboard elsewhere may ask', async () => {
  const asked = await call('/organizations', undefined, {
    method: 'OPTIONS',
    headers: { origin: 'https://dashboard.example.org', 'access-control-request-method': 'GET' },
  });
  expect(asked.headers.get('access-control-allow-origin')).toBe('*');
  expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
  expect((await call('/organizations')).headers.get('access-control-allow-origin')).toBe('*');
});

test('there is nothing to set up and nobody to sign in', async () => {
  expect(await (await call('/platform')).json()).toMatchObject({ setup_required: false });
  const signIn = await fetch(`${api.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.org', password: 'correct horse battery' }),
  });
  expect(signIn.status).toBe(404);
});

test('the event stream tells of what commits', async () => {
  const ending = new AbortController();
  const stream = await call(`/organizations/${organization}/events`, await token(), {
    signal: ending.signal,
  });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  await database.pool.query(
    `insert into device_telemetry_history (organization_id, device_id, telemetry) values ($1, $2, '{"temperature":21.5}')`,
    [organization, device],
  );
  let told = '';
  for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
    told += chunk;
    if (told.includes('21.5')) break;
  }
  ending.abort();
  expect(told).toMatch(/event: reading/);
});
