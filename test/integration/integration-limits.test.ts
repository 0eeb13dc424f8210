import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestPlatform, testPlatform } from '../support/platform.ts';

/** One organization leaves room for others. */

let platform: TestPlatform;
let integrations: string;

beforeAll(async () => {
  platform = await testPlatform();
  integrations = `/api/v1/organizations/${platform.organizationId}/integrations`;
});
afterAll(() => platform?.close());

it('has a hundred integrations at most', async () => {
  await platform.test.pool.query(
    `insert into device_integrations (organization_id, name, integration_type, mode)
     select $1, 'Plant ' || n, 'mqtt_external', 'webhook' from generate_series(1, 99) n`,
    [platform.organizationId],
  );
  const wanted = { name: 'Plant', mode: 'webhook', expected_topics: ['devices/+/telemetry'] };
  expect((await platform.api('POST', integrations, wanted)).status).toBe(201);
  const refused = await platform.api('POST', integrations, wanted);
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'limit_reached' }]);
});

it('tries no more brokers than a person does', async () => {
  // The guard refuses it before anything is sent anywhere.
  const trial = { broker: { url: 'mqtt://127.0.0.1:1' }, topics: ['a/+'] };
  const statuses = new Set<number>();
  for (let n = 0; n < 31; n += 1)
    statuses.add((await platform.api('POST', `${integrations}/test`, trial)).status);
  expect([...statuses]).toEqual([200, 429]);
});
