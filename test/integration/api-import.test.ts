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

const csv = { 'content-type': 'text/csv' };
const send = (text: string, client = owner, to = at) =>
  api.call(client, 'POST', `${to}/devices/import`, text, csv);
const preview = (text: string) => api.call(owner, 'POST', `${at}/devices/import?preview=true`, text, csv);
const devices = async () =>
  (await api.call(owner, 'GET', `${at}/devices?limit=500`)).body.items.map(
    ({ external_device_id, name, device_type_id, tags }: Record<string, unknown>) => ({
      external_device_id,
      name,
      device_type_id,
      tags,
    }),
  );
const type = async (name: string) =>
  (await api.call(owner, 'POST', `${at}/device-types`, { name })).body.id as string;

describe('an import', () => {
  it('makes and changes devices, and says beforehand what it will do', async () => {
    const fridge = await type('Fridge');
    await send('external_device_id,name,tags\na,Alpha,"old"\nb,Beta,keep\nsame,same,');
    const file = [
      '\ufeffexternal_device_id;Name;type;tags;last_seen_at',
      'a;;Fridge;Roof, north;yesterday',
      'b;Bravo;;keep;',
      'same;same;;;',
      'c;Gamma;Fridge;"roof;cold";',
      'd;;;;',
    ].join('\r\n');
    const expected = {
      created: 2,
      changed: 2,
      unchanged: 1,
      refused: 0,
      ignored_columns: ['last_seen_at'],
      lines: [
        { line: 2, external_device_id: 'a', outcome: 'changed', changes: ['type', 'tags'], reason: null },
        { line: 3, external_device_id: 'b', outcome: 'changed', changes: ['name'], reason: null },
        { line: 5, external_device_id: 'c', outcome: 'created', changes: [], reason: null },
        { line: 6, external_device_id: 'd', outcome: 'created', changes: [], reason: null },
      ],
    };
    const before = await devices();
    expect((await preview(file)).body).toEqual({ applied: false, ...expected });
    expect(await devices()).toEqual(before);
    expect((await send(file)).body).toEqual({ applied: true, ...expected });
    expect(await devices()).toEqual([
      { external_device_id: 'a', name: 'Alpha', device_type_id: fridge, tags: ['north', 'roof'] },
      { external_device_id: 'b', name: 'Bravo', device_type_id: null, tags: ['keep'] },
      { external_device_id: 'c', name: 'Gamma', device_type_id: fridge, tags: ['cold', 'roof'] },
      { external_device_id: 'd', name: 'd', device_type_id: null, tags: [] },
      { external_device_id: 'same', name: 'same', device_type_id: null, tags: [] },
    ]);
    expect((await send(file)).body).toMatchObject({ created: 0, changed: 0, unchanged: 5 });
  });

  it('of what was exported changes nothing', async () => {
    await type('Fridge');
    await send(`external_device_id,name,type,tags\na,"'=1+1",Fridge,"x, y"\nb,"with ""quotes"", and more",,`);
    const exported = await api.app.request(`${at}/devices/export`, { headers: owner.headers });
    const { body } = await send(await exported.text());
    expect(body).toMatchObject({ applied: true, created: 0, changed: 0, unchanged: 2, refused: 0 });
    expect(body.ignored_columns).toEqual(['presence', 'last_seen_at', 'created_at']);
  });

  it('refuses line by line with reasons, and then does nothing', async () => {
    const long = 'x'.repeat(201);
    const file = [
      'external_device_id,name,type,tags',
      'good,,,',
      'a/b,,,',
      ',nameless,,',
      `c,${long},,`,
      'd,,Unknown,',
      `e,,,${'t'.repeat(51)}`,
      'good,,,',
      'f,too,many,cells,here',
      'g,"never closed',
    ].join('\n');
    const { body } = await preview(file);
    expect(body).toMatchObject({ created: 1, refused: 8 });
    const reasons = body.lines.map(({ line, reason }: { line: number; reason: string }) => [line, reason]);
    expect(reasons.slice(1)).toEqual([
      [3, expect.stringContaining('may not hold / + #')],
      [4, 'external_device_id is missing'],
      [5, expect.stringMatching(/^name .*200/)],
      [6, 'there is no device type “Unknown”'],
      [7, expect.stringMatching(/^tags: one .*50/)],
      [8, 'stands on line 2 already'],
      [9, 'has more cells than there are columns'],
      [10, expect.stringMatching(/quoted field/)],
    ]);
    const refused = await send(file);
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(refused.body.errors[0]).toEqual({ field: 'body.line 3', message: expect.any(String) });
    expect(await devices()).toEqual([]);
  });

  it('keeps to the limits of devices, naming which', async () => {
    const { items } = (await api.call(owner, 'GET', `${at}/integrations`)).body;
    await api.call(owner, 'PATCH', `${at}/integrations/${items[0].id}`, { device_limit: 2 });
    const file = 'external_device_id\na\nb\nc';
    const { body } = await preview(file);
    expect(body).toMatchObject({ created: 2, refused: 1 });
    expect(body.lines[2].reason).toContain('device_limit');
    expect((await send(file)).status).toBe(400);
    expect((await send('external_device_id\na\nb')).status).toBe(200);
    await api.database.pool.query(
      `insert into organization_limits (organization_id, overrides) values ($1, '{"devices": 3}')`,
      [org],
    );
    await api.call(owner, 'PATCH', `${at}/integrations/${items[0].id}`, { device_limit: 1000 });
    expect((await preview('external_device_id\na\nc\nd')).body.lines.at(-1).reason).toContain(
      'devices_limit',
    );
  });

  it.each([
    ['a file without the column', 'name\nx', 400],
    ['nothing', '', 400],
    ['more lines than may be', `external_device_id\n${'x\n'.repeat(10_001)}`, 400],
    ['more bytes than may be', `external_device_id\n${'x'.repeat(2_100_000)}`, 413],
  ])('is not made of %s', async (_, text, status) => {
    expect((await send(text)).status).toBe(status);
  });

  it('takes CSV and nothing else', async () => {
    const json = await api.call(owner, 'POST', `${at}/devices/import`, { external_device_id: 'x' });
    expect(json).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    const elsewhere = await api.call(owner, 'POST', `${at}/devices`, 'external_device_id\nx', csv);
    expect(elsewhere.status).toBe(415);
  });

  it('of ten thousand lines is one transaction of seconds', async () => {
    const file = `external_device_id,tags\n${Array.from({ length: 10_000 }, (_, n) => `d${n},"roof,n${n}"`).join('\n')}`;
    expect((await send(file)).body).toMatchObject({ created: 10_000 });
    expect((await send(file.replaceAll('roof', 'attic'))).body).toMatchObject({ changed: 10_000 });
  });

  it('touches no device and sees no type of another organization', async () => {
    await type('Fridge');
    await send('external_device_id,name\na,Mine');
    const stranger = await api.user(`stranger-${randomUUID()}`);
    const theirs = `/api/v1/organizations/${await api.organization(stranger, 'Theirs')}`;
    const refused = await send('external_device_id,type\na,Fridge', stranger, theirs);
    expect(refused.status).toBe(400);
    expect((await send('external_device_id,name\na,Theirs', stranger, theirs)).body).toMatchObject({
      created: 1,
    });
    expect(await devices()).toMatchObject([{ name: 'Mine' }]);
  });
});
