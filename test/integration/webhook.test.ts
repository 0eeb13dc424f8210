import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { sign } from '../../src/service/signature.ts';
import { databaseAway, stallStore } from '../support/outage.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { badPayloads, payloadOf, payloadSamples, webhookSample } from '../support/samples.ts';

let platform: TestPlatform;
let organization: string;

beforeAll(async () => {
  platform = await testPlatform({ MAX_MESSAGE_BYTES: '20000' });
  organization = `/api/v1/organizations/${platform.organizationId}`;
});
afterAll(() => platform?.close());

interface Webhook {
  id: string;
  webhook_url: string;
  token: string;
  signing_secret: string | null;
}

async function webhook(settings: object = {}): Promise<Webhook> {
  const body = { name: 'Plant', mode: 'webhook', expected_topics: ['devices/+/telemetry'], ...settings };
  const response = await platform.api('POST', `${organization}/integrations`, body);
  expect(response.status, await response.clone().text()).toBe(201);
  return (await response.json()) as Webhook;
}

function post({ webhook_url, token }: Webhook, body: unknown, headers: Record<string, string> = {}) {
  return fetch(webhook_url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

interface Receipt {
  id?: string;
  outcome: string;
  reason?: string;
  detail?: string;
}

async function receipts(to: Webhook, body: unknown): Promise<Receipt[]> {
  const response = await post(to, body);
  expect(response.status, await response.clone().text()).toBe(200);
  return ((await response.json()) as { receipts: Receipt[] }).receipts;
}

const words = ({ outcome, reason }: Receipt) =>
  reason ? `${outcome}: ${reason.replaceAll('_', ' ')}` : outcome;

async function readings(device: string) {
  const { rows } = await platform.test.pool.query(
    `select h.telemetry, h.device_timestamp, h.recorded_at, h.received_at
       from device_telemetry_history h join devices d on d.id = h.device_id
      where d.organization_id = $1 and d.external_device_id = $2 order by h.received_at`,
    [platform.organizationId, device],
  );
  return rows as { telemetry: object; device_timestamp: Date | null; recorded_at: Date; received_at: Date }[];
}

describe('what brokers post', () => {
  test('EMQX 5: once, with the device’s own time, however often it is sent', async () => {
    const plant = await webhook();
    const sample = webhookSample('emqx5');
    const { authorization: _, ...headers } = sample.headers;
    for (const outcome of ['stored', 'duplicate']) {
      const response = await post(plant, sample.body, headers);
      expect(await response.json()).toEqual({ receipts: [{ id: sample.body.id, outcome }] });
    }
    expect(await readings('boiler-7')).toMatchObject([
      { telemetry: sample.expect.values, device_timestamp: new Date(sample.expect.device_timestamp!) },
    ]);
  });

  test('EMQX 5: the broker’s time is charted where the payload has none, and is not the device’s', async () => {
    const plant = await webhook();
    const { body } = webhookSample('emqx5');
    const sent = { ...body, id: 'other', topic: 'devices/boiler-8/telemetry', payload: '{"temperature":3}' };
    expect(await receipts(plant, sent)).toMatchObject([{ outcome: 'stored' }]);
    expect(await readings('boiler-8')).toMatchObject([
      { device_timestamp: null, recorded_at: new Date(body.publish_received_at as number) },
    ]);
  });

  test.each([
    ['auto', 'eyJ0ZW1wZXJhdHVyZSI6NzAuOX0=', { temperature: 70.9 }],
    ['auto', '{"temperature":70.8}', { temperature: 70.8 }],
    ['base64', 'eyJ0ZW1wZXJhdHVyZSI6NzAuN30=', { temperature: 70.7 }],
    ['text', '{"temperature":70.6}', { temperature: 70.6 }],
  ])('EMQX 4, payloads as %s: %s', async (encoding, payload, values) => {
    const plant = await webhook({ webhook: { emqx4_payload: encoding } });
    const { body } = webhookSample('emqx4');
    const topic = `devices/${plant.id}/telemetry`;
    expect(await receipts(plant, { ...body, topic, payload })).toEqual([{ outcome: 'stored' }]);
    expect(await readings(plant.id)).toMatchObject([{ telemetry: values }]);
  });

  test('EMQX 4: clients that come and go are no messages', async () => {
    expect(await receipts(await webhook(), { action: 'client_connected', clientid: 'x' })).toEqual([]);
  });

  test('VerneMQ, with the token in the URL, is answered as it wants', async () => {
    const plant = await webhook();
    const sample = webhookSample('vernemq');
    const response = await fetch(`${plant.webhook_url}?token=${plant.token}`, {
      method: 'POST',
      headers: sample.headers,
      body: JSON.stringify(sample.body),
    });
    expect([response.status, await response.json()]).toEqual([200, { result: 'ok' }]);
    expect(await readings('pump-2')).toMatchObject([{ telemetry: sample.expect.values }]);
  });

  test('a batch of anybody’s: a receipt for each, in their order', async () => {
    const plant = await webhook();
    const sample = webhookSample('generic-batch');
    const got = await receipts(plant, sample.body);
    expect(got.map(words)).toEqual(sample.expect.receipts);
    expect(got.map(({ id }) => id)).toEqual(['a-1', 'a-2', 'a-1', 'a-3']);
    expect(await readings('t1')).toMatchObject([{ recorded_at: new Date('2025-11-23T12:13:20Z') }]);
    const again = await receipts(plant, sample.body);
    expect(again.map(({ outcome }) => outcome)).toEqual(Array(4).fill('duplicate'));
    expect(await readings('t2')).toHaveLength(1);
  });

  test('one message by itself, or a list', async () => {
    const plant = await webhook();
    const message = { topic: 'devices/one/telemetry', payload: { a: 1 } };
    expect(await receipts(plant, message)).toEqual([{ outcome: 'stored' }]);
    expect(await receipts(plant, [message, message])).toEqual([{ outcome: 'stored' }, { outcome: 'stored' }]);
    expect(await readings('one')).toHaveLength(3);
  });
});

describe('payloads', () => {
  const decodable = ['flat', 'host-standard', 'scalar', 'tasmota', 'thingsboard', 'zigbee2mqtt'];
  test.each(payloadSamples.filter(([name]) => decodable.includes(name)))('%s', async (_, sample) => {
    const {
      topic,
      expected_topics = ['devices/{device}/telemetry'],
      decoder = 'auto',
      expect: wanted,
    } = sample;
    const plant = await webhook({ expected_topics, decoder });
    const message = { topic, payload_base64: payloadOf(sample).toString('base64') };
    expect(await receipts(plant, message)).toEqual([{ outcome: 'stored' }]);
    const rows = await readings(wanted.device);
    const { values, device_timestamp: at } = wanted;
    if (wanted.readings) expect(rows).toHaveLength(wanted.readings);
    if (values) expect(rows.map(({ telemetry }) => telemetry)).toContainEqual(values);
    if (at) expect(rows.map((row) => row.device_timestamp?.getTime())).toContain(Date.parse(at));
  });

  test('bad ones are each accounted for, and harm none of the good ones between them', async () => {
    const plant = await webhook();
    const messages = badPayloads.flatMap((payload, index) => [
      { id: `bad-${index}`, topic: 'devices/bad/telemetry', payload_base64: payload.toString('base64') },
      { id: `good-${index}`, topic: 'devices/good/telemetry', payload: { index } },
    ]);
    const got = await receipts(plant, { messages });
    const good = got.filter(({ id }) => id!.startsWith('good'));
    expect(good.map(({ outcome }) => outcome)).toEqual(Array(badPayloads.length).fill('stored'));
    for (const { outcome, reason } of got) {
      expect(['stored', 'quarantined', 'rejected']).toContain(outcome);
      if (outcome !== 'stored') expect(reason).toMatch(/^[a-z_0-9]+$/);
    }
    const { rows } = await platform.test.pool.query(
      'select count(*)::int as count from message_quarantine where integration_id = $1',
      [plant.id],
    );
    expect(rows[0].count).toBe(got.filter(({ outcome }) => outcome === 'quarantined').length);
    expect(await readings('good')).toHaveLength(badPayloads.length);
  });

  test('what names no topic or is too large is refused by itself', async () => {
    const messages = [
      { id: 'a', payload: 'x' },
      { id: 'b', topic: 'devices/+/telemetry', payload: '1' },
      { id: 'c', topic: 'devices/big/telemetry', payload: 'x'.repeat(20_001) },
      { id: 'd', topic: 'devices/t/telemetry' },
      { id: 'e', topic: 'devices/t/telemetry', payload_base64: '%' },
      { id: 'f', topic: 'devices/kept/telemetry', payload: { a: 1 } },
      'no message at all',
    ];
    expect((await receipts(await webhook(), { messages })).map(words)).toEqual([
      'rejected: unreadable message',
      'rejected: unreadable message',
      'rejected: message too large',
      'rejected: unreadable message',
      'rejected: unreadable message',
      'stored',
      'rejected: unreadable message',
    ]);
  });
});

describe('whom it lets in', () => {
  const message = { topic: 'devices/door/telemetry', payload: { open: true } };
  const codes = async (response: Promise<Response>) => {
    const answered = await response;
    return [answered.status, ((await answered.json()) as { code: string }).code];
  };

  it('asks for the token, and tells the owner of a wrong one', async () => {
    const plant = await webhook();
    expect(await codes(post({ ...plant, token: 'wrong' }, message))).toEqual([401, 'unauthenticated']);
    expect(await codes(fetch(plant.webhook_url, { method: 'POST' }))).toEqual([401, 'unauthenticated']);
    const another = await webhook();
    expect((await post({ ...plant, token: another.token }, message)).status).toBe(401);
    await expect
      .poll(async () => {
        const response = await platform.api('GET', `${organization}/integrations/${plant.id}/activity`);
        return ((await response.json()) as { items: object[] }).items;
      })
      .toMatchObject(Array(3).fill({ event: 'webhook_refused', reason: 'bad_token' }));
    expect(await readings('door')).toEqual([]);
  });

  it('lets a confirmation’s header open no way for messages', async () => {
    const plant = await webhook();
    const header = { 'x-amz-rules-engine-message-type': 'DestinationConfirmation' };
    for (const headers of [header, { ...header, 'vernemq-hook': 'on_publish' }]) {
      const { body } = webhookSample('vernemq');
      const topic = 'devices/smuggled/telemetry';
      for (const sent of [{ ...body, topic }, { topic, payload: '1' }, [{ topic, payload: '1' }]])
        expect(await codes(post({ ...plant, token: '' }, sent, headers))).toEqual([422, 'unprocessable']);
    }
    expect(await readings('smuggled')).toEqual([]);
  });

  it('knows no integration but those that are posted to', async () => {
    const plant = await webhook();
    const elsewhere = (id: string) => ({ ...plant, webhook_url: plant.webhook_url.replace(plant.id, id) });
    const hosted = (await (await platform.api('GET', `${organization}/integrations`)).json()) as {
      items: { id: string; integration_type: string }[];
    };
    const { id } = hosted.items.find(({ integration_type: type }) => type === 'mqtt_hosted')!;
    for (const unknown of [id, crypto.randomUUID(), 'x', '%00'])
      expect(await codes(post(elsewhere(unknown), message)), unknown).toEqual([404, 'not_found']);
  });

  it('lets nobody make one with topics that name no device, or stop the hosted broker', async () => {
    const asked = {
      name: 'Plant',
      mode: 'webhook',
      expected_topics: ['devices/t1/telemetry', '+/+/telemetry'],
    };
    const refused = await platform.api('POST', `${organization}/integrations`, asked);
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { errors: [{ field: 'body.expected_topics.0.topic' }, { field: 'body.expected_topics.1.topic' }] },
    ]);
    const { items } = (await (await platform.api('GET', `${organization}/integrations`)).json()) as {
      items: { id: string; integration_type: string }[];
    };
    const { id } = items.find(({ integration_type: type }) => type === 'mqtt_hosted')!;
    const hosted = `${organization}/integrations/${id}`;
    for (const change of [{ enabled: false }, { expected_topics: ['a/+'] }])
      expect((await platform.api('PATCH', hosted, change)).status).toBe(409);
    expect((await platform.api('DELETE', hosted)).status).toBe(409);
    expect((await platform.api('POST', `${hosted}/tokens`, {})).status).toBe(409);
  });

  it('says what is wrong with a body', async () => {
    const plant = await webhook();
    expect(await codes(post(plant, '{"topic":'))).toEqual([422, 'unprocessable']);
    for (const body of [{}, 'null', '"text"', [], { messages: [] }])
      expect(await codes(post(plant, body))).toEqual([422, 'unprocessable']);
    expect(await codes(post(plant, message, { 'content-type': 'text/plain' }))).toEqual([
      415,
      'unsupported_media_type',
    ]);
    const many = Array.from({ length: 1001 }, () => message);
    expect(await codes(post(plant, many))).toEqual([413, 'payload_too_large']);
    const large = [{ ...message, payload: 'x'.repeat(5_000_000) }];
    expect(await codes(post(plant, large))).toEqual([413, 'payload_too_large']);
    const hook = { 'vernemq-hook': 'auth_on_register' };
    expect(await codes(post(plant, { username: 'x' }, hook))).toEqual([422, 'unprocessable']);
  });

  it('rotates tokens with an overlap, and forgets one that is deleted', async () => {
    const plant = await webhook();
    const tokens = `${organization}/integrations/${plant.id}/tokens`;
    const made = await platform.api('POST', tokens, { overlap_seconds: 60 });
    const next = (await made.json()) as { id: string; token: string };
    expect((await post(plant, message)).status).toBe(200);
    expect((await post({ ...plant, token: next.token }, message)).status).toBe(200);
    const third = (await (await platform.api('POST', tokens, { overlap_seconds: 0 })).json()) as {
      token: string;
    };
    await expect.poll(async () => (await post(plant, message)).status).toBe(401);
    expect((await post({ ...plant, token: next.token }, message)).status).toBe(401);
    expect((await post({ ...plant, token: third.token }, message)).status).toBe(200);
    const { items } = (await (await platform.api('GET', tokens)).json()) as { items: { id: string }[] };
    expect((await platform.api('DELETE', `${tokens}/${items[0]!.id}`)).status).toBe(204);
    await expect.poll(async () => (await post({ ...plant, token: third.token }, message)).status).toBe(401);
  });

  it('is closed while it is stopped, and gone when it is deleted', async () => {
    const plant = await webhook();
    const address = `${organization}/integrations/${plant.id}`;
    const stopped = await platform.api('PATCH', address, { enabled: false });
    expect(await stopped.json()).toMatchObject({ enabled: false });
    await expect.poll(async () => (await post(plant, message)).status).toBe(404);
    await platform.api('PATCH', address, { enabled: true });
    await expect.poll(async () => (await post(plant, message)).status).toBe(200);
    expect((await platform.api('DELETE', address)).status).toBe(204);
    await expect.poll(async () => (await post(plant, message)).status).toBe(404);
    expect(await readings('door')).not.toEqual([]);
  });

  it('wants a fresh signature where one is required', async () => {
    const plant = await webhook({ webhook: { require_signature: true } });
    const body = JSON.stringify(message);
    const signed = async (seconds: number, secret = plant.signing_secret!, of = body) => {
      const t = String(Math.floor(seconds));
      return `t=${t},v1=${await sign({ seconds: t, body: Buffer.from(of), secret })}`;
    };
    const now = Date.now() / 1000;
    const statusOf = async (signature?: string) =>
      (await post(plant, body, signature ? { 'x-netneural-signature': signature } : {})).status;
    expect(await statusOf(await signed(now))).toBe(200);
    expect(await statusOf(await signed(now - 290))).toBe(200);
    expect(await statusOf()).toBe(401);
    expect(await statusOf(await signed(now - 310))).toBe(401);
    expect(await statusOf(await signed(now + 310))).toBe(401);
    expect(await statusOf(await signed(now, 'another secret'))).toBe(401);
    expect(await statusOf(await signed(now, plant.signing_secret!, `${body} `))).toBe(401);
    const { rows } = await platform.test.pool.query(
      'select sealed_secrets from device_integrations where id = $1',
      [plant.id],
    );
    expect(rows[0].sealed_secrets).not.toContain(plant.signing_secret);
  });
});

