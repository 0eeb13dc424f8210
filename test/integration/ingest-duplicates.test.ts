import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** No loss and no duplicate row. Resends across a reconnect, one by one, are in `resends.test.ts`. */

let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;
let device = '';
let next = 0;

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
  credential = await tenant.credential();
});
afterAll(() => platform.close());
beforeEach(() => {
  device = `device-${next++}`;
});

interface Sent {
  payload: string;
  id?: number;
  dup?: boolean;
  qos?: 0 | 1 | 2;
  channel?: string;
}

/** Publishes one after another, each acknowledged before the next, in one connection. */
async function publish(messages: Sent[], clientId = device): Promise<void> {
  const client = await RawClient.connect(platform.mqttUrl, credential, { clientId });
  for (const { payload, id = 1, dup = false, qos = 1, channel } of messages) {
    client.send(publishPacket(tenant.topic(device, channel), payload, { messageId: id, dup, qos }));
    if (qos === 2) {
      await client.expect('pubrec');
      client.send({ cmd: 'pubrel', messageId: id });
      await client.expect('pubcomp');
    } else if (qos === 1) await client.expect('puback');
  }
  await client.end();
}

/** The device's readings in the order of arrival. */
async function readings(): Promise<unknown[]> {
  const rows = await tenant.rows<{ telemetry: unknown }>(
    `select telemetry from device_telemetry_history h join devices d on d.id = h.device_id
      where d.organization_id = $1 and d.external_device_id = $2 order by h.received_at, h.recorded_at`,
    [device],
  );
  return rows.map(({ telemetry }) => telemetry);
}

/** Duplicates that were recorded of the device's client. */
async function duplicates(): Promise<number> {
  const rows = await tenant.rows(
    `select from message_receipts where organization_id = $1 and client_id = $2 and outcome = 'duplicate'`,
    [device],
  );
  return rows.length;
}

const a = '{"n":1}';
const b = '{"n":2}';
const now = Date.now();
const timed = (n: number, ts = now) => JSON.stringify({ ts, n });

