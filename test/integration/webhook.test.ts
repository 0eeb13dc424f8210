import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type AwsIot, startAwsIot } from '../support/aws-iot.ts';
import { stallStore } from '../support/outage.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import {
  post,
  readings,
  receipts,
  type Webhook,
  type WebhookTarget,
  webhookSuite,
  words,
} from '../support/webhook-suite.ts';

/** The webhook on Node: what is true of it everywhere, and how integrations are made, shown and taken away. */

let platform: TestPlatform;
let organization: string;
let aws: AwsIot;
let target: WebhookTarget;

beforeAll(async () => {
  platform = await testPlatform({ MAX_MESSAGE_BYTES: '20000' });
  organization = `/api/v1/organizations/${platform.organizationId}`;
  aws = await startAwsIot();
  aws.reachFromHere();
  target = { database: platform.test, organizationId: platform.organizationId, aws, create };
});
afterAll(async () => {
  await aws?.close();
  await platform?.close();
});

async function create(settings: object): Promise<Webhook> {
  const response = await platform.api('POST', `${organization}/integrations`, settings);
  expect(response.status, await response.clone().text()).toBe(201);
  return (await response.json()) as Webhook;
}
const webhook = (expected_topics: unknown[] = ['devices/+/telemetry']) =>
  create({ name: 'Plant', mode: 'webhook', expected_topics });

describe('its making', () => {
  const message = { topic: 'devices/gate/telemetry', payload: { open: true } };
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
    expect(await readings(target, 'gate')).not.toEqual([]);
  });
});

test('nobody’s body is read whose token is wrong', async () => {
  const { webhook_url: url } = await webhook();
  expect(await statusBeforeEnd(url)).toBe(401);
  expect(await statusBeforeEnd(url.replace(/[^/]+$/, randomUUID()))).toBe(404);
});

/** Of a request whose body has begun and does not end. */
async function statusBeforeEnd(url: string): Promise<number | undefined> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer wrong' };
  const sending = request(url, { method: 'POST', headers, signal: AbortSignal.timeout(5000) });
  sending.write('{"messages": [');
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  sending.on('error', () => {});
  sending.destroy();
  return response.statusCode;
}

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
  expect(await readings(target, 'slow')).toHaveLength(2);
});

test('an integration shows its address, its topics and how much comes', async () => {
  const plant = await webhook(['house/{device}/+', { topic: 'a/+', decoder: 'value' }]);
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
  const plant = await create({
    name: 'Oven',
    mode: 'webhook',
    expected_topics: ['devices/+/telemetry'],
    decoder: 'expression',
    decoder_settings: { expression },
  });
  const messages = Array.from({ length: 20 }, (_, n) => ({
    topic: 'devices/oven/telemetry',
    payload: { celsius: n, at: '2026-11-20T10:00:00Z' },
  }));
  const broken = { topic: 'devices/oven/telemetry', payload: '"no number"' };
  const got = await receipts(plant, [...messages, broken]);
  expect(got.map(words)).toEqual([...Array(20).fill('stored'), expect.stringMatching(/^quarantined: /)]);
  const rows = await readings(target, 'oven');
  expect(rows.map(({ telemetry }) => telemetry)).toEqual(messages.map((_, n) => ({ kelvin: n + 273.15 })));
});

test('binary by a template, for one of its topics alone', async () => {
  const template = { fields: [{ name: 'temperature', type: 'int16', offset: 0, scale: 0.1 }] };
  const plant = await webhook([
    { topic: 'lora/+/up', decoder: 'hex', decoder_settings: template },
    'devices/+/telemetry',
  ]);
  const got = await receipts(plant, [
    { topic: 'lora/probe/up', payload_base64: Buffer.from([0x00, 0xd7]).toString('base64') },
    { topic: 'devices/probe/telemetry', payload: { a: 1 } },
  ]);
  expect(got.map(words)).toEqual(['stored', 'stored']);
  expect((await readings(target, 'probe')).map(({ telemetry }) => telemetry)).toEqual([
    { temperature: 21.5 },
    { a: 1 },
  ]);
  const wrong = await platform.api('PATCH', `${organization}/integrations/${plant.id}`, { decoder: 'hex' });
  expect(await wrong.json()).toMatchObject({ errors: [{ field: 'body.decoder_settings' }] });
});

// Last, since it takes the database away: what is announced meanwhile is known some seconds later.
webhookSuite(() => target);
