import { randomUUID } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Ledger } from '../../src/commands/ledger.ts';
import { callWaiting } from '../../src/database/command-queue.ts';
import { callForgotten } from '../../src/database/command-upkeep.ts';
import { silentLog } from '../../src/service/log.ts';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

/** What one organization does with commands on purpose does no harm to another's. */

let platform: TestPlatform;
let tenant: Tenant;
let hostile: Tenant;
const clients: MqttClient[] = [];

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
  hostile = await otherTenant(platform);
});
afterAll(() => platform.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});

async function clientOf(of: Tenant, name?: string): Promise<MqttClient> {
  const { username, password } = await of.credential(name);
  const client = await mqtt.connectAsync(platform.mqttUrl, { username, password, protocolVersion: 4 });
  clients.push(client);
  return client;
}

/** A device that answers `succeeded`, or what `answer` makes of the id. */
async function device(of: Tenant, name: string, answer?: (id: string) => string): Promise<MqttClient> {
  const client = await clientOf(of, name);
  client.on('message', (_topic, payload) => {
    const { id } = JSON.parse(payload.toString());
    if (typeof id !== 'string') return;
    const said = answer?.(id) ?? JSON.stringify({ id, status: 'succeeded' });
    client.publish(of.topic(name, 'responses'), said, { qos: 1 });
  });
  await client.subscribeAsync(of.topic(name, 'commands'), { qos: 1 });
  return client;
}