describe('by device time', () => {
  test('the same message again is a duplicate, DUP or not, by whatever client, and counted', async () => {
    await publish([
      { payload: timed(1) },
      { payload: timed(1), id: 2 },
      { payload: timed(1), id: 3, dup: true },
    ]);
    await publish([{ payload: timed(1), id: 9, qos: 0 }]);
    await eventually(async () => expect(await duplicates()).toBe(3));
    expect(await readings()).toEqual([{ n: 1 }]);
  });

  test('also when both are in one batch', async () => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: device });
    const ids = Array.from({ length: 50 }, (_, index) => index + 1);
    client.send(
      ...ids.map((messageId) => publishPacket(tenant.topic(device), timed(messageId % 10), { messageId })),
    );
    for (const messageId of ids) expect(await client.expect('puback')).toMatchObject({ messageId });
    await client.end();
    expect(await readings()).toHaveLength(10);
    await eventually(async () => expect(await duplicates()).toBe(40));
    const [messages] = await tenant.rows<{ outcomes: string[] }>(
      `select array_agg(outcome order by received_at) as outcomes from device_messages m
         join devices d on d.id = m.device_id where d.organization_id = $1 and d.external_device_id = $2`,
      [device],
    );
    expect(messages!.outcomes).toEqual(Array.from({ length: 20 }, () => 'duplicate'));
  });

  test('two readings in one millisecond are both kept', async () => {
    await publish([{ payload: timed(1) }, { payload: timed(2) }]);
    expect(await readings()).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('two samples of one message with one time are both kept, and the message again is none', async () => {
    const samples = JSON.stringify([
      { ts: now, n: 1 },
      { ts: now, n: 1 },
    ]);
    await publish([{ payload: samples }, { payload: samples, id: 2 }]);
    expect(await readings()).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test('the same bytes on another topic, or of another time, are another reading', async () => {
    await publish([
      { payload: timed(1) },
      { payload: timed(1), channel: 'telemetry/second' },
      { payload: timed(1, now - 1) },
    ]);
    expect(await readings()).toHaveLength(3);
  });

  test('a message of which one reading is new is stored', async () => {
    const half = (extra: object) => JSON.stringify([{ ts: now, n: 1 }, extra]);
    await publish([{ payload: half({ n: 2 }) }, { payload: half({ n: 2 }), id: 2 }]);
    expect(await readings()).toHaveLength(3);
    await new Promise(setImmediate);
    expect(await duplicates()).toBe(0);
  });
});

describe('by packet id and DUP', () => {
  const cases: [string, Sent[], unknown[]][] = [
    ['no id, no time, no DUP: a new reading', [{ payload: a }, { payload: a }], [{ n: 1 }, { n: 1 }]],
    ['DUP of the last use', [{ payload: a }, { payload: a, dup: true }], [{ n: 1 }]],
    [
      'DUP of the last use, three times',
      [{ payload: a }, { payload: a, dup: true }, { payload: a, dup: true }],
      [{ n: 1 }],
    ],
    ['DUP of something that never came', [{ payload: a, dup: true }], [{ n: 1 }]],
    ['DUP with another payload', [{ payload: a }, { payload: b, dup: true }], [{ n: 1 }, { n: 2 }]],
    ['DUP under another id', [{ payload: a }, { payload: a, id: 2, dup: true }], [{ n: 1 }, { n: 1 }]],
    [
      'DUP on another topic',
      [{ payload: a }, { payload: a, dup: true, channel: 'telemetry/x' }],
      [{ n: 1 }, { n: 1 }],
    ],
    [
      'alternating payloads under one id',
      [{ payload: a }, { payload: b, dup: true }, { payload: a, dup: true }, { payload: b, dup: true }],
      [{ n: 1 }, { n: 2 }, { n: 1 }, { n: 2 }],
    ],
    [
      'DUP of what the id was used for before a message with a time',
      [{ payload: a }, { payload: timed(5) }, { payload: a, dup: true }],
      [{ n: 1 }, { n: 5 }, { n: 1 }],
    ],
    [
      'DUP of what the id was used for before a status',
      [{ payload: a }, { payload: 'online', channel: 'status' }, { payload: a, dup: true }],
      [{ n: 1 }, { n: 1 }],
    ],
    [
      'DUP of QoS 2',
      [
        { payload: a, qos: 2 },
        { payload: a, qos: 2, dup: true },
      ],
      [{ n: 1 }],
    ],
    [
      'QoS 0 has no ids',
      [
        { payload: a, qos: 0 },
        { payload: a, dup: true },
      ],
      [{ n: 1 }, { n: 1 }],
    ],
  ];

  test.each(cases)('%s', async (_, messages, expected) => {
    await publish(messages);
    expect(await readings()).toEqual(expected);
  });

  test.each(cases)('%s, each in a connection of its own', async (_, messages, expected) => {
    for (const message of messages) await publish([message]);
    expect(await readings()).toEqual(expected);
  });

  test('another client’s packet ids are its own', async () => {
    await publish([{ payload: a }], 'one');
    await publish([{ payload: a, dup: true }], 'two');
    expect(await readings()).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test('all of it in one segment, so in one batch', async () => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: device });
    const send = (payload: string, messageId: number, dup: boolean) =>
      publishPacket(tenant.topic(device), payload, { messageId, dup });
    client.send(
      send(a, 1, false),
      send(b, 2, false),
      send(a, 3, true),
      send(b, 2, true),
      send(a, 1, true),
      send(b, 1, true),
      send(a, 1, true),
    );
    // Those that say the same as what is not answered yet are answered with it.
    for (const messageId of [1, 2, 3, 1, 1]) {
      expect(await client.expect('puback')).toMatchObject({ messageId });
    }
    await client.end();
    expect(await readings()).toEqual([{ n: 1 }, { n: 2 }, { n: 1 }, { n: 2 }, { n: 1 }]);
    await eventually(async () => expect(await duplicates()).toBe(2));
  });
});
