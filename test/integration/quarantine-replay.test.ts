import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { stallStore } from '../support/outage.ts';
import { newPlatform, type TestPlatform, testPlatform } from '../support/platform.ts';
import { otherTenant } from '../support/tenant.ts';
import { execute } from '../support/test-server.ts';

let platform: TestPlatform;
let organization: string;

beforeAll(async () => {
  platform = await testPlatform();
  organization = `/api/v1/organizations/${platform.organizationId}`;
});
afterAll(() => platform?.close());

interface Webhook {
  id: string;
  webhook_url: string;
  token: string;
}
interface Replayed {
  stored: number;
  duplicate: number;
  quarantined: number;
  remaining: number;
  next_cursor: string | null;
}

const template = {
  fields: [
    { name: 'ts', type: 'uint32', offset: 0 },
    { name: 'temperature', type: 'int16', offset: 4, scale: 0.1 },
  ],
};
/** A temperature in tenths, with a time or without. */
const binary = (tenths: number, seconds?: number) => {
  const bytes = Buffer.alloc(6, 0xff);
  bytes.writeUInt32BE(seconds ?? 0, 0);
  bytes.writeInt16BE(tenths, 4);
  return bytes;
};

async function json<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const response = await platform.api(method, path, body);
  expect(response.ok, await response.clone().text()).toBe(true);
  return (await response.json()) as Body;
}

const webhook = (settings: object = {}) =>
  json<Webhook>('POST', `${organization}/integrations`, {
    name: 'Plant',
    mode: 'webhook',
    expected_topics: ['devices/+/telemetry'],
    decoder: 'json',
    ...settings,
  });
const change = (integration: { id: string }, settings: object) =>
  json('PATCH', `${organization}/integrations/${integration.id}`, settings);
const replay = (body: object = {}) => json<Replayed>('POST', `${organization}/quarantine/replay`, body);

