import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type TestApi, testApi } from '../support/api.ts';

let api: TestApi;
let owner: Client;
let org: string;
let at: string;

beforeAll(async () => {
  api = await testApi();
  owner = await api.user('olga');
  org = await api.organization(owner);
  at = `/api/v1/organizations/${org}/devices`;
  await api.database.pool.query(
    `insert into devices (organization_id, external_device_id, name)
     select $1, 'meter-' || lpad(n::text, 3, '0'), case when n % 2 = 0 then 'Süd 50%' else 'Nord_' || n end
       from generate_series(1, 120) n`,
    [org],
  );
});
afterAll(() => api.close());

const get = async (query = '') => (await api.call(owner, 'GET', `${at}${query}`)).body;
const names = (page: { items: { external_device_id: string }[] }) =>
  page.items.map(({ external_device_id }) => external_device_id);

describe('devices', () => {
  it('come in pages by external_device_id', async () => {
    const seen: string[] = [];
    let page = await get('?limit=50');
    for (;;) {
      seen.push(...names(page));
      if (!page.next_cursor) break;
      page = await get(`?limit=50&cursor=${encodeURIComponent(page.next_cursor)}`);
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => `meter-${String(n + 1).padStart(3, '0')}`));
    expect((await get('?limit=120')).next_cursor).toBeNull();
  });

  it('look as the contract says', async () => {
    const [device] = (await get('?limit=1')).items;
    expect(device).toEqual({
      id: expect.any(String),
      external_device_id: 'meter-001',
      name: 'Nord_1',
      integration_id: null,
      device_type_id: null,
      tags: [],
      presence: 'unknown',
      presence_since: expect.any(String),
      presence_reason: 'never_seen',
      last_seen_at: null,
      usual_interval_ms: null,
      latest: {},
      created_at: expect.any(String),
    });
    expect((await api.call(owner, 'GET', `${at}/${device.id}`)).body).toEqual(device);
  });

  it('are found by part of a name or id, in any case, wildcards being letters', async () => {
    expect(names(await get('?search=METER-01&limit=500'))).toHaveLength(10);
    expect(names(await get(`?search=${encodeURIComponent('süd')}&limit=500`))).toHaveLength(60);
    expect(names(await get(`?search=${encodeURIComponent('%')}&limit=500`))).toHaveLength(60);
    expect(names(await get('?search=_&limit=500'))).toHaveLength(60);
    expect(names(await get(`?search=${encodeURIComponent('\\')}`))).toEqual([]);
    expect(names(await get('?external_device_id=meter-007'))).toEqual(['meter-007']);
    expect(names(await get('?external_device_id=meter'))).toEqual([]);
  });

  it('are filtered by presence', async () => {
    await api.database.pool.query(
      `update device_state set presence = 'online' from devices d
        where d.id = device_id and d.organization_id = $1 and d.external_device_id in ('meter-002', 'meter-004')`,
      [org],
    );
    expect(names(await get('?presence=online'))).toEqual(['meter-002', 'meter-004']);
    expect(names(await get('?presence=online&search=004'))).toEqual(['meter-004']);
    const { body } = await api.call(owner, 'GET', `/api/v1/organizations/${org}/overview`);
    expect(body.devices).toEqual({ total: 120, online: 2, late: 0, offline: 0, unknown: 118 });
  });

  it('are registered, renamed and deleted with all that they sent', async () => {
    const made = await api.call(owner, 'POST', at, { external_device_id: 'probe', name: ' Probe ' });
    expect(made.body).toMatchObject({
      external_device_id: 'probe',
      name: 'Probe',
      integration_id: expect.any(String),
    });
    const again = await api.call(owner, 'POST', at, { external_device_id: 'probe' });
    expect(again.body).toMatchObject({ code: 'conflict', errors: [{ field: 'body.external_device_id' }] });
    const one = `${at}/${made.body.id}`;
    expect((await api.call(owner, 'PATCH', one, { name: 'Sonde' })).body.name).toBe('Sonde');
    const { pool } = api.database;
    await pool.query(
      `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
       values ($1, $2, now(), now(), 1, '{"a":1}')`,
      [org, made.body.id],
    );
    expect((await api.call(owner, 'DELETE', one)).status).toBe(204);
    expect((await api.call(owner, 'GET', one)).status).toBe(404);
    expect((await api.call(owner, 'GET', `${one}/telemetry`)).status).toBe(404);
    const { rows } = await pool.query('select from device_telemetry_history where device_id = $1', [
      made.body.id,
    ]);
    expect(rows).toEqual([]);
  });

  it('are limited in number, and the refusal names the limit', async () => {
    const small = await api.organization(owner, 'Small');
    const { items } = (await api.call(owner, 'GET', `/api/v1/organizations/${small}/integrations`)).body;
    const change = { device_limit: 1, decoder: 'json' };
    const changed = await api.call(
      owner,
      'PATCH',
      `/api/v1/organizations/${small}/integrations/${items[0].id}`,
      change,
    );
    expect(changed.body).toMatchObject(change);
    const register = (name: string) =>
      api.call(owner, 'POST', `/api/v1/organizations/${small}/devices`, { external_device_id: name });
    expect((await register('first')).status).toBe(201);
    const refused = await register('second');
    expect(refused.body).toMatchObject({
      code: 'limit_reached',
      detail: expect.stringContaining('device_limit'),
    });
    const credential = await api.call(owner, 'POST', `/api/v1/organizations/${small}/credentials`, {
      external_device_id: 'second',
    });
    expect(credential.body.code).toBe('limit_reached');
  });
});

