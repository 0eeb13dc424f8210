import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCommandWaits } from '../../src/http/command-waits.ts';
import { brokerApp } from '../../src/http/functions/mqtt-broker.ts';
import { silentLog } from '../../src/service/log.ts';
import { type Answer, type Client, type TestApi, testApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';

/** `POST /functions/v1/mqtt-broker`, with a worker elsewhere and with sending from the function itself. */

let api: TestApi;
let owner: Client;
let org: string;
let device: string;
/** What sending from here does to the row. */
let dispatch: (deviceId: string) => Promise<void>;
let alone: ReturnType<typeof brokerApp>;

beforeAll(async () => {
  api = await testApi((pool) => ({
    commands: { waits: createCommandWaits({ pool, log: silentLog, pollMs: 20 }) },
    supabaseUser: async (token) =>
      token === 'token-of-olga' ? { id: owner.userId!, name: 'olga', email: 'olga@example.org' } : undefined,
  }));
  owner = await api.user('olga');
  const { commands, ...platform } = api.platform;
  alone = brokerApp({ ...platform, commands: { ...commands!, dispatch: (id) => dispatch(id) } });
});
afterAll(() => api.close());

beforeEach(async () => {
  await api.database.pool.query('delete from organizations');
  org = await api.organization(owner);
  device = await pump(org);
  dispatch = async () => {};
});

async function pump(organization: string, name = 'pump'): Promise<string> {
  const { rows } = await api.database.pool.query(
    'insert into devices (organization_id, external_device_id, name) values ($1, $2, $2) returning id',
    [organization, name],
  );
  return rows[0].id;
}

const post = (body: unknown, headers: object = {}, client: Client | undefined = owner) =>
  api.call(client, 'POST', '/functions/v1/mqtt-broker', body, headers);

/** The function by itself, which sends from where it is. */
async function postAlone(body: object): Promise<Answer> {
  const key = await api.apiKey(org, 'member');
  const response = await alone.request('/mqtt-broker', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...key.headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const become = (set: string) =>
  api.database.pool.query(`update device_commands set ${set} where organization_id = $1 returning id`, [org]);
const rows = async () =>
  (await api.database.pool.query('select * from device_commands where organization_id = $1', [org])).rows;

describe('who asks', () => {
  it('is known by a session, an API key or the token of a Supabase user', async () => {
    const key = await api.apiKey(org, 'member');
    const clients = [owner, key, { headers: { authorization: 'Bearer token-of-olga' } }];
    for (const client of clients) {
      const answer = post({ device_id: device, name: 'reboot' }, {}, client);
      await eventually(async () => expect((await become(`state = 'published'`)).rowCount).toBe(1));
      expect(await answer).toMatchObject({ status: 200, body: { state: 'published', device_id: device } });
      await api.database.pool.query('delete from device_commands');
    }
  });

  it.each<[string, object, number]>([
    ['nobody', {}, 401],
    ['a token of nobody', { authorization: 'Bearer nonsense' }, 401],
    ['a page of another site with a cookie', { cookie: 'yes', 'sec-fetch-site': 'cross-site' }, 403],
  ])('is refused as %s', async (_, headers, status) => {
    const cookie = 'cookie' in headers ? owner.headers : {};
    const answer = await post(
      { device_id: device, name: 'reboot' },
      { ...headers, ...cookie },
      { headers: {} },
    );
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await rows()).toEqual([]);
  });

  it('must be a member', async () => {
    const viewer = await api.apiKey(org, 'viewer');
    for (const address of [{ device_id: device }, { external_device_id: 'pump' }]) {
      expect((await post({ ...address, name: 'reboot' }, {}, viewer)).status).toBe(403);
    }
  });

  it('may be a page elsewhere that has a token', async () => {
    const response = await api.app.request('/functions/v1/mqtt-broker', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.org',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization, content-type, idempotency-key',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('the device', () => {
  const send = (address: object) => postAlone({ ...address, name: 'reboot' });

  it('is named by its id or its name', async () => {
    for (const address of [
      { device_id: device },
      { external_device_id: 'pump' },
      { external_device_id: 'pump', organization_id: org },
      { device_id: device, organization_id: org },
    ]) {
      expect((await send(address)).body).toMatchObject({ device_id: device, external_device_id: 'pump' });
    }
  });

  it('is not there alike for none and another tenant’s', async () => {
    const stranger = await api.user(`stranger-${randomUUID()}`);
    const theirs = await api.organization(stranger, 'Theirs');
    const pumpOfTheirs = await pump(theirs, 'theirs');
    for (const address of [
      { device_id: pumpOfTheirs },
      { device_id: randomUUID() },
      { device_id: device, organization_id: theirs },
      { external_device_id: 'theirs' },
      { external_device_id: 'theirs', organization_id: theirs },
      { external_device_id: 'nothing' },
    ]) {
      const answer = await send(address);
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect(await rows()).toEqual([]);
  });

  it('by its name needs its organization where the caller has several', async () => {
    const second = await api.organization(owner, 'Second');
    const answer = await post({ external_device_id: 'pump', name: 'reboot' });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ field: 'body.organization_id' }] },
    });
    expect(answer.body.detail).toContain('several organizations');
    const one = await pump(second);
    const named = post({
      external_device_id: 'pump',
      organization_id: second,
      name: 'reboot',
      wait_seconds: 0.01,
    });
    expect((await named).body.device_id).toBe(one);
  });

  it.each<[object | string, number, string]>([
    [{ name: 'x' }, 400, 'body.device_id'],
    [{ name: 'x', device_id: randomUUID(), external_device_id: 'pump' }, 400, 'body.device_id'],
    [{ device_id: randomUUID() }, 400, 'body.name'],
    ['{"name"', 400, 'body'],
    ['[]', 400, 'body'],
  ])('and the rest must make sense: %j', async (body, status, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.body.errors[0].field).toBe(field);
  });

  it('may not be asked in a body without bounds, or one that is no JSON', async () => {
    const large = { device_id: device, name: 'x', params: { a: 'x'.repeat(1024 * 1024) } };
    expect((await post(large)).status).toBe(413);
    expect((await post('name=x', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await api.call(owner, 'GET', '/functions/v1/mqtt-broker')).status).toBe(404);
  });
});

describe('with a worker elsewhere', () => {
  it('the answer is the broker’s confirmation, or why there is none yet', async () => {
    const published = post({ device_id: device, name: 'reboot' });
    await eventually(async () => expect((await become(`state = 'published'`)).rowCount).toBe(1));
    expect(await published).toMatchObject({ status: 200, body: { state: 'published' } });

    await api.database.pool.query('delete from device_commands');
    const away = post({ device_id: device, name: 'reboot' });
    await eventually(async () => expect((await become(`reason = 'device_away'`)).rowCount).toBe(1));
    expect(await away).toMatchObject({ status: 202, body: { state: 'queued', reason: 'device_away' } });
  });

  it('the answer is 202 at once where nobody else can wait', async () => {
    const places = Array.from({ length: 200 }, () => api.platform.commands!.waits.takePlace(org));
    expect(await post({ device_id: device, name: 'reboot' })).toMatchObject({
      status: 202,
      body: { state: 'queued' },
    });
    const waiting = await post({ device_id: device, name: 'reboot', wait_seconds: 60 });
    expect(waiting).toMatchObject({ status: 429, body: { code: 'limit_reached' } });
    for (const place of places) place.giveBack();
  });

  it('with wait_seconds the answer is the outcome, or 202 when it did not come in time', async () => {
    const body = { device_id: device, name: 'reboot', wait_seconds: 60 };
    const answer = post(body);
    await eventually(async () => expect((await become(`state = 'published'`)).rowCount).toBe(1));
    await become(`state = 'failed', result = '"jammed"'`);
    expect(await answer).toMatchObject({ status: 200, body: { state: 'failed', result: 'jammed' } });

    const late = await post({ ...body, wait_seconds: 0.1 });
    expect(late).toMatchObject({ status: 202, body: { state: 'queued' } });
  });

  it('a key makes one command', async () => {
    const body = { device_id: device, name: 'reboot', wait_seconds: 0.01 };
    const answers = [];
    for (let time = 0; time < 3; time++) answers.push(await post(body, { 'idempotency-key': 'k' }));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers[2]!.headers.get('idempotency-replayed')).toBe('true');
    const reused = await post({ ...body, name: 'blink' }, { 'idempotency-key': 'k' });
    expect(reused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect((await post(body, { 'idempotency-key': 'x'.repeat(201) })).body.errors[0].field).toBe(
      'header.idempotency-key',
    );
  });
});

describe('alone, sending from where it is', () => {
  it('the answer is what sending came to', async () => {
    dispatch = async (id) => {
      expect(id).toBe(device);
      await become(`state = 'published', attempts = 1`);
    };
    expect(await postAlone({ device_id: device, name: 'reboot' })).toMatchObject({
      status: 200,
      body: { state: 'published', attempts: 1 },
    });
  });

  it('the answer is 202 when the broker is away, and 200 when it will never be sent', async () => {
    dispatch = async () => void (await become(`reason = 'broker_away', attempts = 1`));
    const away = await postAlone({ device_id: device, name: 'reboot' });
    expect(away).toMatchObject({ status: 202, body: { state: 'queued', reason: 'broker_away' } });
    dispatch = async () => void (await become(`state = 'undeliverable', reason = 'no_broker'`));
    const never = await postAlone({ device_id: device, name: 'reboot' });
    expect(never).toMatchObject({ status: 200, body: { state: 'undeliverable', reason: 'no_broker' } });
  });

  it('the answer is the command all the same when sending breaks', async () => {
    dispatch = () => Promise.reject(new Error('no socket'));
    const answer = await postAlone({ device_id: device, name: 'reboot' });
    expect(answer).toMatchObject({ status: 202, body: { state: 'queued' } });
  });

  it('with wait_seconds the device’s answer is waited for', async () => {
    dispatch = async () => void (await become(`state = 'published'`));
    const answer = postAlone({ device_id: device, name: 'reboot', wait_seconds: 60 });
    await eventually(async () => expect(await rows()).toMatchObject([{ state: 'published' }]));
    await become(`state = 'succeeded'`);
    expect(await answer).toMatchObject({ status: 200, body: { state: 'succeeded' } });
  });

  it('it has nothing else', async () => {
    const response = await alone.request('/api/v1/me');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});