/** One message each, in quarantine when this resolves. */
async function post(to: Webhook, device: string, payloads: Buffer[], topic = `devices/${device}/telemetry`) {
  const messages = payloads.map((payload) => ({ topic, payload_base64: payload.toString('base64') }));
  const response = await fetch(to.webhook_url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${to.token}` },
    body: JSON.stringify({ messages }),
  });
  const { receipts } = (await response.json()) as { receipts: { outcome: string }[] };
  expect(receipts.map(({ outcome }) => outcome)).toEqual(payloads.map(() => 'quarantined'));
}

async function rows<Row>(sql: string, values: unknown[]): Promise<Row[]> {
  return (await platform.test.pool.query(sql, values)).rows as Row[];
}
const readings = (device: string) =>
  rows<{ telemetry: object; recorded_at: Date; received_at: Date; device_timestamp: Date | null }>(
    `select h.telemetry, h.recorded_at, h.received_at, h.device_timestamp
       from device_telemetry_history h join devices d on d.id = h.device_id
      where d.organization_id = $1 and d.external_device_id = $2 order by h.received_at`,
    [platform.organizationId, device],
  );
const quarantined = (integration: { id: string }) =>
  rows<{ id: string; reason: string; detail: string; received_at: Date }>(
    `select id, reason, detail, received_at from message_quarantine where integration_id = $1
      order by message_quarantine.received_at`,
    [integration.id],
  );

describe('a decoder that was wrong', () => {
  test('once it is right, what waits is stored with its own times, once', async () => {
    const plant = await webhook();
    await post(plant, 'boiler', [binary(215, 1_763_900_000), binary(216), binary(217)]);
    const waiting = await quarantined(plant);
    await change(plant, { decoder: 'hex', decoder_settings: template });
    const ids = waiting.map(({ id }) => id);
    expect(await replay({ ids })).toEqual({
      stored: 3,
      duplicate: 0,
      quarantined: 0,
      remaining: 0,
      next_cursor: null,
    });
    expect(await quarantined(plant)).toEqual([]);
    const stored = await readings('boiler');
    expect(stored.map(({ telemetry }) => telemetry)).toEqual([
      { temperature: 21.5 },
      { temperature: 21.6 },
      { temperature: 21.7 },
    ]);
    // The device's time where it is believed, else when it came: not when it was replayed.
    expect(stored[0]!.recorded_at).toEqual(new Date(1_763_900_000_000));
    expect(stored[1]!.recorded_at).toEqual(waiting[1]!.received_at);
    expect(stored.map((row) => row.received_at)).toEqual(waiting.map((row) => row.received_at));

    expect(await replay({ ids })).toMatchObject({ stored: 0, duplicate: 0, quarantined: 0 });
    expect(await readings('boiler')).toHaveLength(3);
  });

  test('what is still not understood stays where it is, with the reason of now', async () => {
    const plant = await webhook();
    await post(plant, 'kiln', [binary(-1), Buffer.from('[1,')]);
    const before = await quarantined(plant);
    expect(before.map(({ reason }) => reason)).toEqual(['not_utf8', 'not_json']);
    await change(plant, { decoder: 'hex', decoder_settings: template });
    const replayed = await replay({ ids: before.map(({ id }) => id) });
    expect(replayed).toMatchObject({ stored: 1, quarantined: 1 });
    const [left, ...others] = await quarantined(plant);
    expect(others).toEqual([]);
    expect(left).toMatchObject({ id: before[1]!.id, reason: 'not_understood' });
    expect(left!.received_at).toEqual(before[1]!.received_at);
    // And is replayed as well when that helps, though it was tried before.
    await change(plant, {
      decoder: 'hex',
      decoder_settings: { fields: [{ name: 'n', type: 'uint8', offset: 1 }] },
    });
    expect(await replay({ ids: [left!.id] })).toMatchObject({ stored: 1, quarantined: 0 });
    expect((await readings('kiln')).at(-1)).toMatchObject({ telemetry: { n: 0x31 } });
  });

  test('the hosted broker’s too, and by reason', async () => {
    const { username, password } = await platform.credential();
    const client = await connectAsync(platform.mqttUrl, { username, password, clientId: 'oven' });
    const topic = `org_${platform.organizationId}/devices/oven/telemetry`;
    await client.publishAsync(topic, '{"temperature":', { qos: 1 });
    await client.publishAsync(topic, binary(-300), { qos: 1 });
    const { items } = await json<{ items: { id: string; integration_type: string }[] }>(
      'GET',
      `${organization}/integrations`,
    );
    const hosted = items.find((item) => item.integration_type === 'mqtt_hosted')!;
    await change(hosted, { decoder: 'hex', decoder_settings: template });
    expect(await replay({ reason: 'not_utf8' })).toMatchObject({ stored: 1, quarantined: 0, remaining: 0 });
    expect(await readings('oven')).toMatchObject([{ telemetry: { temperature: -30 } }]);
    expect(await quarantined(hosted)).toMatchObject([{ reason: 'not_json' }]);
    await change(hosted, { decoder: 'auto' });
    await client.endAsync();
  });

  test('by an expression, which runs elsewhere', async () => {
    const plant = await webhook();
    await post(plant, 'mixer', [Buffer.from('a=7')]);
    await change(plant, {
      decoder: 'expression',
      decoder_settings: { expression: '{"a": $number($substringAfter(payload, "="))}' },
    });
    const [{ id } = { id: '' }] = await quarantined(plant);
    expect(await replay({ ids: [id] })).toMatchObject({ stored: 1 });
    expect(await readings('mixer')).toMatchObject([{ telemetry: { a: 7 } }]);
  });
});

describe('where a message came from', () => {
  const wait = (integration: { id: string }, row: { topic: string; receivedAt?: Date }) =>
    rows<{ id: string }>(
      `insert into message_quarantine (organization_id, integration_id, topic, payload, qos, retain, reason, received_at)
       values ($1, $2, $3, '{"n":5}', 1, false, 'not_json', $4) returning id`,
      [platform.organizationId, integration.id, row.topic, row.receivedAt ?? new Date()],
    );

  test('what a bridge brought has its broker’s topics below the prefix', async () => {
    const bridge = await webhook({ mode: 'bridge' });
    const topic = `org_${platform.organizationId}/devices/devices/press-3/telemetry`;
    const [waiting] = await wait(bridge, { topic });
    expect(await replay({ ids: [waiting!.id] })).toMatchObject({ stored: 1 });
    expect(await readings('press-3')).toMatchObject([{ telemetry: { n: 5 } }]);
    const [elsewhere] = await wait(bridge, { topic: 'elsewhere' });
    expect(await replay({ ids: [elsewhere!.id] })).toMatchObject({ quarantined: 1 });
    expect(await quarantined(bridge)).toMatchObject([{ reason: 'topic_not_expected' }]);
  });

  test('what is older than all that is kept stays', async () => {
    const plant = await webhook();
    const topic = 'devices/press-4/telemetry';
    const [waiting] = await wait(plant, { topic, receivedAt: new Date('2009-01-01T00:00:00Z') });
    expect(await replay({ ids: [waiting!.id] })).toMatchObject({ stored: 0, quarantined: 1 });
    expect(await quarantined(plant)).toMatchObject([{ reason: 'too_old' }]);
  });
});

describe('a topic that was not expected', () => {
  test('is stored once it is, by its own decoder', async () => {
    const plant = await webhook();
    await post(plant, '', [binary(215)], 'halls/3/press-9/raw');
    const [waiting] = await quarantined(plant);
    expect(waiting).toMatchObject({ reason: 'topic_not_expected' });
    await change(plant, {
      expected_topics: [
        'devices/+/telemetry',
        { topic: 'halls/+/{device}/raw', decoder: 'hex', decoder_settings: template },
      ],
    });
    expect(await replay({ ids: [waiting!.id] })).toMatchObject({ stored: 1 });
    expect(await readings('press-9')).toMatchObject([{ telemetry: { temperature: 21.5 } }]);
  });
});

describe('devices', () => {
  test('are registered by a replay, within the limit of today', async () => {
    const plant = await webhook({ auto_register: false });
    const messages = ['new-1', 'new-2'];
    for (const device of messages) await post(plant, device, [Buffer.from('{"n":1}')]);
    const ids = (await quarantined(plant)).map(({ id }) => id);
    expect(await replay({ ids })).toMatchObject({ stored: 0, quarantined: 2 });
    await change(plant, { auto_register: true, device_limit: 1 });
    expect(await replay({ ids })).toMatchObject({ stored: 1, quarantined: 1 });
    expect(await quarantined(plant)).toMatchObject([{ reason: 'device_limit' }]);
    expect(await readings('new-1')).toHaveLength(1);
    expect(await readings('new-2')).toHaveLength(0);
  });

  test('are no more there for an old message, and their newest value stays the latest', async () => {
    const plant = await webhook();
    await post(plant, 'fridge', [Buffer.from('{"n":')]);
    await json('POST', `${organization}/devices`, { external_device_id: 'fridge' }).catch(() => {});
    await platform.test.pool.query(
      `update message_quarantine set payload = '{"n":1}', received_at = now() - interval '3 days'
        where integration_id = $1`,
      [plant.id],
    );
    await platform.test.pool.query(
      `update device_state set presence = 'offline', presence_since = now() - interval '1 day',
              last_message_at = now() - interval '1 day', newest_recorded_at = now() - interval '1 day',
              latest = jsonb_build_object('n', jsonb_build_object('value', 2, 'recorded_at',
                to_char(now() at time zone 'utc' - interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
        where device_id = (select id from devices where external_device_id = 'fridge')`,
    );
    const [{ id } = { id: '' }] = await quarantined(plant);
    expect(await replay({ ids: [id] })).toMatchObject({ stored: 1 });
    const [state] = await rows<{ presence: string; n: number; age: number }>(
      `select presence, (latest -> 'n' ->> 'value')::int as n,
              extract(epoch from now() - last_message_at)::int / 3600 as age
         from device_state s join devices d on d.id = s.device_id where d.external_device_id = $1`,
      ['fridge'],
    );
    expect(state).toEqual({ presence: 'offline', n: 2, age: 24 });
  });

  test('show among their last messages that it was stored after all', async () => {
    const plant = await webhook();
    await json('POST', `${organization}/devices`, { external_device_id: 'lamp' });
    await post(plant, 'lamp', [binary(1)]);
    const outcome = () =>
      rows<{ outcome: string; readings: number }>(
        `select m.outcome, m.readings from device_messages m join devices d on d.id = m.device_id
          where d.external_device_id = 'lamp'`,
        [],
      );
    await eventually(async () => expect(await outcome()).toEqual([{ outcome: 'quarantined', readings: 0 }]));
    await change(plant, { decoder: 'hex', decoder_settings: template });
    await replay({ ids: (await quarantined(plant)).map(({ id }) => id) });
    expect(await outcome()).toEqual([{ outcome: 'stored', readings: 1 }]);
  });
});

describe('whatever happens meanwhile', () => {
  test('the database goes away: every message is stored once or waits as before', async () => {
    const plant = await webhook();
    const payloads = Array.from({ length: 40 }, (_, n) => Buffer.from(`{"n":${n}`));
    await post(plant, 'pump', payloads);
    await platform.test.pool.query(
      `update message_quarantine set payload = payload || '}'::bytea where integration_id = $1`,
      [plant.id],
    );
    const ids = (await quarantined(plant)).map(({ id }) => id);
    let answer: Promise<Response> | undefined;
    const letGo = await stallStore(platform.test, () => {
      answer = platform.api('POST', `${organization}/quarantine/replay`, { ids });
    });
    // In the middle of the transaction, with the rows locked; and nobody gets in for a while.
    const { connection, pool } = platform.test;
    const server = { ...connection, database: 'postgres' };
    await execute(server, `alter database ${connection.database} allow_connections false`);
    const { rowCount } = await pool.query(
      `select pg_terminate_backend(pid) from pg_locks where relation = 'device_state'::regclass and not granted`,
    );
    expect(rowCount).toBeGreaterThan(0);
    await letGo();
    await execute(server, `alter database ${connection.database} allow_connections true`);
    const response = await answer!;
    expect([200, 503]).toContain(response.status);
    if (response.status === 503) await replay({ ids });
    expect(await quarantined(plant)).toEqual([]);
    const stored = (await readings('pump')).map(({ telemetry }) => (telemetry as { n: number }).n);
    expect(stored.sort((a, b) => a - b)).toEqual(payloads.map((_, n) => n));
  });

  test('two processes replay the same at once: it is stored once', async () => {
    const plant = await webhook();
    await post(plant, 'fan', [binary(1), binary(2)]);
    await change(plant, { decoder: 'hex', decoder_settings: template });
    const ids = (await quarantined(plant)).map(({ id }) => id);
    const { key } = await json<{ key: string }>('POST', `${organization}/api-keys`, {
      name: 'replays',
      role: 'member',
    });
    const other = await newPlatform({}, { ...platform.test, close: async () => {} });
    const ask = async ({ url }: { url: string }) => {
      const response = await fetch(`${url}${organization}/quarantine/replay`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ids }),
      });
      return (await response.json()) as Replayed;
    };
    let first: Promise<Replayed> | undefined;
    const letGo = await stallStore(platform.test, () => {
      first = ask(platform);
    });
    const second = ask(other);
    // The second has read the rows, and waits for what the first makes of them.
    await eventually(async () => {
      const { rowCount } = await platform.test.pool.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            and query like '%message_quarantine%for update%'`,
      );
      expect(rowCount).toBe(1);
    });
    await letGo();
    expect(await first).toMatchObject({ stored: 2, duplicate: 0 });
    expect(await second).toMatchObject({ stored: 0, duplicate: 2 });
    expect(await readings('fan')).toHaveLength(2);
    expect(await quarantined(plant)).toEqual([]);
    await other.close();
  });

  test('more than one request takes: page by page, also past those that stay', async () => {
    const plant = await webhook();
    for (let count = 0; count < 2; count += 1) {
      await post(
        plant,
        'press',
        Array.from({ length: 300 }, () => Buffer.from('{')),
      );
    }
    await platform.test.pool.query(
      `update message_quarantine set reason = 'too_long' where integration_id = $1`,
      [plant.id],
    );
    const first = await replay({ reason: 'too_long' });
    expect(first).toMatchObject({ quarantined: 500, remaining: 100 });
    const rest = await replay({ reason: 'too_long', cursor: first.next_cursor });
    expect(rest).toMatchObject({ quarantined: 100, remaining: 0, next_cursor: null });
    expect(await quarantined(plant)).toHaveLength(600);
  });

  test('ids of another organization are nothing', async () => {
    const tenant = await otherTenant(platform);
    const [theirs] = await tenant.rows<{ id: string }>(
      `insert into message_quarantine (organization_id, topic, payload, qos, retain, reason, received_at)
       values ($1, 't', '{}', 1, false, 'not_json', now()) returning id`,
    );
    expect(await replay({ ids: [theirs!.id] })).toMatchObject({ stored: 0, duplicate: 0, quarantined: 0 });
    const left = await tenant.rows('select id from message_quarantine where organization_id = $1');
    expect(left).toHaveLength(1);
  });
});

