import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeIntegration, createIntegration } from '../support/external-broker.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';

/** What the API keeps of how a customer's broker takes commands. */

let platform: TestPlatform;
let mosquitto: TestMosquitto;
let integrations: string;
let broker: { url: string; username: string; password: string };
const commands = { topic: 'devices/{device}/commands', payload: '{"do":"{{name}}","with":"{{params}}"}' };

beforeAll(async () => {
  platform = await testPlatform({ ALLOW_PRIVATE_NETWORKS: 'true' });
  mosquitto = await startMosquitto({ passwords: { us: 'ours' } });
  broker = { url: mosquitto.url, username: 'us', password: 'ours' };
  integrations = `/api/v1/organizations/${platform.organizationId}/integrations`;
});
afterAll(async () => {
  await platform?.close();
  await mosquitto?.stop();
});

const shown = async (id: string) =>
  (await (await platform.api('GET', `${integrations}/${id}`)).json()) as Record<string, unknown>;
const patched = async (id: string, change: object) => {
  const response = await platform.api('PATCH', `${integrations}/${id}`, change);
  return [response.status, await response.json()];
};

it.each(['webhook', 'forward', 'subscribe'])(
  'mode %s: a form and a broker, shown without its secrets',
  async (mode) => {
    const { id } = await createIntegration(platform, { mode, broker, commands });
    const { password, ...open } = broker;
    expect(await shown(id)).toMatchObject({ commands, broker: { ...open, has_password: true } });
    expect(JSON.stringify(await shown(id))).not.toContain(password);
    const other = { topic: 'cmnd/{device}/{name}' };
    await changeIntegration(platform, id, { commands: other });
    expect(await shown(id)).toMatchObject({ commands: other, broker: { has_password: true } });
    await changeIntegration(platform, id, { commands: null });
    expect(await shown(id)).toMatchObject({ commands: null, broker: { has_password: true } });
  },
);

it('a broker for commands alone can be given later, tried, and taken off', async () => {
  const { id } = await createIntegration(platform, { mode: 'webhook', commands });
  expect(await shown(id)).toMatchObject({ commands, broker: null });
  await changeIntegration(platform, id, { broker });
  // With the password that is kept.
  const trial = { broker: { ...broker, password: undefined }, integration_id: id };
  const tested = await (await platform.api('POST', `${integrations}/test`, trial)).json();
  expect(tested).toMatchObject({ ok: true });
  await changeIntegration(platform, id, { broker: null });
  expect(await shown(id)).toMatchObject({ broker: null, commands });
  const { rows } = await platform.test.pool.query(
    'select sealed_secrets, configuration from device_integrations where id = $1',
    [id],
  );
  expect(rows).toMatchObject([{ sealed_secrets: null, configuration: { commands } }]);
  expect(Object.keys(rows[0].configuration)).not.toContain('broker');
});

it('the signing secret of what is posted outlives every broker', async () => {
  const made = await createIntegration(platform, {
    mode: 'webhook',
    webhook: { require_signature: true },
    broker,
    commands,
  });
  const { id, webhook_url, token } = made;
  const { signing_secret } = made as unknown as { signing_secret: string };
  const post = async (n: number) => {
    const body = JSON.stringify({
      messages: [{ id: `m${n}`, topic: 'devices/t1/telemetry', payload: { n } }],
    });
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', signing_secret).update(`${t}.${body}`).digest('hex');
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-netneural-signature': `t=${t},v1=${v1}`,
    };
    return (await fetch(webhook_url!, { method: 'POST', headers, body })).status;
  };
  expect(await post(1)).toBe(200);
  await changeIntegration(platform, id, {
    broker: { ...broker, url: 'mqtt://127.0.0.1:1', password: undefined },
  });
  expect(await shown(id)).toMatchObject({ broker: { has_password: false } });
  expect(await post(2)).toBe(200);
  await changeIntegration(platform, id, { broker: null });
  expect(await post(3)).toBe(200);
});

it('what can’t be is said', async () => {
  const settings = { name: 'Plant', mode: 'webhook', expected_topics: ['devices/+/telemetry'] };
  for (const [bad, words] of [
    [{ topic: 'devices/commands' }, /needs \{device\}/],
    [{ topic: 'devices/{device}/+' }, /no MQTT topic/],
    [{ topic: 'devices/{devise}' }, /only \{device\} and \{name\}/],
    [{ topic: 'devices/{device}', payload: '{{who}}' }, /there is no \{\{who\}\}/],
    [{ topic: 'devices/{device}', qos: 2 }, /qos/],
  ] as const) {
    const response = await platform.api('POST', integrations, { ...settings, commands: bad });
    expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(words)]);
  }
  const bridge = await platform.api('POST', integrations, { ...settings, mode: 'bridge', broker });
  expect([bridge.status, await bridge.text()]).toEqual([
    400,
    expect.stringMatching(/commands go over the bridge/),
  ]);
  const { id } = await createIntegration(platform, { mode: 'bridge', commands });
  expect(await shown(id)).toMatchObject({ commands, broker: null });
  expect(await patched(id, { broker })).toMatchObject([409, { errors: [{ field: 'body.broker' }] }]);
  const subscription = await createIntegration(platform, { mode: 'subscribe', broker });
  expect(await patched(subscription.id, { broker: null })).toMatchObject([
    409,
    { errors: [{ field: 'body.broker' }] },
  ]);
  const { items } = (await (await platform.api('GET', integrations)).json()) as {
    items: { id: string; mode: string | null }[];
  };
  const hosted = items.find(({ mode }) => mode === null)!;
  expect(await patched(hosted.id, { commands })).toMatchObject([
    409,
    { errors: [{ field: 'body.commands' }] },
  ]);
});

it('a topic of responses is known by its last level, or by what is said', async () => {
  const { id } = await createIntegration(platform, {
    mode: 'webhook',
    expected_topics: ['devices/{device}/responses', { topic: 'stat/{device}/result', channel: 'responses' }],
  });
  expect(await shown(id)).toMatchObject({
    expected_topics: [
      { topic: 'devices/{device}/responses' },
      { topic: 'stat/{device}/result', channel: 'responses' },
    ],
  });
});
