import { describe, expect, it, test } from 'vitest';
import { sign } from '../../src/service/signature.ts';
import type { AwsIot } from './aws-iot.ts';
import type { TestDatabase } from './database.ts';
import { databaseAway } from './outage.ts';
import { badPayloads, payloadOf, payloadSamples, webhookSample } from './samples.ts';

/** An integration as its maker is told of it. */
export interface Webhook {
  id: string;
  webhook_url: string;
  token: string;
  signing_secret: string | null;
}

/** A listener on some runtime, made for payloads of at most 20,000 bytes. */
export interface WebhookTarget {
  database: TestDatabase;
  organizationId: string;
  /** What it reaches as AWS. */
  aws: AwsIot;
  /** Makes an integration; `webhook_url` is where it is posted to. */
  create(settings: object): Promise<Webhook>;
}

export function post({ webhook_url, token }: Webhook, body: unknown, headers: Record<string, string> = {}) {
  return fetch(webhook_url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export interface Receipt {
  id?: string;
  outcome: string;
  reason?: string;
  detail?: string;
}

export async function receipts(to: Webhook, body: unknown): Promise<Receipt[]> {
  const response = await post(to, body);
  expect(response.status, await response.clone().text()).toBe(200);
  return ((await response.json()) as { receipts: Receipt[] }).receipts;
}

/** As samples expect it. */
export const words = ({ outcome, reason }: Receipt) =>
  reason ? `${outcome}: ${reason.replaceAll('_', ' ')}` : outcome;

/** @param device its external id */
export async function readings({ database, organizationId }: WebhookTarget, device: string) {
  const { rows } = await database.pool.query(
    `select h.telemetry, h.device_timestamp, h.recorded_at, h.received_at
       from device_telemetry_history h join devices d on d.id = h.device_id
      where d.organization_id = $1 and d.external_device_id = $2 order by h.received_at`,
    [organizationId, device],
  );
  return rows as { telemetry: object; device_timestamp: Date | null; recorded_at: Date; received_at: Date }[];
}

const codes = async (response: Promise<Response>) => {
  const answered = await response;
  return [answered.status, ((await answered.json()) as { code: string }).code];
};

type Target = () => WebhookTarget;

/** What must be true of the webhook wherever it runs. @param target as `beforeAll` has made it */
export function webhookSuite(target: Target): void {
  describe('what brokers post', () => brokerForms(target));
  describe('payloads', () => payloads(target));
  describe('whom it lets in', () => admission(target));
  describe('when much or little works', () => commits(target));
}

const plantOf = ({ create }: WebhookTarget, settings: object = {}) =>
  create({ name: 'Plant', mode: 'webhook', expected_topics: ['devices/+/telemetry'], ...settings });

function brokerForms(target: Target): void {
  const webhook = (settings?: object) => plantOf(target(), settings);
  test('EMQX 5: once, with the device’s own time, however often it is sent', async () => {
    const plant = await webhook();
    const sample = webhookSample('emqx5');
    const { authorization: _, ...headers } = sample.headers;
    for (const outcome of ['stored', 'duplicate']) {
      const response = await post(plant, sample.body, headers);
      expect(await response.json()).toEqual({ receipts: [{ id: sample.body.id, outcome }] });
    }
    expect(await readings(target(), 'boiler-7')).toMatchObject([
      { telemetry: sample.expect.values, device_timestamp: new Date(sample.expect.device_timestamp!) },
    ]);
  });

  test('EMQX 5: the broker’s time is charted where the payload has none, and is not the device’s', async () => {
    const plant = await webhook();
    const { body } = webhookSample('emqx5');
    const sent = { ...body, id: 'other', topic: 'devices/boiler-8/telemetry', payload: '{"temperature":3}' };
    expect(await receipts(plant, sent)).toMatchObject([{ outcome: 'stored' }]);
    expect(await readings(target(), 'boiler-8')).toMatchObject([
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
    expect(await readings(target(), plant.id)).toMatchObject([{ telemetry: values }]);
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
    expect(await readings(target(), 'pump-2')).toMatchObject([{ telemetry: sample.expect.values }]);
  });

  test('AWS IoT, which has no token yet, is confirmed by asking for the address that it sent', async () => {
    const plant = await webhook();
    const { headers, body } = webhookSample('aws-confirm');
    const response = await fetch(plant.webhook_url, { method: 'POST', headers, body: JSON.stringify(body) });
    expect([response.status, await response.json()]).toEqual([200, { confirmed: true }]);
    expect(target().aws.asked).toEqual([body.enableUrl]);
  });

  test('a batch of anybody’s: a receipt for each, in their order', async () => {
    const plant = await webhook();
    const sample = webhookSample('generic-batch');
    const got = await receipts(plant, sample.body);
    expect(got.map(words)).toEqual(sample.expect.receipts);
    expect(got.map(({ id }) => id)).toEqual(['a-1', 'a-2', 'a-1', 'a-3']);
    expect(await readings(target(), 't1')).toMatchObject([{ recorded_at: new Date('2025-11-23T12:13:20Z') }]);
    const again = await receipts(plant, sample.body);
    expect(again.map(({ outcome }) => outcome)).toEqual(Array(4).fill('duplicate'));
    expect(await readings(target(), 't2')).toHaveLength(1);
  });

  test('one message by itself, or a list', async () => {
    const plant = await webhook();
    const message = { topic: 'devices/one/telemetry', payload: { a: 1 } };
    expect(await receipts(plant, message)).toEqual([{ outcome: 'stored' }]);
    expect(await receipts(plant, [message, message])).toEqual([{ outcome: 'stored' }, { outcome: 'stored' }]);
    expect(await readings(target(), 'one')).toHaveLength(3);
  });
}

/** Where samples that name no topics of their own come from. */
const topics: Record<string, string> = {
  vmark: '$sys/version/1/devices/{device}/product/+/service/properties/up',
};

function payloads(target: Target): void {
  const webhook = (settings?: object) => plantOf(target(), settings);
  test.each(payloadSamples)('%s', async (name, sample) => {
    const { topic, decoder, expect: wanted } = sample;
    const { expected_topics = [topics[name] ?? 'devices/{device}/telemetry'] } = sample;
    const plant = await webhook({ expected_topics, decoder });
    const message = { topic, payload_base64: payloadOf(sample).toString('base64') };
    expect(await receipts(plant, message)).toEqual([{ outcome: 'stored' }]);
    const rows = await readings(target(), wanted.device);
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
    const { rows } = await target().database.pool.query(
      'select count(*)::int as count from message_quarantine where integration_id = $1',
      [plant.id],
    );
    expect(rows[0].count).toBe(got.filter(({ outcome }) => outcome === 'quarantined').length);
    expect(await readings(target(), 'good')).toHaveLength(badPayloads.length);
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
}

function admission(target: Target): void {
  const webhook = (settings?: object) => plantOf(target(), settings);
  const message = { topic: 'devices/door/telemetry', payload: { open: true } };
  it('asks for the token, and tells the owner of a wrong one', async () => {
    const plant = await webhook();
    expect(await codes(post({ ...plant, token: 'wrong' }, message))).toEqual([401, 'unauthenticated']);
    expect(await codes(fetch(plant.webhook_url, { method: 'POST' }))).toEqual([401, 'unauthenticated']);
    const another = await webhook();
    expect((await post({ ...plant, token: another.token }, message)).status).toBe(401);
    const refused = async () => {
      const { rows } = await target().database.pool.query(
        `select event, reason from integration_activity_log where integration_id = $1`,
        [plant.id],
      );
      return rows;
    };
    await expect.poll(refused).toEqual(Array(3).fill({ event: 'webhook_refused', reason: 'bad_token' }));
    expect(await readings(target(), 'door')).toEqual([]);
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
    expect(await readings(target(), 'smuggled')).toEqual([]);
  });

  it('knows no integration but those that are posted to', async () => {
    const plant = await webhook();
    const elsewhere = (id: string) => ({ ...plant, webhook_url: plant.webhook_url.replace(plant.id, id) });
    const { rows } = await target().database.pool.query(
      `select id from device_integrations where integration_type = 'mqtt_hosted' limit 1`,
    );
    const { id } = rows[0];
    for (const unknown of [id, crypto.randomUUID(), 'x', '%00'])
      expect(await codes(post(elsewhere(unknown), message)), unknown).toEqual([404, 'not_found']);
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
    const { rows } = await target().database.pool.query(
      'select sealed_secrets from device_integrations where id = $1',
      [plant.id],
    );
    expect(rows[0].sealed_secrets).not.toContain(plant.signing_secret);
  });
}

function commits(target: Target): void {
  const webhook = (settings?: object) => plantOf(target(), settings);
  test('while the database is away nothing is taken, and nothing of it comes later', async () => {
    const plant = await webhook();
    const message = { topic: 'devices/outage/telemetry', payload: { a: 1 } };
    expect((await post(plant, message)).status).toBe(200);
    const restore = await databaseAway(target().database);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const started = performance.now();
      const response = await post(plant, message);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(performance.now() - started).toBeLessThan(5000);
    }
    await restore();
    // With an id, since an answer may come just before the commit that it gave up.
    const again = { ...message, id: 'again' };
    await expect.poll(async () => (await post(plant, again)).status, { timeout: 10_000 }).toBe(200);
    expect(await readings(target(), 'outage')).toHaveLength(2);
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
}
