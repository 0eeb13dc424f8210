import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** Revoked means gone: within a second, with the session, and nobody else notices. */

let platform: TestPlatform;
let tenant: Tenant;

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
});
afterAll(() => platform.close());

const path = (id: string, rest = '') =>
  `/api/v1/organizations/${platform.organizationId}/credentials/${id}${rest}`;
async function call(method: string, url: string, body?: unknown): Promise<void> {
  const response = await platform.api(method, url, body);
  expect(response.ok, `${response.status}`).toBe(true);
}
const update = (assignment: string) => async (id: string) => {
  await tenant.rows(`update mqtt_credentials set ${assignment} where organization_id = $1 and id = $2`, [id]);
};

async function answerTo(credential: Pick<Credential, 'username' | 'password'>, options: object = {}) {
  const client = new RawClient(platform.mqttUrl);
  client.send(connectPacket(credential, options));
  const { returnCode, sessionPresent } = await client.expect('connack');
  if (returnCode === 0) await client.end();
  return { returnCode, sessionPresent };
}

const ways: { name: string; revoke: (id: string) => Promise<void>; code: number; device?: string }[] = [
  { name: 'disabled', revoke: (id) => call('PATCH', path(id), { disabled: true }), code: 5 },
  { name: 'deleted', revoke: (id) => call('DELETE', path(id)), code: 4 },
  { name: 'rotated', revoke: (id) => call('POST', path(id, '/rotate'), { overlap_seconds: 0 }), code: 5 },
  { name: 'its password changed', revoke: update(`password_hash = '$7$101$AAAA$AAAA'`), code: 4 },
  { name: 'expired', revoke: update(`expires_at = now() + interval '300 ms'`), code: 5 },
  {
    name: 'its device deleted',
    device: 'doomed',
    revoke: async () => {
      await tenant.rows(`delete from devices where organization_id = $1 and external_device_id = 'doomed'`);
    },
    code: 4,
  },
];

describe('a credential', () => {
  test.each(ways)('$name', async ({ name, revoke, code, device }) => {
    const clientId = name.replaceAll(' ', '-');
    const topic = tenant.topic(device ?? clientId, 'status');
    const own = await tenant.credential(device);
    const others = await tenant.credential();
    const listener = await RawClient.connect(platform.mqttUrl, others, { clientId: `listener-${clientId}` });
    await listener.subscribe([tenant.topic(device ?? clientId, '#')]);
    const bystander = await RawClient.connect(platform.mqttUrl, others, { clientId: `by-${clientId}` });
    const will = { topic, payload: Buffer.from('offline'), qos: 1 as const, retain: true };
    const options = { clientId, clean: false };
    const client = await RawClient.connect(platform.mqttUrl, own, { ...options, will });
    expect(await client.subscribe([tenant.topic(device ?? clientId, 'commands')])).toEqual([1]);
    const quiet = await RawClient.connect(platform.mqttUrl, own, { clientId: `${clientId}-second` });

    await revoke(own.id);
    const revoked = performance.now();
    await Promise.all([client.closed, quiet.closed]);
    expect(performance.now() - revoked).toBeLessThan(1000);
    expect((await answerTo(own, options)).returnCode).toBe(code);

    // Its session is gone: whoever may use the client id next gets nothing of it.
    const successor = await tenant.credential(device);
    expect(await answerTo(successor, options)).toEqual({ returnCode: 0, sessionPresent: false });
    // The will was the revoked one's to say.
    await bystander.publish(tenant.topic(device ?? clientId, 'anything'), 'x');
    expect((await listener.expect('publish')).topic).toBe(tenant.topic(device ?? clientId, 'anything'));
    expect(listener.packets).toEqual([]);
    await bystander.ping();
    await eventually(async () =>
      expect(
        await tenant.rows(
          `select reason from integration_activity_log
            where organization_id = $1 and client_id = $2 and event = 'disconnected' order by id limit 1`,
          [clientId],
        ),
      ).toEqual([{ reason: 'revoked' }]),
    );
    await listener.end();
    await bystander.end();
  });

  test('rotated with an overlap: both work until the old one’s time has come', async () => {
    const old = await tenant.credential();
    const client = await RawClient.connect(platform.mqttUrl, old);
    const response = await platform.api('POST', path(old.id, '/rotate'), { overlap_seconds: 1 });
    const successor = (await response.json()) as Credential;
    expect(await answerTo(successor)).toMatchObject({ returnCode: 0 });
    await client.ping();
    expect(await answerTo(old)).toMatchObject({ returnCode: 0 });
    await client.closed;
    expect(await answerTo(old)).toMatchObject({ returnCode: 5 });
    expect(await answerTo(successor)).toMatchObject({ returnCode: 0 });
  });

  test('disabled and enabled again', async () => {
    const own = await tenant.credential();
    await call('PATCH', path(own.id), { disabled: true });
    await eventually(async () => expect(await answerTo(own)).toMatchObject({ returnCode: 5 }));
    await call('PATCH', path(own.id), { disabled: false });
    await eventually(async () => expect(await answerTo(own)).toMatchObject({ returnCode: 0 }));
  });

  test('renamed: nobody is disconnected', async () => {
    const own = await tenant.credential();
    const client = await RawClient.connect(platform.mqttUrl, own);
    await call('PATCH', path(own.id), { label: 'another' });
    await call('PATCH', path((await tenant.credential()).id), { disabled: true });
    await client.ping();
    await client.end();
  });
});

test('nobody slips in while it is being disabled', async () => {
  for (let round = 0; round < 5; round += 1) {
    const own = await tenant.credential();
    let disabled = false;
    const clients: RawClient[] = [];
    const storm = Array.from({ length: 10 }, async () => {
      while (!disabled) {
        const client = new RawClient(platform.mqttUrl);
        client.send(connectPacket(own));
        clients.push(client);
        await client.expect('connack').catch(() => {});
      }
    });
    await eventually(() => expect(clients.length).toBeGreaterThan(30));
    await call('PATCH', path(own.id), { disabled: true });
    disabled = true;
    await Promise.all(storm);
    await Promise.all(clients.map((client) => client.closed));
    await eventually(async () =>
      expect(
        await tenant.rows('select from mqtt_connections where organization_id = $1 and credential_id = $2', [
          own.id,
        ]),
      ).toEqual([]),
    );
  }
});
