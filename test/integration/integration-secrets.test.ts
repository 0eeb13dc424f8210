import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeIntegration, createIntegration } from '../support/external-broker.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { otherTenant } from '../support/tenant.ts';

/** What is kept sealed of an integration, and who gets near it. */

let platform: TestPlatform;
let integrations: string;
const broker = { url: 'mqtt://127.0.0.1:1', username: 'us', password: 'secret' };

beforeAll(async () => {
  platform = await testPlatform({ ALLOW_PRIVATE_NETWORKS: 'true' });
  integrations = `/api/v1/organizations/${platform.organizationId}/integrations`;
});
afterAll(() => platform?.close());

/** As after a change of SECRET_KEY. */
const unseal = (id: string) =>
  platform.test.pool.query(`update device_integrations set sealed_secrets = 's1.AAAA' where id = $1`, [id]);

it('another organization’s secrets are not even looked at', async () => {
  const other = await otherTenant(platform);
  const [{ id } = { id: '' }] = await other.rows<{ id: string }>(
    `insert into device_integrations (organization_id, name, integration_type, mode)
     values ($1, 'Plant', 'mqtt_external', 'subscribe') returning id`,
  );
  await unseal(id);
  const change = await platform.api('PATCH', `${integrations}/${id}`, { broker });
  expect(change.status).toBe(404);
  const trial = { broker, topics: ['a/+'], integration_id: id };
  expect((await platform.api('POST', `${integrations}/test`, trial)).status).toBe(404);
});

it('secrets that can’t be opened any more can be given anew', async () => {
  const { id } = await createIntegration(platform, { mode: 'subscribe', broker });
  await unseal(id);
  await changeIntegration(platform, id, { broker: { ...broker, password: 'another' } });
  const shown = await (await platform.api('GET', `${integrations}/${id}`)).json();
  expect(shown).toMatchObject({ broker: { has_password: true } });
});

it('who points an integration at another broker by SQL gets its password sent nowhere', async () => {
  const { id } = await createIntegration(platform, { mode: 'subscribe', broker });
  const { pool } = platform.test;
  const isSealed = async () =>
    (
      await pool.query('select sealed_secrets is not null as kept from device_integrations where id = $1', [
        id,
      ])
    ).rows[0].kept;
  const set = (change: string) =>
    pool.query(
      `update device_integrations set configuration = jsonb_set(configuration, '{broker}', configuration -> 'broker' || $2)
        where id = $1`,
      [id, change],
    );
  await set('{"keep_alive_seconds": 30}');
  expect(await isSealed()).toBe(true);
  await set('{"url": "mqtt://elsewhere.example.com:1"}');
  expect(await isSealed()).toBe(false);
  await changeIntegration(platform, id, { broker });
  expect(await isSealed()).toBe(true);
  await changeIntegration(platform, id, {
    broker: { ...broker, password: undefined, url: 'mqtts://127.0.0.1:1' },
  });
  expect(await isSealed()).toBe(true);
});

it('a password that was sent under TLS is not kept for a connection without', async () => {
  const under = (url: string) => ({ broker: { ...broker, url, password: undefined } });
  const { id } = await createIntegration(platform, {
    mode: 'subscribe',
    broker: { ...broker, url: 'mqtts://127.0.0.1:1' },
  });
  const hasPassword = async () => {
    const response = await platform.api('GET', `${integrations}/${id}`);
    return ((await response.json()) as { broker: { has_password: boolean } }).broker.has_password;
  };
  await changeIntegration(platform, id, under('wss://127.0.0.1:1/mqtt'));
  expect(await hasPassword()).toBe(true);
  await changeIntegration(platform, id, under('mqtt://127.0.0.1:1'));
  expect(await hasPassword()).toBe(false);
});
