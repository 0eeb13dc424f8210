import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type TestApi, testApi } from '../support/api.ts';

let api: TestApi;
let owner: Client;
let org: string;
/** The hour that readings of these tests lie in. */
const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000);
const second = (seconds: number) => new Date(hour.getTime() + seconds * 1000).toISOString();

beforeAll(async () => {
  api = await testApi();
  owner = await api.user('olga');
  org = await api.organization(owner);
});
afterAll(() => api.close());

async function device(name: string): Promise<string> {
  const { body } = await api.call(owner, 'POST', `/api/v1/organizations/${org}/devices`, {
    external_device_id: name,
  });
  return body.id;
}

async function store(
  deviceId: string,
  readings: { at: string; key?: number; values: object }[],
): Promise<void> {
  await api.database.pool.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
     select $1, $2, r.at, r.at, coalesce(r.key, 0), r."values" from jsonb_to_recordset($3) as r (at timestamptz, key bigint, "values" jsonb)`,
    [org, deviceId, JSON.stringify(readings)],
  );
}

async function read(deviceId: string, query: Record<string, string | number>) {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return (
    await api.call(owner, 'GET', `/api/v1/organizations/${org}/devices/${deviceId}/telemetry?${search}`)
  ).body;
}

async function readAll(deviceId: string, query: Record<string, string | number>) {
  const items = [];
  let page = await read(deviceId, query);
  const { resolution } = page;
  for (;;) {
    items.push(...page.items);
    expect(page.resolution).toBe(resolution);
    if (!page.next_cursor) return { items, resolution };
    page = await read(deviceId, { ...query, cursor: page.next_cursor });
  }
}

describe('raw readings', () => {
  it('come newest first, and pages skip and repeat none of the same microsecond', async () => {
    const id = await device('same-time');
    const at = second(0).replace('.000Z', '.123456Z');
    await store(
      id,
      Array.from({ length: 25 }, (_, n) => ({ at, key: (n - 12) * 10 ** 15, values: { n } })),
    );
    await store(id, [{ at: at.replace('456Z', '457Z'), values: { n: 25 } }]);
    const { items } = await readAll(id, { limit: 7, from: second(0) });
    expect(items.map(({ telemetry }) => telemetry.n)).toEqual(Array.from({ length: 26 }, (_, n) => 25 - n));
    expect(items[1]).toEqual({
      recorded_at: at,
      received_at: at,
      device_timestamp: null,
      time_mark: null,
      telemetry: { n: 24 },
    });
  });

  it('of a span begin with `from` and end before `to`', async () => {
    const id = await device('span');
    await store(
      id,
      [0, 1, 2, 3].map((n) => ({ at: second(n), values: { n } })),
    );
    const { items } = await read(id, { from: second(1), to: second(3) });
    expect(items.map((item: { telemetry: object }) => item.telemetry)).toEqual([{ n: 2 }, { n: 1 }]);
    expect((await read(id, { from: second(3), to: second(1) })).errors[0].field).toBe('query.from');
    expect((await read(id, { from: 'yesterday' })).errors[0].field).toBe('query.from');
    expect((await read(id, { from: '0000-01-01T00:00:00Z' })).code).toBe('invalid_request');
  });

  it('are of the last 24 hours when nothing is said, those ahead of time included', async () => {
    const id = await device('default');
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    await store(id, [
      { at: at(-25 * 60), values: { n: 1 } },
      { at: at(-1), values: { n: 2 } },
      { at: at(5), values: { n: 3 } },
    ]);
    const { items } = await read(id, {});
    expect(items.map((item: { telemetry: { n: number } }) => item.telemetry.n)).toEqual([3, 2]);
  });

  it('can be asked for some metrics only', async () => {
    const id = await device('metrics');
    await store(id, [
      { at: second(1), values: { a: 1, b: 2, 'c.d': 'x' } },
      { at: second(2), values: { b: 3 } },
    ]);
    const { items } = await read(id, { metrics: 'a,c.d', from: second(0) });
    expect(items.map((item: { telemetry: object }) => item.telemetry)).toEqual([{ a: 1, 'c.d': 'x' }]);
  });
});

describe('rolled up readings', () => {
  it('count, bound and average the numbers of each bucket', async () => {
    const id = await device('rollup');
    await store(id, [
      { at: second(0), values: { t: 1, on: true } },
      { at: second(10), values: { t: 5, word: 'x' } },
      { at: second(59.5), values: { t: 3 } },
      { at: second(60), values: { t: -1, h: 50 } },
      { at: second(600), values: { word: 'y' } },
    ]);
    const { items, next_cursor } = await read(id, { resolution: '1m', from: second(0), to: second(3600) });
    expect(next_cursor).toBeNull();
    expect(items).toEqual([
      {
        bucket: second(60).replace('.000Z', '.000000Z'),
        metrics: {
          h: { count: 1, min: 50, max: 50, mean: 50, last: 50 },
          t: { count: 1, min: -1, max: -1, mean: -1, last: -1 },
        },
      },
      {
        bucket: second(0).replace('.000Z', '.000000Z'),
        metrics: { t: { count: 3, min: 1, max: 5, mean: 3, last: 3 } },
      },
    ]);
    const day = await read(id, { resolution: '1d', metrics: 't', from: second(-86_400) });
    expect(Object.keys(day.items[0].metrics)).toEqual(['t']);
    expect(day.items[0].bucket).toMatch(/T00:00:00\.000000Z$/);
  });

  it('come in pages', async () => {
    const id = await device('pages');
    await store(
      id,
      Array.from({ length: 30 }, (_, n) => ({ at: second(n * 60), values: { n } })),
    );
    const { items } = await readAll(id, { resolution: '1m', limit: 7, from: second(0) });
    expect(items.map(({ metrics }) => metrics.n.last)).toEqual(Array.from({ length: 30 }, (_, n) => 29 - n));
  });

  it('survive values that a sum could not hold', async () => {
    const id = await device('huge');
    await store(
      id,
      [1.7e308, 1.7e308, -1.7e308, 1e200, -1e200, 7].map((t, n) => ({ at: second(n), values: { t } })),
    );
    const { items } = await read(id, { resolution: '1h', from: second(0) });
    expect(items[0].metrics.t).toMatchObject({ count: 3, max: 1e200, min: -1e200, last: 7 });
  });

  it('refuse more buckets than anybody looks at', async () => {
    const id = await device('bounded');
    const from = new Date(hour.getTime() - 60 * 86_400_000).toISOString();
    const refused = await read(id, { resolution: '1m', from });
    expect(refused).toMatchObject({ code: 'invalid_request', errors: [{ field: 'query.from' }] });
    expect((await read(id, { resolution: '1h', from })).items).toEqual([]);
  });

  it('are chosen by `auto` as fine as 2,000 points allow, for all pages', async () => {
    const id = await device('auto');
    await store(
      id,
      Array.from({ length: 2000 }, (_, n) => ({ at: second(n), values: { n } })),
    );
    const few = await readAll(id, { resolution: 'auto', from: second(0), to: second(3600), limit: 900 });
    expect([few.resolution, few.items.length]).toEqual(['raw', 2000]);
    await store(id, [{ at: second(2000), values: { n: 2000 } }]);
    const many = await readAll(id, { resolution: 'auto', from: second(0), to: second(3600), limit: 10 });
    expect([many.resolution, many.items.length]).toEqual(['1m', 34]);
    const from = (days: number) => new Date(hour.getTime() - days * 86_400_000).toISOString();
    expect((await read(id, { resolution: 'auto', from: from(3) })).resolution).toBe('1h');
    expect((await read(id, { resolution: 'auto', from: from(300) })).resolution).toBe('1d');
    const within = { resolution: 'auto', from: second(0), to: second(3600) };
    expect((await read(id, { ...within, points: 2001 })).resolution).toBe('raw');
    expect((await read(id, { ...within, points: 59 })).resolution).toBe('1h');
    expect((await read(id, { ...within, points: 10_001 })).errors[0].field).toBe('query.points');
  });

  it('are by the hour at the finest where readings are gone', async () => {
    const id = await device('outlived');
    await api.database.pool.query(`select private.ensure_rollup_partitions('2021-03-01')`);
    await api.database.pool.query(
      `insert into device_telemetry_1h values ($1, $2, '2021-03-01T05:00:00Z', 2, '{"t": [2, 1, 4, 5, 4, 1614577000]}')`,
      [org, id],
    );
    const span = { from: '2021-03-01T00:00:00Z', to: '2021-03-02T00:00:00Z' };
    const { items, resolution } = await read(id, { resolution: 'auto', ...span });
    expect(resolution).toBe('1h');
    expect(items).toEqual([
      {
        bucket: '2021-03-01T05:00:00.000000Z',
        metrics: { t: { count: 2, min: 1, max: 4, mean: 2.5, last: 4 } },
      },
    ]);
  });

  it('don’t take the cursor of another kind of list', async () => {
    const id = await device('cursors');
    await store(
      id,
      [1, 2].map((n) => ({ at: second(n), values: { n } })),
    );
    const raw = await read(id, { limit: 1, from: second(0) });
    const other = await read(id, { limit: 1, from: second(0), resolution: '1m', cursor: raw.next_cursor });
    // The page goes on as it began.
    expect(other.resolution).toBe('raw');
    expect((await read(id, { cursor: '{"resolution":"raw","at":"x","key":"1"}' })).errors[0].field).toBe(
      'query.cursor',
    );
  });
});
