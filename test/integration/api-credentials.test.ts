import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyPassword } from '../../src/service/password.ts';
import { type Client, type TestApi, testApi } from '../support/api.ts';

let api: TestApi;
let owner: Client;
let org: string;
let at: string;

beforeAll(async () => {
  api = await testApi();
  owner = await api.user('olga');
  org = await api.organization(owner);
  at = `/api/v1/organizations/${org}/credentials`;
});
afterAll(() => api.close());

const make = (body: object, headers?: object) => api.call(owner, 'POST', at, body, headers);
const list = async () => (await api.call(owner, 'GET', `${at}?limit=500`)).body.items;

describe('a credential', () => {
  it('is made for the organization, its password shown once and stored as a hash', async () => {
    const { status, body } = await make({ label: 'gateway' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      username: expect.stringMatching(/^nn_[a-z2-7]{16}$/),
      password: expect.stringMatching(/^.{24}$/),
      topic_prefix: `org_${org}/devices/#`,
      connect: {
        mqtt: 'mqtt://localhost:1883',
        mqtts: null,
        ws: 'ws://localhost:9001/mqtt',
        wss: null,
      },
    });
    const { rows } = await api.database.pool.query('select * from mqtt_credentials where id = $1', [body.id]);
    expect(rows[0].password_hash).toMatch(/^\$7\$101\$/);
    expect(await verifyPassword(body.password, rows[0].password_hash)).toBe(true);
    const one = await api.call(owner, 'GET', `${at}/${body.id}`);
    expect(one.body).toEqual({
      id: body.id,
      label: 'gateway',
      integration_id: null,
      username: body.username,
      topic_prefix: body.topic_prefix,
      device_id: null,
      external_device_id: null,
      created_at: expect.any(String),
      last_used_at: null,
      expires_at: null,
      disabled_at: null,
      replaces: null,
      live_connections: 0,
    });
    expect(await list()).toContainEqual(one.body);
  });

  it('for a device registers it if need be, and reaches no further', async () => {
    const first = await make({ external_device_id: 'pump-7' });
    expect(first.body.topic_prefix).toBe(`org_${org}/devices/pump-7/#`);
    await make({ external_device_id: 'pump-7' });
    const { body } = await api.call(
      owner,
      'GET',
      `/api/v1/organizations/${org}/devices?external_device_id=pump-7`,
    );
    expect(body.items).toHaveLength(1);
    const mine = (await list()).filter(
      (item: { external_device_id: string }) => item.external_device_id === 'pump-7',
    );
    expect(mine.map((item: { device_id: string }) => item.device_id)).toEqual([
      body.items[0].id,
      body.items[0].id,
    ]);
    await api.call(owner, 'DELETE', `/api/v1/organizations/${org}/devices/${body.items[0].id}`);
    expect((await api.call(owner, 'GET', `${at}/${first.body.id}`)).status).toBe(404);
  });

  it('refuses a device name that would widen its prefix', async () => {
    for (const name of ['#', '+', 'a/b', '', 'a\u0000']) {
      expect((await make({ external_device_id: name })).body.errors?.[0]?.field, name).toBe(
        'body.external_device_id',
      );
    }
  });

  it('is disabled, enabled, renamed and deleted', async () => {
    const { body: made } = await make({ label: 'a' });
    const patch = (change: object) => api.call(owner, 'PATCH', `${at}/${made.id}`, change);
    const disabled = await patch({ disabled: true });
    expect(disabled.body.disabled_at).toEqual(expect.any(String));
    expect((await patch({ disabled: true, label: 'b' })).body).toMatchObject({
      disabled_at: disabled.body.disabled_at,
      label: 'b',
    });
    expect((await patch({ disabled: false })).body).toMatchObject({ disabled_at: null, label: 'b' });
    expect((await patch({ label: 'x'.repeat(101) })).body.errors[0].field).toBe('body.label');
    expect((await api.call(owner, 'DELETE', `${at}/${made.id}`)).status).toBe(204);
    expect((await api.call(owner, 'DELETE', `${at}/${made.id}`)).status).toBe(404);
  });

  it('is rotated: a successor, and an end for the old one that is never put off', async () => {
    const { body: old } = await make({ label: 'meter' });
    const rotate = (id: string, body: object) => api.call(owner, 'POST', `${at}/${id}/rotate`, body);
    const { body: next } = await rotate(old.id, { overlap_seconds: 3600 });
    expect(next.username).not.toBe(old.username);
    expect(next.topic_prefix).toBe(old.topic_prefix);
    const [after, successor] = await Promise.all(
      [old.id, next.id].map(async (id) => (await api.call(owner, 'GET', `${at}/${id}`)).body),
    );
    expect(successor).toMatchObject({ replaces: old.id, label: 'meter', expires_at: null });
    expect(Date.parse(after.expires_at) - Date.now()).toBeGreaterThan(3_590_000);
    expect(Date.parse(after.expires_at) - Date.now()).toBeLessThan(3_610_000);
    await rotate(old.id, { overlap_seconds: 86_400 });
    expect((await api.call(owner, 'GET', `${at}/${old.id}`)).body.expires_at).toBe(after.expires_at);
    await rotate(old.id, { overlap_seconds: 0 });
    expect(Date.parse((await api.call(owner, 'GET', `${at}/${old.id}`)).body.expires_at)).toBeLessThanOrEqual(
      Date.now(),
    );
    await api.call(owner, 'PATCH', `${at}/${next.id}`, { disabled: true });
    expect((await rotate(next.id, {})).body.code).toBe('conflict');
  });
});

