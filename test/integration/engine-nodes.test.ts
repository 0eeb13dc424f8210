import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/**
 * ENGINE as a list: how connections are spread, and what a node that goes means. Three brokers that know nothing of each
 * other serve for that; a cluster is in cluster.test.ts.
 */

let brokers: TestMosquitto[];
let platform: TestPlatform;
let tenant: Tenant;
let credentials: Credential[];

beforeAll(async () => {
  brokers = await Promise.all([startMosquitto(), startMosquitto(), startMosquitto()]);
  const hosts = brokers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  platform = await testPlatform({ ENGINE: `mqtt://${hosts}` });
  tenant = await firstTenant(platform);
  credentials = await Promise.all(names.map((name) => tenant.credential(name)));
});
afterAll(async () => {
  await platform.close();
  for (const broker of brokers) await broker.stop();
});

const names = Array.from({ length: 9 }, (_, n) => `device-${n}`);
/** The clients that each broker has let in since its start, but for the platform itself. */
const admitted = (broker: TestMosquitto) =>
  broker.log.flatMap((line) => / as \S+\/(device-\d) /.exec(line)?.[1] ?? []);
const metric = async (name: string) => {
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  return Number(new RegExp(`^netneural_engine_${name} (\\d+)$`, 'm').exec(text)?.[1]);
};
const connect = (index: number) =>
  RawClient.connect(platform.mqttUrl, credentials[index]!, {
    clientId: names[index]!,
    will: {
      topic: tenant.topic(names[index]!, 'status'),
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
    },
  });

/** With the broker that it came to. */
async function connectAndFind(index: number): Promise<{ client: RawClient; broker: TestMosquitto }> {
  const before = brokers.map((broker) => admitted(broker).length);
  const client = await connect(index);
  return { client, broker: brokers.find((broker, at) => admitted(broker).length > before[at]!)! };
}

test('clients are spread; a node that goes takes its own along, who come back elsewhere; one that is back has its share', async () => {
  const clients = await Promise.all(names.map((_, index) => connect(index)));
  expect(brokers.map((broker) => admitted(broker).length)).toEqual([3, 3, 3]);
  expect(await metric('nodes_there')).toBe(3);
  for (const [index, client] of clients.entries())
    await client.publish(tenant.topic(names[index]!), '{"a":1}');

  const [gone, ...others] = brokers as [TestMosquitto, TestMosquitto, TestMosquitto];
  const moved = admitted(gone);
  await gone.kill();
  const movedClients = clients.filter((_, index) => moved.includes(names[index]!));
  await Promise.all(movedClients.map(({ closed }) => closed));
  await eventually(async () => expect(await metric('nodes_there')).toBe(2));
  expect(await metric('nodes')).toBe(3);
  expect(await metric('healthy')).toBe(1);
  const back = await Promise.all(moved.map((name) => connect(names.indexOf(name))));
  expect(others.map((broker) => admitted(broker).length)).toEqual(expect.arrayContaining([4, 5]));
  const stayed = clients.filter((client) => !movedClients.includes(client));
  for (const client of [...stayed, ...back]) await client.ping();

  await gone.restart();
  await eventually(async () => expect(await metric('nodes_there')).toBe(3));
  const before = admitted(gone).length;
  const again = await Promise.all([0, 1, 2].map((index) => connect(index)));
  expect(admitted(gone).length - before).toBe(1);
  await eventually(async () =>
    expect(
      await tenant.rows(
        `select count(*)::int from integration_activity_log where organization_id = $1 and reason = 'engine_node_lost'`,
      ),
    ).toEqual([{ count: 3 }]),
  );
  for (const client of [...stayed, ...back, ...again]) client.socket.destroy();
});

test('of a device that was on a node that went nothing is concluded, and its will is not said', async () => {
  const { client, broker: gone } = await connectAndFind(8);
  await client.publish(tenant.topic(names[8]!), '{"a":2}');
  const presence = async () =>
    (
      await tenant.rows(
        `select presence, connection from device_state join devices on devices.id = device_id
          where device_state.organization_id = $1 and external_device_id = $2`,
        [names[8]!],
      )
    )[0];
  await gone.kill();
  await client.closed;
  await eventually(async () =>
    expect(await presence()).toMatchObject({ presence: 'online', connection: 'closed' }),
  );
  await gone.restart();
});

test('only without any node the engine is away: devices are unknown, and clients told to come later', async () => {
  const { client, broker: has } = await connectAndFind(7);
  await client.publish(tenant.topic(names[7]!), '{"a":3}');
  await Promise.all(brokers.filter((broker) => broker !== has).map((broker) => broker.kill()));
  await eventually(async () => expect(await metric('nodes_there')).toBe(1));
  await client.ping();
  await has.kill();
  await client.closed;
  await eventually(async () => expect(await metric('healthy')).toBe(0));
  await expect(connect(7)).rejects.toThrow('CONNACK 3');
  await eventually(async () => {
    const [last] = await tenant.rows(
      `select reason from integration_activity_log
        where organization_id = $1 and event = 'disconnected' order by id desc limit 1`,
    );
    expect(last).toEqual({ reason: 'engine_unavailable' });
  });
  await brokers[1]!.restart();
  const back = await eventually(() => connect(7), 10_000);
  await back.end();
});
