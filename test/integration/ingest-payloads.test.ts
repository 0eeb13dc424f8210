import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** Payloads of real devices, and of broken ones, over MQTT into the rows that they become. */

let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;
let client: RawClient;

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
  credential = await tenant.credential();
  client = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'payloads' });
});
afterAll(() => platform.close());

interface Reading {
  telemetry: Record<string, unknown>;
  device_timestamp: Date | null;
  recorded_at: Date;
  received_at: Date;
  time_mark: string | null;
}
const readingsOf = (device: string) =>
  tenant.rows<Reading>(
    `select telemetry, device_timestamp, recorded_at, received_at, time_mark
       from device_telemetry_history h join devices d on d.id = h.device_id
      where d.organization_id = $1 and d.external_device_id = $2 order by h.received_at, h.recorded_at`,
    [device],
  );
const latestOf = async (device: string) => {
  const [row] = await tenant.rows<{ latest: Record<string, { value: unknown; recorded_at: string }> }>(
    `select latest from device_state s join devices d on d.id = s.device_id
      where d.organization_id = $1 and d.external_device_id = $2`,
    [device],
  );
  return row!.latest;
};

describe('what devices send', () => {
  const samples: {
    name: string;
    channel?: string;
    payload: string;
    readings: { values: Record<string, unknown>; at?: string }[];
  }[] = [
    {
      name: 'flat',
      payload: '{"temperature":21.5,"humidity":40,"door":"closed","alarm":false}',
      readings: [{ values: { temperature: 21.5, humidity: 40, door: 'closed', alarm: false } }],
    },
    {
      name: 'host-standard',
      payload:
        '{"id":"freezer-1","data":{"temperature":-18.2,"co2":612},"timestamp":"2026-11-20T12:13:20+01:00"}',
      readings: [{ values: { temperature: -18.2, co2: 612 }, at: '2026-11-20T11:13:20.000Z' }],
    },
    {
      name: 'thingsboard',
      payload:
        '[{"ts":1763900000000,"values":{"temperature":20.5}},{"ts":1763900001000,"values":{"temperature":20.6}}]',
      readings: [
        { values: { temperature: 20.5 }, at: '2025-11-23T12:13:20.000Z' },
        { values: { temperature: 20.6 }, at: '2025-11-23T12:13:21.000Z' },
      ],
    },
    {
      name: 'scalar',
      channel: 'telemetry/temperature',
      payload: '19.75',
      readings: [{ values: { temperature: 19.75 } }],
    },
    { name: 'bare', payload: '19.75', readings: [{ values: { value: 19.75 } }] },
    { name: 'boolean', channel: 'telemetry/door', payload: 'true', readings: [{ values: { door: true } }] },
    {
      name: 'nested',
      payload: '{"a":{"b":1,"c":[2,{"d":3}]},"e":null}',
      readings: [{ values: { 'a.b': 1, 'a.c.0': 2, 'a.c.1.d': 3 } }],
    },
    {
      name: 'extremes',
      payload: '{"most":1.7976931348623157e308,"least":5e-324,"text":"\\"\\\\ ü 温 😀","zero":-0}',
      readings: [{ values: { most: Number.MAX_VALUE, least: 5e-324, text: '"\\ ü 温 😀', zero: 0 } }],
    },
  ];
  test.each(samples)('$name', async ({ name, channel, payload, readings }) => {
    await client.publish(tenant.topic(name, channel), payload);
    const stored = await readingsOf(name);
    expect(stored.map(({ telemetry }) => telemetry)).toEqual(readings.map(({ values }) => values));
    stored.forEach((row, index) => {
      const { at } = readings[index]!;
      expect(row.device_timestamp?.toISOString()).toBe(at);
      expect(row.recorded_at.toISOString()).toBe(at ?? row.received_at.toISOString());
      expect(row.time_mark).toBeNull();
    });
    const values = Object.entries(readings.at(-1)!.values).map(([metric, value]) => [metric, { value }]);
    expect(await latestOf(name)).toMatchObject(Object.fromEntries(values));
  });
});