describe('lists', () => {
  it('come in pages that skip and repeat nothing, though all were made at once', async () => {
    const other = await api.organization(owner, 'Many');
    await api.database.pool.query(
      `insert into mqtt_credentials (organization_id, username, password_hash, topic_prefix)
       select $1::uuid, 'many_' || n, 'x', 'org_' || $1::text || '/devices/#' from generate_series(1, 25) n`,
      [other],
    );
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const { body } = await api.call(
        owner,
        'GET',
        `/api/v1/organizations/${other}/credentials?limit=10${query}`,
      );
      seen.push(...body.items.map((item: { username: string }) => item.username));
      cursor = body.next_cursor;
    } while (cursor);
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });
});

describe('an Idempotency-Key', () => {
  const keyed = (key: string) => ({ 'idempotency-key': key });
  const device = (name: string, key: string, client = owner) =>
    api.call(
      client,
      'POST',
      `/api/v1/organizations/${org}/devices`,
      { external_device_id: name },
      keyed(key),
    );

  it('makes a repeat answer as the first did', async () => {
    const first = await device('once', 'a');
    const again = await device('once', 'a');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await device('once', 'b')).body.code).toBe('conflict');
  });

  it('holds under a race', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => device('raced', 'race')));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it('is refused for another request', async () => {
    await device('one', 'c');
    const other = await device('two', 'c');
    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({
      code: 'idempotency_key_reused',
      errors: [{ field: 'header.idempotency-key' }],
    });
    expect((await make({ label: 'x' }, keyed('c'))).status).toBe(422);
  });

  it('is the caller’s own', async () => {
    const admin = await api.user('admin');
    await api.member(org, admin, 'admin');
    expect((await device('mine', 'd')).status).toBe(201);
    expect((await device('mine', 'd', admin)).body.code).toBe('conflict');
    expect((await device('yours', 'd', admin)).status).toBe(201);
  });

  it('is free again after a failure', async () => {
    await api.call(owner, 'POST', `/api/v1/organizations/${org}/devices`, { external_device_id: 'taken' });
    expect((await device('taken', 'e')).body.code).toBe('conflict');
    expect((await device('free', 'e')).status).toBe(201);
  });

  it('never shows a secret again, and makes no second one', async () => {
    const before = (await list()).length;
    const first = await make({ label: 'secret' }, keyed('f'));
    const again = await make({ label: 'secret' }, keyed('f'));
    expect(again.body.code).toBe('conflict');
    expect(again.body.detail).toContain(first.body.id);
    expect(await list()).toHaveLength(before + 1);
    const { rows } = await api.database.pool.query('select * from private.idempotency_keys');
    expect(JSON.stringify(rows)).not.toContain(first.body.password);
  });

  it('is forgotten after a day', async () => {
    await device('yesterday', 'g');
    await api.database.pool.query(
      `update private.idempotency_keys set created_at = now() - interval '25 hours'`,
    );
    expect((await device('today', 'g')).status).toBe(201);
  });
});
