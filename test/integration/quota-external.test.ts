import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  brokerDevice,
  createIntegration,
  statusOf,
  type TestIntegration,
  telemetryOf,
} from '../support/external-broker.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { setLimits, setSpentRate, usageBecomes } from '../support/quotas.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** What comes from customers' own brokers counts as what devices send here. */

let platform: TestPlatform;
let tenant: Tenant;
let broker: TestMosquitto;

beforeAll(async () => {
  platform = await testPlatform({ ALLOW_PRIVATE_NETWORKS: 'true' });
  tenant = await firstTenant(platform);
  broker = await startMosquitto({ settings: ['max_queued_messages 0'] });
});
afterAll(async () => {
  await platform?.close();
  await broker?.stop();
});

const post = ({ webhook_url, token }: TestIntegration, n: number) =>
  fetch(webhook_url!, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ topic: 'devices/meter/telemetry', payload: { n } }),
  });

test('a post beyond the rate is told which limit it was and when to come again, and then is taken', async () => {
  const webhook = await createIntegration(platform, { mode: 'webhook' });
  expect((await post(webhook, 1)).status).toBe(200);
  await setSpentRate(platform, 'messages_per_second', 1);
  let refused = await post(webhook, 2);
  // A token may just have come; then it is gone now.
  if (refused.status === 200) refused = await post(webhook, 2);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: 'messages_per_second_limit' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  const again = await eventually(async () => {
    const answer = await post(webhook, 3);
    expect(answer.status).toBe(200);
    return (await answer.json()) as { receipts: object[] };
  });
  expect(again.receipts).toMatchObject([{ outcome: 'stored' }]);
  const log = await tenant.rows(
    'select from integration_activity_log where organization_id = $1 and integration_id = $2 and reason = $3',
    [webhook.id, 'messages_per_second_limit'],
  );
  expect(log).toHaveLength(1);
});

test('a subscription reads at the rate, the customer’s broker keeps the rest, and all is stored once, in order', async () => {
  await setLimits(platform, {});
  const { id } = await createIntegration(platform, {
    mode: 'subscribe',
    expected_topics: ['plant/+/telemetry'],
    broker: { url: broker.url },
  });
  await eventually(async () => expect(await statusOf(platform, id)).toMatchObject({ state: 'connected' }));
  const device = await brokerDevice(broker.url);
  await device.publish('plant/press/telemetry', '{"n":0}');
  await eventually(async () => expect(await telemetryOf(platform, 'press')).toHaveLength(1));
  await setSpentRate(platform, 'messages_per_second', 100);
  const count = 300;
  const started = performance.now();
  for (let n = 1; n <= count; n += 1) await device.publish('plant/press/telemetry', JSON.stringify({ n }));
  await eventually(async () => expect(await telemetryOf(platform, 'press')).toHaveLength(count + 1), 10_000);
  expect(performance.now() - started).toBeGreaterThan(2000);
  expect(await telemetryOf(platform, 'press')).toEqual(Array.from({ length: count + 1 }, (_, n) => ({ n })));
  expect(await statusOf(platform, id)).toMatchObject({ state: 'receiving' });
  await usageBecomes(platform, 'messages_per_second', ({ hits_today }) =>
    expect(hits_today).toBeGreaterThan(1),
  );
  await device.end();
});