describe('a preview', () => {
  const preview = (body: object) =>
    json<{ readings: object[]; reason: string | null; detail: string }>(
      'POST',
      `${organization}/quarantine/preview`,
      { topic: 'devices/boiler/telemetry', ...body },
    );
  const base64 = (payload: Buffer | string) => Buffer.from(payload).toString('base64');

  test.each([
    ['hex', template, binary(215, 9), [{ time: 9, values: { temperature: 21.5 } }]],
    ['json', undefined, '{"a":{"b":1}}', [{ time: null, values: { 'a.b': 1 } }]],
    ['value', undefined, '7', [{ time: null, values: { value: 7 } }]],
    ['expression', { expression: '{"a": payload.b}' }, '{"b":2}', [{ time: null, values: { a: 2 } }]],
  ])('by %s', async (decoder, settings, payload, expected) => {
    const body = { decoder, decoder_settings: settings, payload_base64: base64(payload) };
    expect(await preview(body)).toEqual({ readings: expected, reason: null, detail: '' });
  });

  test('says why there is nothing', async () => {
    expect(await preview({ decoder: 'json', payload_base64: base64('{') })).toMatchObject({
      readings: [],
      reason: 'not_json',
    });
    const refused = await platform.api('POST', `${organization}/quarantine/preview`, {
      decoder: 'hex',
      decoder_settings: { fields: [{ name: 'a', type: 'int8', offset: 0, bit: 9 }] },
      topic: 't',
      payload_base64: '',
    });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('field 0');
  });
});

test('the overview says when quarantine is full', async () => {
  const overview = () =>
    json<{ quarantine_limit: number; quarantine_full: boolean }>('GET', `${organization}/overview`);
  expect(await overview()).toMatchObject({ quarantine_limit: 20_000, quarantine_full: false });
  await platform.test.pool.query(
    `insert into message_quarantine (organization_id, topic, payload, qos, retain, reason, received_at)
     select $1, 't', '', 0, false, 'not_json', now() from generate_series(1, 20000)`,
    [platform.organizationId],
  );
  expect(await overview()).toMatchObject({ quarantine_full: true });
});