describe('raw messages', () => {
  it('are text where they are UTF-8, whole or cut, and base64 otherwise', async () => {
    const { body: device } = await api.call(owner, 'POST', at, { external_device_id: 'talker' });
    const kept = Buffer.from('ä'.repeat(3000)).subarray(0, 4095);
    const messages: [Buffer, number][] = [
      [Buffer.from('{"t":1}'), 7],
      [kept, 6000],
      [Buffer.from([0xff, 0x00, 0x80]), 3],
      [kept, 4095],
    ];
    for (const [index, [payload, size]] of messages.entries()) {
      await api.database.pool.query(
        `insert into device_messages (device_id, organization_id, received_at, topic, payload, payload_bytes, qos, retain, outcome)
         values ($1, $2, now() + $3 * interval '1 second', 't', $4, $5, 1, false, 'stored')`,
        [device.id, org, -index, payload, size],
      );
    }
    const { items } = (await api.call(owner, 'GET', `${at}/${device.id}/messages`)).body;
    expect(items.map((item: { payload: string }) => item.payload?.slice(0, 7))).toEqual([
      '{"t":1}',
      'äääääää',
      undefined,
      undefined,
    ]);
    expect(items[0]).toMatchObject({
      payload_base64: null,
      payload_bytes: 7,
      outcome: 'stored',
      readings: 0,
    });
    expect(items[2].payload_base64).toBe('/wCA');
  });

  it('in quarantine are cut in the list, whole by themselves, and discarded', async () => {
    const quarantine = `/api/v1/organizations/${org}/quarantine`;
    await api.database.pool.query(
      `insert into message_quarantine (organization_id, external_device_id, topic, payload, qos, retain, reason, received_at)
       select $1, 'x', 't', convert_to(repeat('x', 5000), 'UTF8'), 1, false,
              case when n > 3 then 'not_json' else 'empty_payload' end, '2026-01-01T00:00:00Z'
         from generate_series(1, 5) n`,
      [org],
    );
    const page = (await api.call(owner, 'GET', `${quarantine}?limit=3`)).body;
    expect(page.items[0]).toMatchObject({ payload: 'x'.repeat(4096), payload_bytes: 5000 });
    const cursor = encodeURIComponent(page.next_cursor);
    const rest = (await api.call(owner, 'GET', `${quarantine}?limit=3&cursor=${cursor}`)).body;
    const ids = [...page.items, ...rest.items].map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(5);
    expect(rest.next_cursor).toBeNull();
    expect((await api.call(owner, 'GET', `${quarantine}?reason=not_json`)).body.items).toHaveLength(2);
    const one = (await api.call(owner, 'GET', `${quarantine}/${ids[0]}`)).body;
    expect(one.payload).toHaveLength(5000);
    expect((await api.call(owner, 'DELETE', `${quarantine}/${ids[0]}`)).status).toBe(204);
    expect((await api.call(owner, 'GET', `${quarantine}/${ids[0]}`)).status).toBe(404);
    expect((await api.call(owner, 'GET', `/api/v1/organizations/${org}/overview`)).body.quarantined).toBe(4);
  });
});