describe('what can’t be stored', () => {
  const deep = Buffer.from(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`).toString('base64');
  const long = Buffer.from(`{"x":${'9'.repeat(3000)}}`).toString('base64');
  const bad: [name: string, base64: string, reason: string][] = [
    ['nothing', '', 'empty_payload'],
    ['half an object', 'ew==', 'not_json'],
    ['null', 'bnVsbA==', 'no_values'],
    ['an empty list', 'W10=', 'no_values'],
    ['binary', 'AAEC', 'not_understood'],
    ['NaN', 'eyJ0ZW1wZXJhdHVyZSI6TmFOfQ==', 'not_json'],
    ['nested 500 deep', deep, 'too_deep'],
    ['__proto__', 'eyJfX3Byb3RvX18iOnsiYWRtaW4iOnRydWV9fQ==', 'not_understood'],
    ['NUL in a name', 'eyJ0XHUwMDAwIjoxfQ==', 'not_storable'],
    ['half a surrogate pair', 'eyJ4IjoiXHVkODNkIn0=', 'not_storable'],
    ['1e400', 'eyJ4IjoxZTQwMH0=', 'not_understood'],
    ['a number of 3000 digits', long, 'not_understood'],
    ['no UTF-8', '//57ImEiOjF9', 'not_utf8'],
    ['an empty name', 'eyIiOjF9', 'not_understood'],
    ['just text', 'Imp1c3QgdGV4dCI=', 'not_understood'],
  ];

  test('each is in quarantine with its reason and its bytes, and what stands between them is stored', async () => {
    const neighbour = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'neighbour' });
    const packets = bad.flatMap(([, base64], index) => [
      publishPacket(tenant.topic('bad'), Buffer.from(base64, 'base64'), { messageId: 2 * index + 1 }),
      publishPacket(tenant.topic('bad'), `{"n":${index}}`, { messageId: 2 * index + 2 }),
    ]);
    client.send(...packets);
    neighbour.send(
      ...bad.map((_, n) => publishPacket(tenant.topic('good'), `{"n":${n}}`, { messageId: n + 1 })),
    );
    for (const index of packets.keys()) {
      expect(await client.expect('puback')).toMatchObject({ messageId: index + 1 });
    }
    for (const index of bad.keys()) {
      expect(await neighbour.expect('puback')).toMatchObject({ messageId: index + 1 });
    }
    const rows = await tenant.rows<{ reason: string; base64: string }>(
      `select reason, replace(encode(payload, 'base64'), E'\\n', '') as base64, topic, external_device_id, qos, client_id
         from message_quarantine where organization_id = $1 and external_device_id = 'bad' order by received_at`,
    );
    expect(rows).toMatchObject(
      bad.map(([, base64, reason]) => ({
        reason,
        base64,
        topic: tenant.topic('bad'),
        external_device_id: 'bad',
        qos: 1,
        client_id: 'payloads',
      })),
    );
    const stored = bad.map((_, n) => ({ n }));
    expect((await readingsOf('bad')).map(({ telemetry }) => telemetry)).toEqual(stored);
    expect((await readingsOf('good')).map(({ telemetry }) => telemetry)).toEqual(stored);
    await neighbour.end();
  });

  test('with QoS 0 and 2 they are there as well', async () => {
    client.send(publishPacket(tenant.topic('bad0'), 'broken', { qos: 0 }));
    client.send(publishPacket(tenant.topic('bad2'), 'broken', { qos: 2, messageId: 77 }));
    await client.expect('pubrec');
    client.send({ cmd: 'pubrel', messageId: 77 });
    await client.expect('pubcomp');
    await eventually(async () =>
      expect(
        await tenant.rows(
          `select external_device_id as device, qos from message_quarantine
            where organization_id = $1 and external_device_id in ('bad0', 'bad2') order by 1`,
        ),
      ).toEqual([
        { device: 'bad0', qos: 0 },
        { device: 'bad2', qos: 2 },
      ]),
    );
  });

  test('a status that is none', async () => {
    await client.publish(tenant.topic('odd', 'status'), 'perhaps');
    expect(
      await tenant.rows(
        `select reason from message_quarantine where organization_id = $1 and external_device_id = 'odd'`,
      ),
    ).toEqual([{ reason: 'invalid_status' }]);
  });

  test('an empty retained message clears what is retained and is no reading', async () => {
    client.send(publishPacket(tenant.topic('cleared'), '{"n":1}', { retain: true, messageId: 5 }));
    await client.expect('puback');
    client.send(publishPacket(tenant.topic('cleared'), '', { retain: true, messageId: 6 }));
    await client.expect('puback');
    const late = await RawClient.connect(platform.mqttUrl, credential);
    await late.subscribe([tenant.topic('cleared', '#')]);
    await late.ping();
    expect(late.packets).toEqual([]);
    expect(await readingsOf('cleared')).toHaveLength(1);
    await late.end();
  });
});

describe('time', () => {
  const DAY = 86_400_000;
  const now = Date.now();
  const seconds = Math.floor(now / 1000);
  const cases: [name: string, stated: number | string, mark: string | null, at?: number][] = [
    ['seconds', seconds, null, seconds * 1000],
    ['milliseconds', now, null, now],
    ['microseconds', now * 1000, null, now],
    ['nanoseconds', now * 1_000_000, null, now],
    ['ISO', new Date(now).toISOString(), null, now],
    ['nine minutes ahead', now + 9 * 60_000, null, now + 9 * 60_000],
    ['an hour ahead', now + 3_600_000, 'ahead'],
    ['the year 2106', 4_294_967_295, 'ahead'],
    ['uptime', 86_400, 'before_2000'],
    ['zero', 0, 'before_2000'],
    ['1999', '1999-12-31T23:59:59Z', 'before_2000'],
    ['two years ago', now - 730 * DAY, null, now - 730 * DAY],
  ];
  test.each(cases)('%s', async (name, stated, mark, at) => {
    const device = name.replaceAll(' ', '-');
    await client.publish(tenant.topic(device), JSON.stringify({ ts: stated, n: 1 }));
    const [row] = await readingsOf(device);
    expect(row!.time_mark).toBe(mark);
    expect(row!.telemetry).toEqual({ n: 1 });
    expect(row!.recorded_at.getTime()).toBe(at ?? row!.received_at.getTime());
    expect(row!.device_timestamp).not.toBeNull();
  });

  test('older than everything that is kept: quarantined, whole', async () => {
    const old = JSON.stringify([
      { ts: now, n: 1 },
      { ts: now - 2000 * DAY, n: 2 },
    ]);
    await client.publish(tenant.topic('ancient'), old);
    expect(await readingsOf('ancient')).toEqual([]);
    expect(
      await tenant.rows(
        `select reason, convert_from(payload, 'utf8') as payload from message_quarantine
          where organization_id = $1 and external_device_id = 'ancient'`,
      ),
    ).toEqual([{ reason: 'too_old', payload: old }]);
  });

  test('latest is the newest by recorded_at, value by value, whatever came last', async () => {
    const send = (readings: object) => client.publish(tenant.topic('late'), JSON.stringify(readings));
    const at = (minutes: number) => now - minutes * 60_000;
    await send({ ts: at(5), a: 5, b: 5 });
    await send({ ts: at(9), a: 9, c: 9 });
    await send([
      { ts: at(1), a: 1 },
      { ts: at(2), a: 2, d: 2 },
    ]);
    await send({ ts: at(3), a: 3, b: 3 });
    await send({ ts: at(8), d: 8 });
    expect(await latestOf('late')).toMatchObject({
      a: { value: 1, recorded_at: expect.stringContaining(new Date(at(1)).toISOString().slice(0, 23)) },
      b: { value: 3 },
      c: { value: 9 },
      d: { value: 2 },
    });
    expect(await readingsOf('late')).toHaveLength(6);
  });

  test('the same within one batch', async () => {
    const at = (minutes: number) => now - minutes * 60_000;
    const order = [5, 1, 9, 3, 2];
    client.send(
      ...order.map((minutes, index) =>
        publishPacket(
          tenant.topic('mixed'),
          JSON.stringify({ ts: at(minutes), a: minutes, [`m${minutes}`]: 1 }),
          {
            messageId: index + 1,
          },
        ),
      ),
    );
    for (const index of order.keys())
      expect(await client.expect('puback')).toMatchObject({ messageId: index + 1 });
    const latest = await latestOf('mixed');
    expect(latest.a).toMatchObject({ value: 1 });
    expect(Object.keys(latest).sort()).toEqual(['a', 'm1', 'm2', 'm3', 'm5', 'm9']);
  });
});

test('an envelope that would multiply what stands beside its samples is refused', async () => {
  const beside = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`b${index}`, index]));
  const samples = Array.from({ length: 1000 }, (_, index) => ({ a: index }));
  await client.publish(tenant.topic('bomb'), JSON.stringify({ id: 'x', ...beside, data: samples }));
  expect(await readingsOf('bomb')).toEqual([]);
  expect(
    await tenant.rows(
      `select reason from message_quarantine where organization_id = $1 and external_device_id = 'bomb'`,
    ),
  ).toEqual([{ reason: 'too_many_values' }]);
});
