import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, type TestApi, testApi } from '../support/api.ts';

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

const call = (method: string, path: string, body?: unknown) => api.call(owner, method, `${at}${path}`, body);

async function device(name: string, tags?: string[]): Promise<string> {
  const { id } = (await call('POST', '/devices', { external_device_id: name })).body;
  if (tags) expect((await call('PATCH', `/devices/${id}`, { tags })).status).toBe(200);
  return id;
}
const namesWith = async (query: string) =>
  (await call('GET', `/devices${query}`)).body.items.map(
    (found: { external_device_id: string }) => found.external_device_id,
  );

describe('tags', () => {
  it('are kept trimmed, in lower case, each once and in order', async () => {
    const id = await device('a', [' Roof ', 'ÖST', 'roof', 'b']);
    expect((await call('GET', `/devices/${id}`)).body.tags).toEqual(['b', 'roof', 'öst']);
    expect((await call('PATCH', `/devices/${id}`, { name: 'A' })).body.tags).toEqual(['b', 'roof', 'öst']);
    expect((await call('PATCH', `/devices/${id}`, { tags: [] })).body.tags).toEqual([]);
  });

  it('narrow the list, all that are asked for together, in any case', async () => {
    await device('a', ['roof', 'north']);
    await device('b', ['roof']);
    await device('c');
    expect(await namesWith('?tag=ROOF')).toEqual(['a', 'b']);
    expect(await namesWith('?tag=roof&tag=north')).toEqual(['a']);
    expect(await namesWith('?tag=roof&search=b')).toEqual(['b']);
    expect(await namesWith('?tag=elsewhere')).toEqual([]);
    expect((await call('GET', '/devices?tag=')).status).toBe(400);
    expect((await call('GET', `/devices?${'tag=a&'.repeat(21)}`)).status).toBe(400);
  });

  it('are listed with how many devices have them', async () => {
    await device('a', ['roof', 'north']);
    await device('b', ['roof']);
    expect((await call('GET', '/tags')).body.items).toEqual([
      { tag: 'north', device_count: 1 },
      { tag: 'roof', device_count: 2 },
    ]);
  });

  it('are added to and taken off many at once', async () => {
    const [a, b] = [await device('a', ['old']), await device('b', ['new', 'other'])];
    const { status, body } = await call('POST', '/devices/tags', {
      device_ids: [a, b!.toUpperCase(), a],
      add: ['New', 'more'],
      remove: ['OLD', 'other'],
    });
    expect(status).toBe(200);
    const tags = ['more', 'new'];
    expect(new Set(body.items)).toEqual(new Set([a, b].map((id) => ({ id, tags }))));
    expect(await namesWith('?tag=more')).toEqual(['a', 'b']);
  });

  it('change on all of the devices or on none', async () => {
    const full = await device(
      'full',
      Array.from({ length: 20 }, (_, n) => `t${n}`),
    );
    const free = await device('free');
    const refused = await call('POST', '/devices/tags', { device_ids: [free, full], add: ['one more'] });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(refused.body.detail).toContain('20 tags');
    const gone = await call('POST', '/devices/tags', { device_ids: [free, randomUUID()], add: ['x'] });
    expect(gone).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await call('GET', '/tags')).body.items).toHaveLength(20);
  });

  it.each([
    ['one that is empty', ['  ']],
    ['one that is too long', ['x'.repeat(51)]],
    ['one with a control character', ['a\u0007b']],
    ['one with a comma', ['a,b']],
    ['one with a semicolon', ['a;b']],
    ['half a surrogate pair', ['\ud800']],
    ['more than twenty', Array.from({ length: 21 }, (_, n) => `t${n}`)],
  ])('are refused: %s', async (_, tags) => {
    const id = await device('a');
    expect((await call('PATCH', `/devices/${id}`, { tags })).status).toBe(400);
    const added = await call('POST', '/devices/tags', { device_ids: [id], add: tags });
    expect(added).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('are refused of a request that names none', async () => {
    const id = await device('a');
    expect((await call('POST', '/devices/tags', { device_ids: [id] })).status).toBe(400);
  });

  it('are held to the same by the database, whoever writes them', async () => {
    const id = await device('a');
    const write = (tags: (string | null)[]) =>
      api.database.pool.query('update devices set tags = $2 where id = $1', [id, tags]);
    for (const tags of [['Roof'], [''], [' a'], ['a,b'], ['a', 'a'], [null], ['x'.repeat(51)]])
      await expect(write(tags)).rejects.toThrow('devices_tags_check');
    await write(['roof']);
  });

  it('of another organization’s devices are neither seen nor changed', async () => {
    const stranger = await api.user(`stranger-${randomUUID()}`);
    const theirs = await api.organization(stranger, 'Theirs');
    const mine = await device('mine', ['roof']);
    const path = `/api/v1/organizations/${theirs}`;
    const changed = await api.call(stranger, 'POST', `${path}/devices/tags`, {
      device_ids: [mine],
      add: ['taken'],
    });
    expect(changed.status).toBe(404);
    expect((await api.call(stranger, 'GET', `${path}/tags`)).body.items).toEqual([]);
    expect((await call('GET', `/devices/${mine}`)).body.tags).toEqual(['roof']);
  });

  it('that changed are announced, and what stays the same is not', async () => {
    const id = await device('a', ['roof']);
    const client = await api.database.pool.connect();
    try {
      const heard: object[] = [];
      client.on('notification', ({ payload }) => heard.push(JSON.parse(payload!)));
      await client.query('listen changes');
      await call('PATCH', `/devices/${id}`, { tags: ['roof'] });
      await call('PATCH', `/devices/${id}`, { tags: ['attic'] });
      await call('PATCH', `/devices/${id}`, { name: 'Another' });
      // What was announced before comes with the answer.
      await client.query('select 1');
      const announced = { table: 'devices', operation: 'update', id, organization_id: org };
      expect(heard).toMatchObject([announced, announced]);
    } finally {
      client.release(true);
    }
  });
});