describe('an integration', () => {
  it('shows its activity in pages and its receipts', async () => {
    const other = await api.organization(owner, 'Busy');
    const { items } = (await api.call(owner, 'GET', `/api/v1/organizations/${other}/integrations`)).body;
    const hosted = `/api/v1/organizations/${other}/integrations/${items[0].id}`;
    expect(items).toEqual([
      {
        id: expect.any(String),
        name: 'Hosted broker',
        integration_type: 'mqtt_hosted',
        mode: null,
        enabled: true,
        decoder: 'auto',
        decoder_settings: null,
        expected_topics: [],
        webhook_url: null,
        webhook: null,
        broker: null,
        commands: null,
        status: null,
        auto_register: true,
        device_limit: 100_000,
        created_at: expect.any(String),
        last_message_at: null,
        messages_per_minute: 0,
        failed_share: null,
      },
    ]);
    await api.database.pool.query(
      `insert into integration_activity_log (organization_id, integration_id, occurred_at, event, detail)
       select $1, $2, now(), 'connected', n::text from generate_series(1, 12) n`,
      [other, items[0].id],
    );
    await api.database.pool.query(
      `insert into message_receipts (organization_id, integration_id, received_at, outcome, topic)
       select $1, $2, now(), 'duplicate', n::text from generate_series(1, 120) n`,
      [other, items[0].id],
    );
    const first = (await api.call(owner, 'GET', `${hosted}/activity?limit=7`)).body;
    const rest = (await api.call(owner, 'GET', `${hosted}/activity?limit=7&cursor=${first.next_cursor}`))
      .body;
    const details = [...first.items, ...rest.items].map(({ detail }: { detail: string }) => detail);
    expect(details).toEqual(Array.from({ length: 12 }, (_, n) => String(12 - n)));
    const receipts = (await api.call(owner, 'GET', `${hosted}/receipts`)).body.items;
    expect(receipts).toHaveLength(100);
    expect(receipts[0]).toMatchObject({ topic: '120', outcome: 'duplicate', reason: null });
  });
});

describe('the overview', () => {
  it('tells the rate of the last minute and the traffic of the last hour', async () => {
    const busy = await api.organization(owner, 'Traffic');
    await api.database.pool.query(
      `insert into integration_traffic (integration_id, organization_id, minute, stored, rejected)
       select id, $1, date_trunc('minute', now()) - m * interval '1 minute', 600, 60
         from device_integrations, generate_series(0, 70) m where organization_id = $1`,
      [busy],
    );
    const { body } = await api.call(owner, 'GET', `/api/v1/organizations/${busy}/overview`);
    // Between one whole minute of 660 and, as this minute ends, two.
    expect(body.messages_per_second).toBeGreaterThanOrEqual(11);
    expect(body.messages_per_second).toBeLessThanOrEqual(22);
    expect(body.traffic.length).toBeGreaterThanOrEqual(60);
    expect(body.traffic.length).toBeLessThanOrEqual(61);
    expect(body.traffic.at(-1)).toEqual({
      minute: expect.stringMatching(/:00\.000000Z$/),
      stored: 600,
      duplicate: 0,
      quarantined: 0,
      rejected: 60,
    });
    expect(body.broker).toEqual({ healthy: true, engine: 'embedded', version: '1' });
    expect(body.database).toMatchObject({ healthy: true, version: expect.stringMatching(/^\d+\./) });
  });

  it('stands beside where devices connect', async () => {
    const { body } = await api.call(owner, 'GET', `/api/v1/organizations/${org}/connection`);
    expect(body).toMatchObject({ mqtt: 'mqtt://localhost:1883', topic_prefix: `org_${org}/devices/` });
  });
});