test('while the database is away nothing is taken, and nothing of it comes later', async () => {
  const plant = await webhook();
  const message = { topic: 'devices/outage/telemetry', payload: { a: 1 } };
  expect((await post(plant, message)).status).toBe(200);
  const restore = await databaseAway(platform.test);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const started = performance.now();
    const response = await post(plant, message);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    expect(performance.now() - started).toBeLessThan(5000);
  }
  await restore();
  await expect.poll(async () => (await post(plant, message)).status, { timeout: 10_000 }).toBe(200);
  expect(await readings('outage')).toHaveLength(2);
});

test('a request whose commit takes too long is told to come again, and is stored once', async () => {
  const plant = await webhook();
  await receipts(plant, { topic: 'devices/slow/telemetry', payload: { n: 0 } });
  const message = { id: 'slow-1', topic: 'devices/slow/telemetry', payload: { n: 1 } };
  let first: Promise<Response> | undefined;
  const release = await stallStore(platform.test, () => {
    first = post(plant, message);
  });
  expect((await first!).status).toBe(503);
  const second = post(plant, message);
  await release();
  expect(await (await second).json()).toEqual({ receipts: [{ id: 'slow-1', outcome: 'duplicate' }] });
  expect(await readings('slow')).toHaveLength(2);
});

test('a hundred at once share commits, and each gets its own receipt', async () => {
  const plant = await webhook();
  const all = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      receipts(plant, { id: `n-${n % 50}`, topic: `devices/shared-${n % 7}/telemetry`, payload: { n } }),
    ),
  );
  const outcomes = all.flat().map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(50);
  expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(50);
});

