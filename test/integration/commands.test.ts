import { randomUUID } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** Commands over the hosted broker: from a row to a real MQTT client and back. */

let platform: TestPlatform;
let tenant: Tenant;
const clients: MqttClient[] = [];

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
});
afterAll(() => platform.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});

interface Received {
  id: string;
  name: string;
  params: Record<string, unknown>;
  expires_at: string;
}

/** A device with a credential of its own that does what `act` says with each command. */
async function device(
  name: string,
  act: (command: Received, answer: (status: string, result?: unknown) => Promise<unknown>) => void,
  options: { clean?: boolean; clientId?: string; qos?: 0 | 1 } = {},
): Promise<MqttClient> {
  const credential = await tenant.credential(name);
  const client = await mqtt.connectAsync(platform.mqttUrl, {
    username: credential.username,
    password: credential.password,
    protocolVersion: 4,
    clientId: options.clientId ?? randomUUID(),
    clean: options.clean ?? true,
  });
  clients.push(client);
  client.on('message', (_topic, payload) => {
    const command = JSON.parse(payload.toString()) as Received;
    act(command, (status, result) =>
      client.publishAsync(
        tenant.topic(name, 'responses'),
        JSON.stringify({ id: command.id, status, result }),
        { qos: 1 },
      ),
    );
  });
  await client.subscribeAsync(tenant.topic(name, 'commands'), { qos: options.qos ?? 1 });
  return client;
}

async function ask(deviceName: string, columns: Record<string, unknown> = {}): Promise<string> {
  await tenant.credential(deviceName);
  const given = { name: 'do', ...columns };
  const names = Object.keys(given);
  const [row] = await tenant.rows<{ id: string }>(
    `insert into device_commands (device_id, ${names.join(', ')})
     select id, ${names.map((_, index) => `$${index + 3}`).join(', ')} from devices
      where organization_id = $1 and external_device_id = $2 returning id`,
    [deviceName, ...Object.values(given)],
  );
  return row!.id;
}

async function stateOf(id: string) {
  const [row] = await tenant.rows<Record<string, unknown>>(
    'select * from device_commands where organization_id = $1 and id = $2',
    [id],
  );
  return row as { state: string; reason: string | null; result: unknown; delivered_at: Date | null };
}

const reaches = (id: string, state: string) =>
  eventually(async () => expect((await stateOf(id)).state).toBe(state));

test('a row goes to the device, and what it answers becomes its state', async () => {
  await device('lamp', (_command, answer) => {
    void answer('acknowledged').then(() => answer('succeeded', { on: true }));
  });
  const id = await ask('lamp', { name: 'switch', params: { on: true } });
  await reaches(id, 'succeeded');
  const row = await stateOf(id);
  expect(row.result).toEqual({ on: true });
  await eventually(async () => expect((await stateOf(id)).delivered_at).not.toBeNull());
});

test('a device that is away gets its commands in order on its return', async () => {
  const ids = [];
  for (const number of [1, 2, 3]) ids.push(await ask('away', { name: `n${number}` }));
  await eventually(async () => expect(await stateOf(ids[0]!)).toMatchObject({ state: 'queued', reason: 'device_away' }));
  const got: string[] = [];
  await device('away', (command, answer) => {
    got.push(command.name);
    void answer('succeeded');
  });
  for (const id of ids) await reaches(id, 'succeeded');
  expect(got).toEqual(['n1', 'n2', 'n3']);
});
