import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

/** Client ids, and the sessions behind them, are their owner's. */

let platform: TestPlatform;
let a: Tenant;
let b: Tenant;

beforeAll(async () => {
  platform = await testPlatform();
  a = await firstTenant(platform);
  b = await otherTenant(platform);
});
afterAll(() => platform.close());

test('two organizations use the same client id without noticing each other', async () => {
  const session = { clientId: 'gateway-1', clean: false };
  const ofA = await RawClient.connect(platform.mqttUrl, await a.credential(), session);
  expect(await ofA.subscribe([a.topic('x', 'commands')])).toEqual([1]);
  const ofB = new RawClient(platform.mqttUrl);
  ofB.send(connectPacket(await b.credential(), session));
  expect(await ofB.expect('connack')).toMatchObject({ returnCode: 0, sessionPresent: false });
  await ofA.ping();
  await ofB.ping();
  await ofA.end();
  await ofB.end();
});

test('a client id with another organization’s id in front is just a name', async () => {
  const ofB = await RawClient.connect(platform.mqttUrl, await b.credential(), { clientId: 'c' });
  const ofA = await RawClient.connect(platform.mqttUrl, await a.credential(), {
    clientId: `${b.organizationId}:c`,
  });
  await ofA.ping();
  await ofB.ping();
  await ofA.end();
  await ofB.end();
});

test('within an organization the newer connection takes over, and the older one is told in the log', async () => {
  const credential = await a.credential();
  const older = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'same' });
  const newer = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'same' });
  await older.closed;
  await newer.ping();
  await eventually(async () =>
    expect(
      await a.rows(
        `select event, reason from integration_activity_log
          where organization_id = $1 and client_id = 'same' order by id`,
      ),
    ).toMatchObject([
      { event: 'connected' },
      { event: 'disconnected', reason: 'taken_over' },
      { event: 'connected' },
    ]),
  );
  await newer.end();
});

test('of many with one client id at once, one stays and nobody is told that the broker is away', async () => {
  const credential = await a.credential();
  const clients = Array.from({ length: 20 }, () => {
    const client = new RawClient(platform.mqttUrl);
    client.send(connectPacket(credential, { clientId: 'storm' }));
    return client;
  });
  const last = clients.at(-1)!;
  let open = clients.length;
  for (const client of clients) void client.closed.then(() => (open -= 1));
  await eventually(() => expect(open).toBe(1));
  const survivor = clients.find((client) => !client.socket.destroyed) ?? last;
  await survivor.expect('connack');
  await survivor.ping();
  await eventually(async () => {
    const log = await a.rows<{ event: string; reason: string | null }>(
      `select event, reason from integration_activity_log where organization_id = $1 and client_id = 'storm'`,
    );
    expect(log.filter(({ event }) => event === 'connected').length).toBeGreaterThan(0);
    expect(log.filter(({ reason }) => reason !== null && reason !== 'taken_over')).toEqual([]);
  });
  await survivor.end();
});

test('a device’s own credential gets no session but its own, whatever client id it takes', async () => {
  const organization = await a.credential();
  const first = await a.credential('d1');
  const second = await a.credential('d2');
  const keep = async (credential: typeof first, clientId: string, filter: string) => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId, clean: false });
    expect(await client.subscribe([filter])).toEqual([1]);
    await client.end();
  };
  await keep(organization, 'd1', a.topic('#', '').slice(0, -1));
  await keep(organization, 'd1/x', a.topic('#', '').slice(0, -1));
  await keep(organization, '/x', a.topic('#', '').slice(0, -1));
  await keep(second, 'd1', a.topic('d2', 'commands'));
  await keep(second, 'x', a.topic('d2', 'commands'));

  for (const clientId of ['d1', 'd1/x', 'x', '/x', 'd2/x', 'd2/d1', '../d2/x']) {
    const client = new RawClient(platform.mqttUrl);
    client.send(connectPacket(first, { clientId, clean: false }));
    expect(await client.expect('connack'), clientId).toMatchObject({ returnCode: 0, sessionPresent: false });
    await client.end();
  }
});

test('a device’s own credential does not disconnect others of its organization', async () => {
  const organization = await a.credential();
  const others = await Promise.all(
    ['d1/x', 'x', 'd1'].map((clientId) => RawClient.connect(platform.mqttUrl, organization, { clientId })),
  );
  const device = await a.credential('d1');
  for (const clientId of ['x', 'd1', 'd1/x']) {
    const client = await RawClient.connect(platform.mqttUrl, device, { clientId });
    await client.end();
  }
  for (const other of others) {
    await other.ping();
    await other.end();
  }
});

test('a password opens its own user name only', async () => {
  const ofA = await a.credential();
  const ofB = await b.credential();
  for (const credential of [
    { username: ofB.username, password: ofA.password },
    { username: `org_${b.organizationId}`, password: ofA.password },
    { username: '$platform', password: '' },
  ]) {
    const client = new RawClient(platform.mqttUrl);
    client.send(connectPacket(credential));
    expect(await client.expect('connack')).toMatchObject({ returnCode: 4 });
    await client.closed;
  }
});