async function ask(of: Tenant, name: string, expiresAt = '1 hour'): Promise<string> {
  const [row] = await of.rows<{ id: string }>(
    `insert into device_commands (device_id, name, expires_at)
     select id, 'do', $3::timestamptz from devices where organization_id = $1 and external_device_id = $2 returning id`,
    [name, expiresAt],
  );
  return row!.id;
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

async function succeeds(id: string, timeout?: number): Promise<void> {
  await eventually(async () => {
    const rows = await tenant.rows(
      'select state from device_commands where organization_id = $1 and id = $2',
      [id],
    );
    expect(rows).toEqual([{ state: 'succeeded' }]);
  }, timeout);
}

test.each(['infinity', '-infinity', '290000-01-01', '4000-01-01 BC'])(
  'no command lasts until %s',
  async (until) => {
    await hostile.credential('eternal');
    await expect(ask(hostile, 'eternal', until)).rejects.toThrow('expires_within_30_days');
  },
);

test('what can’t be written fails alone', async () => {
  const { pool } = platform.test;
  const ledger = new Ledger({ pool, log: silentLog, onChanged() {} });
  await tenant.credential('away');
  const ids = await Promise.all([1, 2, 3, 4, 5].map(() => ask(tenant, 'away', inAnHour())));
  const written = await Promise.allSettled(
    ids.map((id, index) => {
      const result = index === 1 ? '"\\u0000"' : '1';
      return ledger.write({ id, event: 'succeed', result });
    }),
  );
  expect(written.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toEqual([
    'changed',
    false,
    'changed',
    'changed',
    'changed',
  ]);
  await ledger.stop();
});

test.each([
  ['half of a surrogate pair', '"\\ud800"'],
  ['one in a name', '{"\\udc00":1}'],
  ['a character 0', '"\\u0000"'],
  ['more levels than JSON is read with', '['.repeat(30_000) + ']'.repeat(30_000)],
])('an answer with %s is refused alone', async (name, result) => {
  await device(tenant, 'lamp');
  await device(hostile, name, (id) => `{"id":"${id}","status":"succeeded","result":${result}}`);
  const theirs = await ask(hostile, name, inAnHour());
  for (let n = 0; n < 3; n += 1) await succeeds(await ask(tenant, 'lamp', inAnHour()), 3000);
  await eventually(async () => {
    const sql = `select reason from message_quarantine where organization_id = $1 and external_device_id = $2`;
    expect(await hostile.rows(sql, [name])).toEqual([{ reason: 'invalid_answer' }]);
  });
  const [{ state } = {}] = await hostile.rows(
    'select state from device_commands where organization_id = $1 and id = $2',
    [theirs],
  );
  expect(state).toMatch(/published|delivered/);
});

test('messages on the topic of commands that only look like some hold nobody up', async () => {
  await device(tenant, 'lamp');
  await device(hostile, 'pump');
  const shop = await clientOf(hostile);
  let isOver = false;
  const flood = (async () => {
    while (!isOver) {
      const payload = JSON.stringify({ id: [randomUUID()], expires_at: inAnHour() });
      await shop.publishAsync(hostile.topic('pump', 'commands'), payload, { qos: 1 });
    }
  })();
  try {
    for (let n = 0; n < 10; n += 1) await succeeds(await ask(tenant, 'lamp', inAnHour()), 3000);
  } finally {
    isOver = true;
    await flood;
  }
});

test('a transaction that is open holds up its own device alone', async () => {
  const { pool } = platform.test;
  await device(tenant, 'lamp');
  await hostile.credential('held');
  const supersede = `insert into device_commands (device_id, name, supersede_key)
    select id, 'set', 'point' from devices where organization_id = $1 and external_device_id = 'held'`;
  await hostile.rows(supersede);
  const standing = async (reason: string | null) => {
    const sql = `select state, reason from device_commands where organization_id = $1 and name = 'set' order by sequence`;
    expect((await hostile.rows(sql)).at(-1)).toEqual({ state: 'queued', reason });
  };
  await eventually(() => standing('device_away'));
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(supersede, [hostile.organizationId]);
    await pool.query(
      `select private.call_devices(array(select id from devices where external_device_id = 'held'))`,
    );
    await callWaiting(pool, [{ organizationId: hostile.organizationId, externalDeviceId: undefined }]);
    for (let n = 0; n < 5; n += 1) await succeeds(await ask(tenant, 'lamp', inAnHour()), 2000);
  } finally {
    await client.query('commit');
    client.release();
  }
  await eventually(() => standing('device_away'), 3000);
});

/** Devices that are away, each with so many commands. */
async function fleet(of: Tenant, name: string, devices: number, commands: number): Promise<void> {
  await of.rows(
    `insert into devices (organization_id, integration_id, external_device_id, name)
     select $1, i.id, $2 || '-' || number, 'One of many' from generate_series(1, $3::int) as number, device_integrations i
      where i.organization_id = $1`,
    [name, devices],
  );
  await of.rows(
    `insert into device_commands (device_id, name, expires_at)
     select id, $2, now() + interval '1 hour' from devices, generate_series(1, $3::int)
      where organization_id = $1 and external_device_id like $2 || '-%'`,
    [name, commands],
  );
}

test('many at once are called bit by bit, so that others go first', async () => {
  await device(tenant, 'lamp');
  await fleet(hostile, 'many', 5000, 1);
  for (let n = 0; n < 3; n += 1) await succeeds(await ask(tenant, 'lamp', inAnHour()), 3000);
  const sql = `select count(*)::int as left from device_commands where organization_id = $1 and name = 'many' and reason is null`;
  expect((await hostile.rows<{ left: number }>(sql))[0]!.left).toBeGreaterThan(500);
});

test('a device that is away is not tried over and over, whatever waits for it', async () => {
  const { pool } = platform.test;
  await fleet(hostile, 'idle', 10, 3);
  // Each word goes with the turn that it began.
  const words = `select from pgmq.q_commands_hosted join devices d on d.id = (message ->> 'device')::uuid
    where d.external_device_id like 'idle-%'`;
  await eventually(async () => expect((await pool.query(words)).rowCount).toBe(0));
});

test('only who is next and is not waited for can have been forgotten, and only where it is reached', async () => {
  const { pool } = platform.test;
  await fleet(hostile, 'patient', 10, 2);
  await eventually(async () => {
    const sql = `select from device_commands where organization_id = $1 and name = 'patient' and waits_for_device`;
    expect(await hostile.rows(sql)).toHaveLength(10);
  });
  const change = async (set: string) => {
    await hostile.rows(`update device_commands set ${set} where organization_id = $1 and name = 'patient'`);
  };
  const called = async (hosted: boolean) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await callForgotten(client, { hosted });
      const { rows } = await client.query(
        `select count(*)::int from pgmq.q_commands_hosted q join devices d on d.id = (q.message ->> 'device')::uuid
          where q.read_ct = 0 and d.organization_id = $1 and d.external_device_id like 'patient-%'`,
        [hostile.organizationId],
      );
      return rows[0].count as number;
    } finally {
      await client.query('rollback');
      client.release();
    }
  };
  await change(`created_at = now() - interval '2 minutes'`);
  expect(await called(true)).toBe(0);
  await change(`waits_for_device = false`);
  expect(await called(true)).toBe(10);
  expect(await called(false)).toBe(0);
});