test('an integration shows its address, its topics and how much comes', async () => {
  const plant = await webhook({ expected_topics: ['house/{device}/+', { topic: 'a/+', decoder: 'value' }] });
  await receipts(plant, { topic: 'house/attic/temperature', payload: '19.5' });
  await expect
    .poll(async () => {
      const response = await platform.api('GET', `${organization}/integrations/${plant.id}`);
      return (await response.json()) as object;
    })
    .toMatchObject({
      mode: 'webhook',
      enabled: true,
      expected_topics: [{ topic: 'house/{device}/+' }, { topic: 'a/+', decoder: 'value' }],
      webhook_url: plant.webhook_url,
      messages_per_minute: 0.2,
      failed_share: 0,
      last_message_at: expect.stringMatching(/Z$/),
    });
});

test('an expression of the integration’s own, in the order of the messages', async () => {
  const expression = '{"ts": payload.at, "values": {"kelvin": payload.celsius + 273.15}}';
  const plant = await webhook({ decoder: 'expression', decoder_settings: { expression } });
  const messages = Array.from({ length: 20 }, (_, n) => ({
    topic: 'devices/oven/telemetry',
    payload: { celsius: n, at: '2026-11-20T10:00:00Z' },
  }));
  const broken = { topic: 'devices/oven/telemetry', payload: '"no number"' };
  const got = await receipts(plant, [...messages, broken]);
  expect(got.map(words)).toEqual([...Array(20).fill('stored'), expect.stringMatching(/^quarantined: /)]);
  const rows = await readings('oven');
  expect(rows.map(({ telemetry }) => telemetry)).toEqual(messages.map((_, n) => ({ kelvin: n + 273.15 })));
});

test('binary by a template, for one of its topics alone', async () => {
  const template = { fields: [{ name: 'temperature', type: 'int16', offset: 0, scale: 0.1 }] };
  const plant = await webhook({
    expected_topics: [
      { topic: 'lora/+/up', decoder: 'hex', decoder_settings: template },
      'devices/+/telemetry',
    ],
  });
  const got = await receipts(plant, [
    { topic: 'lora/probe/up', payload_base64: Buffer.from([0x00, 0xd7]).toString('base64') },
    { topic: 'devices/probe/telemetry', payload: { a: 1 } },
  ]);
  expect(got.map(words)).toEqual(['stored', 'stored']);
  expect((await readings('probe')).map(({ telemetry }) => telemetry)).toEqual([
    { temperature: 21.5 },
    { a: 1 },
  ]);
  const wrong = await platform.api('PATCH', `${organization}/integrations/${plant.id}`, { decoder: 'hex' });
  expect(await wrong.json()).toMatchObject({ errors: [{ field: 'body.decoder_settings' }] });
});
