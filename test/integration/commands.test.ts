import { randomUUID } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

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
  const ids: string[] = [];
  for (const number of [1, 2, 3]) ids.push(await ask('away', { name: `n${number}` }));
  await eventually(async () =>
    expect(await stateOf(ids[0]!)).toMatchObject({ state: 'queued', reason: 'device_away' }),
  );
  const got: string[] = [];
  await device('away', (command, answer) => {
    got.push(command.name);
    void answer('succeeded');
  });
  for (const id of ids) await reaches(id, 'succeeded');
  expect(got).toEqual(['n1', 'n2', 'n3']);
});

test('what went with a session that had not confirmed it is sent again, with its id', async () => {
  const credential = await tenant.credential('lossy');
  const raw = await mqtt.connectAsync(platform.mqttUrl, {
    username: credential.username,
    password: credential.password,
    protocolVersion: 4,
    clientId: 'lossy',
    reconnectPeriod: 0,
  });
  clients.push(raw);
  // Gets it, and is gone before PUBACK: MQTT.js confirms when the callback is called.
  const received = new Promise<string>((resolve) => {
    raw.handleMessage = (packet) => resolve(JSON.parse(String(packet.payload)).id);
  });
  await raw.subscribeAsync(tenant.topic('lossy', 'commands'), { qos: 1 });
  const id = await ask('lossy');
  expect(await received).toBe(id);
  await reaches(id, 'published');
  raw.stream.destroy();

  const again: string[] = [];
  await device(
    'lossy',
    (command, answer) => {
      again.push(command.id);
      void answer('succeeded');
    },
    { clientId: 'lossy' },
  );
  await reaches(id, 'succeeded');
  expect(again).toEqual([id]);
});

test('a kept session is not sent twice what it has', async () => {
  const got: string[] = [];
  const act = (command: Received, answer: (status: string) => Promise<unknown>) => {
    got.push(command.id);
    void answer('succeeded');
  };
  const first = await device('kept', act, { clean: false, clientId: 'kept' });
  await first.endAsync();
  const ids = [await ask('kept'), await ask('kept')];
  await eventually(async () => expect(await stateOf(ids[0]!)).toMatchObject({ reason: 'device_away' }));
  await device('kept', act, { clean: false, clientId: 'kept' });
  for (const id of ids) await reaches(id, 'succeeded');
  expect(got).toEqual(ids);
});

test('a client without QoS 1 confirms nothing, and is not sent it again with every connection', async () => {
  const got: string[] = [];
  const first = await device('plain', (command) => got.push(command.id), { qos: 0 });
  const id = await ask('plain');
  await reaches(id, 'published');
  await eventually(async () => expect(await stateOf(id)).toMatchObject({ handed_over: true }));
  await first.endAsync();
  const second = await device('plain', (command) => got.push(command.id), { qos: 0 });
  await second.endAsync();
  expect(await stateOf(id)).toMatchObject({ state: 'published', delivered_at: null });
  expect(got).toEqual([id]);
});

test('who only listens confirms nothing for a device; on its return the device gets it', async () => {
  const credential = await tenant.credential();
  const monitor = await mqtt.connectAsync(platform.mqttUrl, { ...credential, protocolVersion: 4 });
  clients.push(monitor);
  const seen = new Promise<string>((resolve) => {
    monitor.on('message', (_topic, payload) => resolve(JSON.parse(payload.toString()).id));
  });
  await monitor.subscribeAsync(tenant.topic('+', 'commands'), { qos: 1 });
  const id = await ask('watched');
  expect(await seen).toBe(id);
  await reaches(id, 'published');
  await device('watched', (_command, answer) => void answer('succeeded'));
  await reaches(id, 'succeeded');
  await monitor.endAsync();
});

