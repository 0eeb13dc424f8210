import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyPassword } from '../../src/service/password.ts';
import { type Client, type TestApi, testApi } from '../support/api.ts';
import { testPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';

let api: TestApi;
let owner: Client;
let org: string;
let at: string;

beforeAll(async () => {
  api = await testApi();
  owner = await api.user('olga');
});
afterAll(() => api.close());
beforeEach(async () => {
  org = await api.organization(owner);
  at = `/api/v1/organizations/${org}`;
});

const call = (method: string, path: string, body?: unknown, headers = {}) =>
  api.call(owner, method, `${at}${path}`, body, headers);
const batch = (body: object, headers = {}) => call('POST', '/credentials/batch', body, headers);
const stored = async () =>
  (
    await api.database.pool.query(
      `select c.username, c.password_hash, c.label, c.topic_prefix, c.expires_at, d.external_device_id
         from mqtt_credentials c join devices d on d.id = c.device_id
        where c.organization_id = $1 order by d.external_device_id`,
      [org],
    )
  ).rows;

describe('many credentials', () => {
  it('are one a device, each for its own topics, and their passwords are stored as hashes', async () => {
    await call('POST', '/devices', { external_device_id: 'there' });
    const expires_at = new Date(Date.now() + 86_400_000).toISOString();
    const { status, body } = await batch({ external_device_ids: ['there', 'new', 'there'], expires_at });
    expect(status).toBe(201);
    expect(body.connect).toMatchObject({ mqtt: 'mqtt://localhost:1883' });
    const made = body.items.toSorted((a: { external_device_id: string }, b: { external_device_id: string }) =>
      a.external_device_id.localeCompare(b.external_device_id),
    );
    const rows = await stored();
    expect(rows).toMatchObject(
      ['new', 'there'].map((name, at) => ({
        external_device_id: name,
        label: name,
        username: made[at].username,
        topic_prefix: `org_${org}/devices/${name}/#`,
        expires_at: new Date(expires_at),
      })),
    );
    for (const [at, row] of rows.entries())
      expect(await verifyPassword(made[at].password, row.password_hash)).toBe(true);
    expect(new Set(made.map(({ password }: { password: string }) => password)).size).toBe(2);
  });

  it('are those of tagged devices, and a table where that is asked for', async () => {
    for (const name of ['a', 'b', 'c']) await call('POST', '/devices', { external_device_id: name });
    const { items } = (await call('GET', '/devices')).body;
    await call('POST', '/devices/tags', { device_ids: [items[0].id, items[2].id], add: ['roof'] });
    const answer = await api.app.request(`${at}/credentials/batch?format=csv`, {
      method: 'POST',
      headers: { ...owner.headers, origin: 'http://localhost:8080', 'content-type': 'application/json' },
      body: JSON.stringify({ tags: ['Roof'], label: 'Batch 7' }),
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [head, ...lines] = (await answer.text()).trim().split('\r\n');
    expect(head).toBe('external_device_id,username,password,topic_prefix');
    const rows = await stored();
    expect(rows.map(({ label }) => label)).toEqual(['Batch 7', 'Batch 7']);
    expect(lines.map((line) => line.split(',').with(2, ''))).toEqual(
      rows.map((row) => [row.external_device_id, row.username, '', row.topic_prefix]),
    );
    expect((await batch({ tags: ['nobody'] })).status).toBe(404);
  });

  it('are made once for each Idempotency-Key, and not shown again', async () => {
    const key = { 'idempotency-key': randomUUID() };
    expect((await batch({ external_device_ids: ['a'] }, key)).status).toBe(201);
    const again = await batch({ external_device_ids: ['a'] }, key);
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect(await stored()).toHaveLength(1);
  });

  it('are made for all devices or for none: within the limits', async () => {
    const { items } = (await call('GET', '/integrations')).body;
    await call('PATCH', `/integrations/${items[0].id}`, { device_limit: 1 });
    const refused = await batch({ external_device_ids: ['a', 'b'] });
    expect(refused).toMatchObject({ status: 429, body: { code: 'limit_reached' } });
    expect((await call('GET', '/devices')).body.items).toEqual([]);
  });

  it.each([
    [{}],
    [{ external_device_ids: [] }],
    [{ external_device_ids: ['a/b'] }],
    [{ external_device_ids: ['a'], tags: ['x'] }],
    [{ external_device_ids: Array.from({ length: 1001 }, (_, n) => `d${n}`) }],
  ])('are refused of what names no devices', async (body) => {
    expect((await batch(body)).status).toBe(400);
  });

  it('are for admins, and for one’s own organization', async () => {
    const member = await api.user(`member-${randomUUID()}`);
    await api.member(org, member, 'member');
    const asked = { external_device_ids: ['a'] };
    const path = `${at}/credentials/batch`;
    expect((await api.call(member, 'POST', path, asked)).status).toBe(403);
    const stranger = await api.user(`stranger-${randomUUID()}`);
    const theirs = await api.organization(stranger, 'Theirs');
    expect((await api.call(stranger, 'POST', path, asked)).status).toBe(404);
    await call('POST', '/devices', { external_device_id: 'mine' });
    const { items } = (await call('GET', '/devices')).body;
    await call('POST', '/devices/tags', { device_ids: [items[0].id], add: ['roof'] });
    const path2 = `/api/v1/organizations/${theirs}/credentials/batch`;
    expect((await api.call(stranger, 'POST', path2, { tags: ['roof'] })).status).toBe(404);
  });

  it('of a thousand devices let them in', async () => {
    const platform = await testPlatform();
    try {
      const names = Array.from({ length: 1000 }, (_, n) => `d${n}`);
      const path = `/api/v1/organizations/${platform.organizationId}/credentials/batch`;
      const { items } = (await (await platform.api('POST', path, { external_device_ids: names })).json()) as {
        items: { external_device_id: string; username: string; password: string }[];
      };
      expect(items).toHaveLength(1000);
      const { external_device_id: name, ...credential } = items[500]!;
      const client = await RawClient.connect(platform.mqttUrl, credential);
      await client.publish(`org_${platform.organizationId}/devices/${name}/telemetry`, '{"n":1}');
    } finally {
      await platform.close();
    }
  });
});
