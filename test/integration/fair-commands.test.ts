import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTurns } from '../../src/database/command-queue.ts';
import { eventually } from '../support/eventually.ts';
import { createIntegration } from '../support/external-broker.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { type ScriptedBroker, scriptedBroker } from '../support/scripted-broker.ts';
import { otherTenant, type Tenant } from '../support/tenant.ts';

/** A customer's broker that takes everything and confirms nothing keeps nobody else's commands waiting. */

const MANY = 1500;

let platform: TestPlatform;
let tenant: Tenant;
let deaf: ScriptedBroker;
let deafIntegration: string;
let lamp: MqttClient;

beforeAll(async () => {
  platform = await testPlatform({ ALLOW_PRIVATE_NETWORKS: 'true' });
  deaf = await scriptedBroker(({ cmd }, send) => {
    if (cmd === 'connect') send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
    if (cmd === 'pingreq') send({ cmd: 'pingresp' });
  });
  deafIntegration = (await integrationAt(deaf.port, 'deaf')).id;
  tenant = await otherTenant(platform);
  const { username, password } = await tenant.credential('lamp');
  lamp = await mqtt.connectAsync(platform.mqttUrl, { username, password });
  lamp.on('message', (_topic, payload) => {
    const answer = JSON.stringify({ id: JSON.parse(payload.toString()).id, status: 'succeeded' });
    lamp.publish(tenant.topic('lamp', 'responses'), answer, { qos: 1 });
  });
  await lamp.subscribeAsync(tenant.topic('lamp', 'commands'), { qos: 1 });
});
afterAll(async () => {
  await lamp?.endAsync(true);
  await deaf?.close();
  await platform?.close();
});

const integrationAt = (port: number, name: string) =>
  createIntegration(platform, {
    mode: 'webhook',
    name,
    broker: { url: `mqtt://127.0.0.1:${port}` },
    commands: { topic: `${name}/{device}/set` },
  });

/** Asks something of a device of an organization's integration, which is made where it is not there. */
async function ask(organizationId: string, integrationId: string, name: string): Promise<string> {
  const { rows } = await platform.test.pool.query(
    `with device as (
       insert into devices (organization_id, integration_id, external_device_id, name) values ($1, $2, $3, $3)
       on conflict (organization_id, external_device_id) do update set name = excluded.name returning id)
     select id from device`,
    [organizationId, integrationId, name],
  );
  const { rows: commands } = await platform.test.pool.query(
    `insert into device_commands (device_id, name) values ($1, 'do') returning id`,
    [rows[0].id],
  );
  return commands[0].id as string;
}

async function comesTo(id: string, state: string, timeout?: number): Promise<void> {
  await eventually(async () => {
    const { rows } = await platform.test.pool.query('select state from device_commands where id = $1', [id]);
    expect(rows).toEqual([{ state }]);
  }, timeout);
}

test('many devices on a deaf broker', async () => {
  const { pool } = platform.test;
  await pool.query(
    `insert into devices (organization_id, integration_id, external_device_id, name)
     select $1, $2, 'deaf-' || number, 'One of many' from generate_series(1, $3::int) as number`,
    [platform.organizationId, deafIntegration, MANY],
  );
  await pool.query(
    `insert into device_commands (device_id, name) select id, 'do' from devices where external_device_id like 'deaf-%'`,
  );
  const published = () => deaf.received.filter(({ cmd }) => cmd === 'publish').length;
  await eventually(() => expect(published()).toBe(250), 10_000);
  for (let n = 0; n < 5; n += 1) {
    await comesTo(await ask(tenant.organizationId, tenant.integrationId, 'lamp'), 'succeeded', 2000);
  }
  // An organization that has one broker too many, of which nobody is there, is another's neighbour on this queue.
  const gone = await otherTenant(platform);
  const { rows } = await pool.query(
    `insert into device_integrations (organization_id, name, integration_type, mode, configuration)
     select $1, 'gone', integration_type, mode,
            jsonb_set(configuration, '{broker,url}', '"mqtt://127.0.0.1:9"') from device_integrations where id = $2
     returning id`,
    [gone.organizationId, deafIntegration],
  );
  const id = await ask(gone.organizationId, rows[0].id, 'meter');
  await eventually(async () => {
    const { rows } = await pool.query('select attempts from device_commands where id = $1', [id]);
    expect(rows[0].attempts).toBeGreaterThan(0);
  }, 3000);
  // Those of the deaf broker come to their turn, too.
  await eventually(() => expect(published()).toBeGreaterThan(250), 25_000);
}, 60_000);

test('the word of a device that has come to be on the hosted broker goes to its queue', async () => {
  const { pool } = platform.test;
  const { organizationId, integrationId } = tenant;
  const id = await ask(organizationId, integrationId, 'mover');
  await eventually(async () => {
    const { rows } = await pool.query('select reason from device_commands where id = $1', [id]);
    expect(rows).toEqual([{ reason: 'device_away' }]);
  });
  const { rows } = await pool.query(
    `insert into pgmq.q_commands_external (vt, message)
     select now(), json_build_object('device', device_id)::jsonb from device_commands where id = $1
     returning msg_id`,
    [id],
  );
  const terms = { worker: crypto.randomUUID(), seconds: 15, hosted: false };
  const bounds = { most: 500, inHand: [], mostEach: 250, busy: new Map(), laterMs: 250 };
  const left = 'select from pgmq.q_commands_external where msg_id = $1';
  // The platform may have been first: it reaches the device itself.
  await readTurns(pool, { queue: 'commands_external', ...bounds }, terms);
  await eventually(async () => expect((await pool.query(left, [rows[0].msg_id])).rowCount).toBe(0));
});