test('a gateway on site with one credential takes the commands of those it speaks for', async () => {
  const credential = await tenant.credential();
  const site = await mqtt.connectAsync(platform.mqttUrl, { ...credential, protocolVersion: 4 });
  clients.push(site);
  await site.subscribeAsync(tenant.topic('+', 'commands'), { qos: 1 });
  await site.publishAsync(tenant.topic('site-1'), '{"t":1}', { qos: 1 });
  const id = await ask('site-1');
  await reaches(id, 'delivered');
  await site.endAsync();
});

test('a newer command with the same key takes the place of one that waits', async () => {
  const first = await ask('valve', { name: 'set', params: { at: 1 }, supersede_key: 'at' });
  await eventually(async () => expect(await stateOf(first)).toMatchObject({ reason: 'device_away' }));
  const second = await ask('valve', { name: 'set', params: { at: 2 }, supersede_key: 'at' });
  expect(await stateOf(first)).toMatchObject({ state: 'cancelled', reason: 'superseded' });
  const got: unknown[] = [];
  await device('valve', (command, answer) => {
    got.push(command.params);
    void answer('succeeded');
  });
  await reaches(second, 'succeeded');
  expect(got).toEqual([{ at: 2 }]);
});

test('one that has expired is not sent; one that was waited for in vain says how far it came', async () => {
  const id = await ask('late', { expires_at: new Date(Date.now() + 700).toISOString() });
  await eventually(async () =>
    expect(await stateOf(id)).toMatchObject({ state: 'expired', reason: 'not_sent' }),
  );
  const got: string[] = [];
  await device('late', (command) => got.push(command.id));
  const another = await ask('late');
  await reaches(another, 'delivered');
  await tenant.rows(
    `update device_commands set expires_at = now() - interval '2 minutes' where organization_id = $1 and id = $2`,
    [another],
  );
  await eventually(async () =>
    expect(await stateOf(another)).toMatchObject({ state: 'expired', reason: 'not_answered' }),
  );
  expect(got).toEqual([another]);
});

const bad: [string, (id: string, other: string) => string | object, string][] = [
  ['no JSON', () => 'done', 'invalid_answer'],
  ['without an id', () => ({ status: 'succeeded' }), 'invalid_answer'],
  ['of no status there is', (id) => ({ id, status: 'fine' }), 'invalid_answer'],
  [
    'with text that can’t be stored',
    (id) => ({ id, status: 'succeeded', result: '\u0000' }),
    'invalid_answer',
  ],
  ['too long', (id) => ({ id, status: 'succeeded', result: 'x'.repeat(70_000) }), 'invalid_answer'],
  ['to no command there is', () => ({ id: randomUUID(), status: 'succeeded' }), 'unknown_command'],
  ['to another device’s', (_id, other) => ({ id: other, status: 'succeeded' }), 'not_its_command'],
];
test.each(bad)('an answer %s has its own outcome and changes nothing', async (title, answerOf, reason) => {
  const name = `bad-${bad.findIndex(([one]) => one === title)}`;
  const client = await device(name, () => {});
  const id = await ask(name);
  const other = await ask(`${name}-other`);
  await reaches(id, 'delivered');
  const answer = answerOf(id, other);
  const payload = typeof answer === 'string' ? answer : JSON.stringify(answer);
  await client.publishAsync(tenant.topic(name, 'responses'), payload, { qos: 1 });
  const [row] = await tenant.rows(
    'select reason from message_quarantine where organization_id = $1 and external_device_id = $2',
    [name],
  );
  expect(row).toEqual({ reason });
  expect(await stateOf(id)).toMatchObject({ state: 'delivered', result: null });
  expect(await stateOf(other)).toMatchObject({ state: 'queued', result: null });
});

test('a finished command stays as it is, whatever is answered to it', async () => {
  const client = await device('final', (_command, answer) => void answer('failed', { why: 'stuck' }));
  const id = await ask('final');
  await reaches(id, 'failed');
  const say = (status: string) =>
    client.publishAsync(tenant.topic('final', 'responses'), JSON.stringify({ id, status, result: 1 }), {
      qos: 1,
    });
  await say('failed');
  await say('succeeded');
  await say('acknowledged');
  expect(await stateOf(id)).toMatchObject({ state: 'failed', result: { why: 'stuck' } });
  const reasons = await tenant.rows(
    `select reason from message_quarantine where organization_id = $1 and external_device_id = 'final'`,
  );
  expect(reasons).toEqual([{ reason: 'command_finished' }, { reason: 'command_finished' }]);
});

