import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveConnection } from '../../src/contract/connections.ts';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** Who is connected now, and how an admin ends a connection. */

let platform: TestPlatform;
let tenant: Tenant;
let at: string;

beforeAll(async () => {
  platform = await testPlatform({ ENGINE: 'mosquitto' });
  tenant = await firstTenant(platform);
  at = `/api/v1/organizations/${platform.organizationId}/connections`;
});
afterAll(() => platform.close());

async function list(query = ''): Promise<{ items: LiveConnection[]; next_cursor: string | null }> {
  const response = await platform.api('GET', `${at}${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Awaited<ReturnType<typeof list>>;
}

/** The one of a client id, once it is on the list. */
const listed = (clientId: string) =>
  eventually(async () => {
    const { items } = await list(`?search=${clientId}`);
    expect(items).toHaveLength(1);
    return items[0]!;
  });

test('a client is on the list while it is connected', async () => {
  const credential = await tenant.credential('pump');
  const client = await RawClient.connect(platform.mqttUrl, credential, {
    clientId: 'Pump-A',
    protocolVersion: 5,
  });
  expect(await listed('pump-a')).toEqual({
    id: expect.any(String),
    client_id: 'Pump-A',
    credential_id: credential.id,
    username: credential.username,
    label: '',
    device_id: expect.any(String),
    external_device_id: 'pump',
    protocol_version: '5',
    transport: 'tcp',
    remote_address: '127.0.0.1',
    connected_at: expect.any(String),
    disconnect_asked_at: null,
  });
  await client.end();
  await eventually(async () => expect((await list('?search=pump-a')).items).toEqual([]));
});

test('the list is cut in pages, by credential and by address', async () => {
  const [one, other] = [await tenant.credential(), await tenant.credential()];
  const clients = await Promise.all(
    ['page-1', 'page-2', 'page-3'].map((clientId) => RawClient.connect(platform.mqttUrl, one, { clientId })),
  );
  const another = await RawClient.connect(platform.mqttUrl, other, { clientId: 'page-4' });
  await eventually(async () => expect((await list('?search=page-')).items).toHaveLength(4));

  const first = await list(`?credential_id=${one.id}&limit=2`);
  const second = await list(`?credential_id=${one.id}&limit=2&cursor=${first.next_cursor}`);
  expect(second.next_cursor).toBeNull();
  const ids = [...first.items, ...second.items].map((item) => item.client_id);
  expect(ids.sort()).toEqual(['page-1', 'page-2', 'page-3']);
  expect((await list(`?credential_id=${other.id}&search=127.0.0.1`)).items).toHaveLength(1);
  await Promise.all([...clients, another].map((client) => client.end()));
});

test('one that an admin ends is closed within a second, is told why, and may come back; others stay', async () => {
  const credential = await tenant.credential();
  const options = { clientId: 'ended', protocolVersion: 5 } as const;
  const client = await RawClient.connect(platform.mqttUrl, credential, options);
  const bystander = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'bystander' });
  const { id } = await listed('ended');

  const before = performance.now();
  expect((await platform.api('DELETE', `${at}/${id}`)).status).toBe(204);
  const goodbye = await client.expect('disconnect');
  await client.closed;
  expect(performance.now() - before).toBeLessThan(1000);
  expect(goodbye.reasonCode).toBe(0x98);
  expect(goodbye.properties?.reasonString).toMatch(/admin ended the connection/);

  await eventually(async () => {
    const [last] = await tenant.rows(
      `select reason, client_id from integration_activity_log where organization_id = $1 and event = 'disconnected'
        order by occurred_at desc limit 1`,
    );
    expect(last).toEqual({ reason: 'disconnected_by_admin', client_id: 'ended' });
  });
  await eventually(async () => expect((await platform.api('DELETE', `${at}/${id}`)).status).toBe(404));
  await bystander.ping();
  const back = await RawClient.connect(platform.mqttUrl, credential, options);
  await Promise.all([back.end(), bystander.end()]);
});

test('one that was asked for while nothing was announced is ended all the same', async () => {
  const credential = await tenant.credential();
  const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'unheard' });
  const { id } = await listed('unheard');
  const { pool } = platform.test;
  // Nobody listens at the moment of the change: its announcement is lost.
  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen %'`);
  await pool.query('update mqtt_connections set disconnect_asked_at = now() where id = $1', [id]);
  await client.closed;
});
