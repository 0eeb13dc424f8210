import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, type TestApi, testApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { testPlatform } from '../support/platform.ts';

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

const get = (path: string, client = owner) => api.app.request(`${at}${path}`, { headers: client.headers });
const text = async (path: string) => (await get(path)).text();

async function device(name: string, more: { tags?: string[]; called?: string } = {}): Promise<string> {
  const { rows } = await api.database.pool.query(
    `insert into devices (organization_id, external_device_id, name, tags) values ($1, $2, $3, $4) returning id`,
    [org, name, more.called ?? name, more.tags ?? []],
  );
  return rows[0].id;
}

/** Readings a second apart from the start of 2026-11-01 on. */
async function readings(deviceId: string, telemetry: object[]): Promise<void> {
  const { pool } = api.database;
  await pool.query(`select private.ensure_history_partition('2026-11-01')`);
  await pool.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
     select $1, $2, '2026-11-01T00:00:00Z'::timestamptz + n * interval '1 second', '2026-11-20T00:00:00Z', n, t
       from jsonb_array_elements($3) with ordinality as given (t, n)`,
    [org, deviceId, JSON.stringify(telemetry)],
  );
  await pool.query(
    `update device_state set latest = latest || coalesce((select jsonb_object_agg(e.key, jsonb_build_object('value', e.value))
         from jsonb_array_elements($2) t, jsonb_each(t) e), '{}') where device_id = $1`,
    [deviceId, JSON.stringify(telemetry)],
  );
}
const all = 'from=2026-10-01T00:00:00Z&to=2026-12-01T00:00:00Z';
const second = (n: number) => `2026-11-01T00:00:0${n}.000000Z`;
const received = '2026-11-20T00:00:00.000000Z';

describe('readings as a file', () => {
  it('have a column for each metric, oldest first, and nothing that a spreadsheet calculates', async () => {
    const id = await device('fridge-1');
    await readings(id, [{ t: 4.5, door: false }, { t: -5, note: '=HYPERLINK("http://x")' }, { '=k': 1 }]);
    const answer = await get(`/devices/${id}/telemetry/export?${all}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('x-expected-rows')).toBe('3');
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="fridge-1 2026-10-01 to 2026-12-01.csv"; filename*=UTF-8''fridge-1%202026-10-01%20to%202026-12-01.csv`,
    );
    expect(await answer.text()).toBe(
      [
        `external_device_id,recorded_at,received_at,device_timestamp,"'=k",door,note,t`,
        `fridge-1,${second(1)},${received},,,false,,4.5`,
        `fridge-1,${second(2)},${received},,,,"'=HYPERLINK(""http://x"")",-5`,
        `fridge-1,${second(3)},${received},,1,,,`,
        '',
      ].join('\r\n'),
    );
  });

  it('are those of the span, with the metrics that are named', async () => {
    const id = await device('a');
    await readings(id, [{ t: 1 }, { h: 2 }, { t: 3, h: 3 }, { t: 4 }]);
    const span = `from=${second(2)}&to=${second(4)}`;
    const lines = (await text(`/devices/${id}/telemetry/export?${span}&metrics=t`)).trim().split('\r\n');
    expect(lines).toEqual([
      'external_device_id,recorded_at,received_at,device_timestamp,t',
      `a,${second(3)},${received},,3`,
    ]);
    expect((await get(`/devices/${id}/telemetry/export?from=${second(4)}&to=${second(2)}`)).status).toBe(400);
  });

  it('are JSON by the line, of several devices', async () => {
    const [b, a] = [await device('b', { tags: ['roof'] }), await device('a', { tags: ['roof'] })];
    const c = await device('c');
    for (const [n, id] of [a, b, c].entries()) await readings(id, [{ n }]);
    const line = (name: string, n: number) =>
      JSON.stringify({
        external_device_id: name,
        recorded_at: second(1),
        received_at: received,
        device_timestamp: null,
        telemetry: { n },
      });
    const asked = `format=ndjson&${all}`;
    const expected = `${line('a', 0)}\n${line('b', 1)}\n`;
    expect(await text(`/telemetry/export?${asked}&device=${b}&device=${a!.toUpperCase()}`)).toBe(expected);
    expect(await text(`/telemetry/export?${asked}&tag=ROOF`)).toBe(expected);
    expect((await get(`/telemetry/export?${asked}`)).status).toBe(400);
    expect((await get(`/telemetry/export?${asked}&tag=roof&device=${a}`)).status).toBe(400);
    expect((await get(`/telemetry/export?${asked}&device=${a}&device=${randomUUID()}`)).status).toBe(404);
  });

  it('are all there, each once, however many and whatever their size', async () => {
    const id = await device('large');
    const many = Array.from({ length: 30_000 }, (_, n) => ({
      n,
      ...(n % 5000 === 7 && { long: 'x'.repeat(100_000) }),
    }));
    await readings(id, many);
    const lines = (await text(`/devices/${id}/telemetry/export?${all}&format=ndjson`)).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).telemetry.n)).toEqual(many.map(({ n }) => n));
  });

  it('are of a hundred devices at most', async () => {
    await api.database.pool.query(
      `insert into devices (organization_id, external_device_id, name, tags)
       select $1, n::text, n::text, '{many}' from generate_series(1, 101) n`,
      [org],
    );
    expect(await (await get(`/telemetry/export?tag=many`)).json()).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('100 devices'),
    });
  });

  it('of more metrics than a table has room for are JSON, or those that are named', async () => {
    const id = await device('wide');
    await readings(id, [Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`m${n}`, n]))]);
    const path = `/devices/${id}/telemetry/export?${all}`;
    expect((await get(path)).status).toBe(400);
    expect((await get(`${path}&format=ndjson`)).status).toBe(200);
    expect(await text(`${path}&metrics=m7`)).toContain(',7\r\n');
  });

  it('are five files at once; one that ended, or was cancelled, makes room', async () => {
    const id = await device('slow');
    await readings(
      id,
      Array.from({ length: 500 }, (_, n) => ({ n })),
    );
    const open = () => get(`/devices/${id}/telemetry/export?${all}`);
    const files = [await open(), await open(), await open(), await open(), await open()];
    const refused = await open();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: 'too_many_requests' });
    await files[0]!.body!.cancel();
    expect((await open()).status).toBe(200);
    expect((await open()).status).toBe(429);
    await files[1]!.text();
    await (await open()).text();
  });

  it('take no room when only their headers are asked for', async () => {
    const path = `${at}/devices/export`;
    for (let n = 0; n < 6; n += 1) {
      const { status, headers } = await api.app.request(path, { method: 'HEAD', headers: owner.headers });
      expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    }
  });

  it('break off when the caller may not read them any more', async () => {
    const id = await device('left');
    await readings(
      id,
      Array.from({ length: 500 }, (_, n) => ({ n })),
    );
    const leaving = await api.user(`leaving-${randomUUID()}`);
    await api.member(org, leaving, 'viewer');
    const reader = (await get(`/devices/${id}/telemetry/export?${all}`, leaving)).body!.getReader();
    await reader.read();
    await api.database.pool.query('delete from organization_members where user_id = $1', [leaving.userId]);
    await expect(
      (async () => {
        while (!(await reader.read()).done) {}
      })(),
    ).rejects.toThrow();
  });

  it('of another organization are not there', async () => {
    const id = await device('mine', { tags: ['roof'] });
    await readings(id, [{ secret: 42 }]);
    const stranger = await api.user(`stranger-${randomUUID()}`);
    const theirs = await api.organization(stranger, 'Theirs');
    const path = `/api/v1/organizations/${theirs}`;
    for (const asked of [`/devices/${id}/telemetry/export?${all}`, `/telemetry/export?${all}&device=${id}`]) {
      const answer = await api.app.request(`${path}${asked}`, { headers: stranger.headers });
      expect(answer.status).toBe(404);
    }
    const tagged = await api.app.request(`${path}/telemetry/export?${all}&tag=roof`, {
      headers: stranger.headers,
    });
    expect(await tagged.text()).not.toContain('42');
  });
});

describe('devices as a file', () => {
  it('are those that a list with the same filters holds', async () => {
    const { body: type } = await api.call(owner, 'POST', `${at}/device-types`, { name: 'Fridge' });
    await device('b', { called: '=1+1', tags: ['north', 'roof'] });
    await api.database.pool.query('update devices set device_type_id = $1 where organization_id = $2', [
      type.id,
      org,
    ]);
    await device('a');
    const answer = await get('/devices/export');
    expect(answer.headers.get('content-disposition')).toContain('filename="devices.csv"');
    const lines = (await answer.text()).trim().split('\r\n');
    expect(lines.map((line) => line.replace(/,[^,]*$/, ''))).toEqual([
      'external_device_id,name,type,tags,presence,last_seen_at',
      'a,a,,,unknown,',
      `b,"'=1+1",Fridge,"north, roof",unknown,`,
    ]);
    expect((await text('/devices/export?tag=roof')).trim().split('\r\n')).toHaveLength(2);
    expect((await text('/devices/export?search=nobody')).trim().split('\r\n')).toHaveLength(1);
  });

  it('are all there', async () => {
    await api.database.pool.query(
      `insert into devices (organization_id, external_device_id, name)
       select $1, 'd-' || lpad(n::text, 4, '0'), 'x' from generate_series(1, 1000) n`,
      [org],
    );
    const lines = (await text('/devices/export')).trim().split('\r\n').slice(1);
    expect(lines.map((line) => line.slice(0, 6))).toEqual(
      Array.from({ length: 1000 }, (_, n) => `d-${String(n + 1).padStart(4, '0')}`),
    );
  });
});

it('over the network ends when its client goes away', async () => {
  const platform = await testPlatform();
  try {
    const { organizationId, test } = platform;
    const { rows } = await test.pool.query(
      `insert into devices (organization_id, external_device_id, name) values ($1, 'd', 'd') returning id`,
      [organizationId],
    );
    // More than sockets hold.
    await test.pool.query(
      `insert into device_telemetry_history (organization_id, device_id, recorded_at, message_key, telemetry)
       select $1, $2, now() - n * interval '1 second', n, jsonb_build_object('long', repeat('x', 10000))
         from generate_series(1, 3000) n`,
      [organizationId, rows[0].id],
    );
    const path = `/api/v1/organizations/${organizationId}/devices/${rows[0].id}/telemetry/export?format=ndjson`;
    const { cookie } = await signedIn(platform.url);
    const open = async () => {
      const abort = new AbortController();
      const answer = await fetch(`${platform.url}${path}`, { headers: { cookie }, signal: abort.signal });
      return { answer, abort };
    };
    const files = [await open(), await open(), await open(), await open(), await open()];
    expect(files.map(({ answer }) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    expect((await open()).answer.status).toBe(429);
    for (const { abort } of files) abort.abort();
    await eventually(async () => expect((await open()).answer.status).toBe(200));
  } finally {
    await platform.close();
  }
});

async function signedIn(url: string): Promise<{ cookie: string }> {
  const answer = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'owner@example.com', password: 'correct horse battery' }),
  });
  return {
    cookie: answer.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
  };
}