test('another organization’s command is as one that there is not', async () => {
  const stranger = await otherTenant(platform);
  const credential = await stranger.credential('spy');
  const spy = await mqtt.connectAsync(platform.mqttUrl, { ...credential, protocolVersion: 4 });
  clients.push(spy);
  const id = await ask('victim');
  await spy.publishAsync(stranger.topic('spy', 'responses'), JSON.stringify({ id, status: 'succeeded' }), {
    qos: 1,
  });
  expect(await stranger.rows('select reason from message_quarantine where organization_id = $1')).toEqual([
    { reason: 'unknown_command' },
  ]);
  expect(await stateOf(id)).toMatchObject({ state: 'queued' });
});

test('a thousand commands to a hundred devices: each once, in order', async () => {
  const got = new Map<string, number[]>();
  const credential = await tenant.credential();
  const fleet = await mqtt.connectAsync(platform.mqttUrl, { ...credential, protocolVersion: 4 });
  clients.push(fleet);
  fleet.on('message', (topic, payload) => {
    const name = topic.split('/')[2]!;
    const { id, params } = JSON.parse(payload.toString());
    // Others wait in vain for their devices since the tests above.
    if (params.n === undefined) return;
    if (!got.get(name)?.push(params.n)) got.set(name, [params.n]);
    fleet.publish(tenant.topic(name, 'responses'), JSON.stringify({ id, status: 'succeeded' }), { qos: 1 });
  });
  await fleet.subscribeAsync(tenant.topic('+', 'commands'), { qos: 1 });
  await tenant.rows(
    `insert into devices (organization_id, integration_id, external_device_id, name)
     select $1, $2, 'many-' || n, 'many' from generate_series(1, 100) n`,
    [tenant.integrationId],
  );
  await tenant.rows(
    `insert into device_commands (device_id, name, params)
     select d.id, 'count', jsonb_build_object('n', n) from devices d, generate_series(1, 10) n
      where d.organization_id = $1 and d.name = 'many' order by n, d.id`,
  );
  await eventually(async () => {
    const [row] = await tenant.rows(
      `select count(*)::int as n from device_commands where organization_id = $1 and name = 'count' and state = 'succeeded'`,
    );
    expect(row).toEqual({ n: 1000 });
  }, 20_000);
  expect(got.size).toBe(100);
  for (const numbers of got.values()) expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await fleet.endAsync();
});

test('a device that is deleted takes its commands along, and leaves nothing to do', async () => {
  await ask('gone');
  await tenant.rows(`delete from devices where organization_id = $1 and external_device_id = 'gone'`);
  await eventually(async () =>
    expect(await tenant.rows(`select from pgmq.q_commands_hosted where $1::uuid is not null`)).toEqual([]),
  );
});

test('what is larger than a message may be is not sent', async () => {
  const small = await testPlatform({ MAX_MESSAGE_BYTES: '500' });
  try {
    const own = await firstTenant(small);
    await own.credential('little');
    await own.rows(
      `insert into device_commands (device_id, name, params)
       select id, 'fill', jsonb_build_object('text', repeat('x', 500)) from devices where organization_id = $1`,
    );
    const credential = await own.credential('little');
    const client = await mqtt.connectAsync(small.mqttUrl, { ...credential, protocolVersion: 4 });
    clients.push(client);
    await client.subscribeAsync(own.topic('little', 'commands'), { qos: 1 });
    await eventually(async () =>
      expect(await own.rows('select state, reason from device_commands where organization_id = $1')).toEqual([
        { state: 'undeliverable', reason: 'too_large' },
      ]),
    );
    await client.endAsync();
  } finally {
    await small.close();
  }
});
