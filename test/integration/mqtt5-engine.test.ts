import type { IConnectPacket, Packet } from 'mqtt-packet';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, publishPacket, RawClient } from '../support/raw-client.ts';
import { scriptedBroker } from '../support/scripted-broker.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** What an engine of MQTT 5 says of itself and to clients, and what of it they get to see. */

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Scene {
  platform: TestPlatform;
  tenant: Tenant;
  connect(options?: Partial<IConnectPacket>): Promise<RawClient>;
}

async function behind(url: string): Promise<Scene> {
  const platform = await testPlatform({ ENGINE: url });
  cleanups.push(() => platform.close());
  const tenant = await firstTenant(platform);
  const credential = await tenant.credential();
  return {
    platform,
    tenant,
    connect: (options) =>
      RawClient.connect(platform.mqttUrl, credential, { protocolVersion: 5, clientId: 'c', ...options }),
  };
}

type Answer = (packet: Packet, send: (...packets: Packet[]) => void) => void;

/** Behind an engine that lets everybody in, and to the gateway's clients says what a test has it say. */
async function behindScripted(
  connack: (clientId: string) => object,
  answer: Answer = () => {},
): Promise<Scene & { received: Packet[] }> {
  const broker = await scriptedBroker((packet, send, socket) => {
    if (packet.cmd === 'connect') {
      const isPlatform = packet.clientId.startsWith('platform-');
      Object.assign(socket, { isPlatform });
      const more = isPlatform ? {} : connack(packet.clientId);
      send({ cmd: 'connack', sessionPresent: false, reasonCode: 0, ...more });
    } else if (packet.cmd === 'subscribe')
      send({
        cmd: 'suback',
        messageId: packet.messageId!,
        granted: packet.subscriptions.map(() => 1),
      } as Packet);
    else if (packet.cmd === 'disconnect') socket.end();
    else if (!(socket as { isPlatform?: boolean }).isPlatform) answer(packet, send);
    else if (packet.cmd === 'publish' && packet.qos === 1)
      send({ cmd: 'puback', messageId: packet.messageId!, reasonCode: 0 });
  });
  cleanups.push(() => broker.close());
  return { ...(await behind(`mqtt://127.0.0.1:${broker.port}`)), received: broker.received };
}

test('its limits are told, and nothing of its names, addresses and texts', async () => {
  const { connect, tenant, received } = await behindScripted((clientId) => ({
    properties: {
      assignedClientIdentifier: clientId,
      serverKeepAlive: 1,
      receiveMaximum: 7,
      maximumPacketSize: 9000,
      topicAliasMaximum: 5,
      maximumQoS: 1,
      retainAvailable: false,
      sessionExpiryInterval: 60,
      wildcardSubscriptionAvailable: true,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
      reasonString: `welcome ${clientId}`,
      userProperties: { node: 'engine@10.0.0.1' },
      responseInformation: clientId,
      serverReference: '10.0.0.2',
    },
  }));
  const client = await connect({ keepalive: 40, properties: { topicAliasMaximum: 9, receiveMaximum: 3 } });
  const said: Buffer[] = [];
  client.socket.on('data', (chunk) => said.push(chunk));
  expect(client.connack!.properties).toEqual({
    receiveMaximum: 7,
    maximumPacketSize: 9000,
    topicAliasMaximum: 5,
    maximumQoS: 1,
    retainAvailable: false,
    sessionExpiryInterval: 60,
    wildcardSubscriptionAvailable: true,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
  });
  const connects = received.filter((packet) => packet.cmd === 'connect');
  const its = connects.find(({ clientId }) => clientId === `${tenant.organizationId}:c`);
  expect(its).toMatchObject({ protocolVersion: 5, keepalive: 0, username: `org_${tenant.organizationId}` });
  expect(its!.properties).toEqual({ receiveMaximum: 3 });
  // It wants to hear something every second, of a client that may be silent for a minute.
  await eventually(() => expect(received.filter(({ cmd }) => cmd === 'pingreq').length).toBeGreaterThan(1));
  await client.ping();
  expect(client.packets).toEqual([]);
  expect(Buffer.concat(said)).toHaveLength(2);
  await client.end();
});

test('an empty client id is named by the gateway, whatever the engine would call it', async () => {
  const { connect } = await behindScripted((clientId) => ({
    properties: { assignedClientIdentifier: clientId },
  }));
  const client = await connect({ clientId: '' });
  expect(client.connack!.properties!.assignedClientIdentifier).toMatch(/^auto-[0-9a-f]{24}$/);
  await client.end();
});

test('its reasons come with the acknowledgements, in their turn, when the row is there', async () => {
  const reasons: Record<number, number> = { 1: 0x97, 2: 0x10, 3: 0x99 };
  const { connect, tenant } = await behindScripted(
    () => ({}),
    (packet, send) => {
      if (packet.cmd !== 'publish') return;
      const { messageId, qos } = packet;
      const cmd = qos === 2 ? 'pubrec' : 'puback';
      const properties = { reasonString: 'so', userProperties: { a: 'b' } };
      send({ cmd, messageId: messageId!, reasonCode: reasons[messageId!]!, properties } as Packet);
    },
  );
  const client = await connect();
  client.send(
    publishPacket(tenant.topic('a'), '{"n":1}', { messageId: 1 }),
    publishPacket(tenant.topic('a'), '{"n":2}', { messageId: 2 }),
    publishPacket(tenant.topic('a'), '{"n":3}', { messageId: 3, qos: 2 }),
  );
  await eventually(() => expect(client.packets).toHaveLength(3));
  expect(client.packets).toMatchObject([
    { cmd: 'puback', messageId: 1, reasonCode: 0x97 },
    { cmd: 'puback', messageId: 2, reasonCode: 0x10 },
    { cmd: 'pubrec', messageId: 3, reasonCode: 0x99 },
  ]);
  const rows = await tenant.rows('select from device_telemetry_history where organization_id = $1');
  expect(rows).toHaveLength(3);
  await client.end();
});

test.each([
  [0x8e, 0x8e, 'taken_over'],
  [0x8b, 0x89, 'engine_unavailable'],
  [0x98, 0x98, 'protocol_violation'],
  [0x97, 0x97, 'protocol_violation'],
])('its DISCONNECT %i is %i to the client, and logged as %s', async (code, said, reason) => {
  const { connect, tenant } = await behindScripted(
    () => ({}),
    (packet, send) => {
      const properties = { reasonString: 'engine@10.0.0.1', serverReference: '10.0.0.2' };
      if (packet.cmd === 'publish') send({ cmd: 'disconnect', reasonCode: code, properties } as Packet);
    },
  );
  const client = await connect();
  client.send(publishPacket(tenant.topic('a', 'x'), 'x', { qos: 0 }));
  const { reasonCode, properties } = await client.expect('disconnect');
  expect(reasonCode).toBe(said);
  expect(JSON.stringify(properties)).not.toContain('10.0.0');
  await client.closed;
  await eventually(async () =>
    expect(
      await tenant.rows(
        `select reason from integration_activity_log where organization_id = $1 and event = 'disconnected'`,
      ),
    ).toEqual([{ reason }]),
  );
});

test('whom it refuses it refuses in its words, without its texts', async () => {
  const { connect, platform, tenant } = await behindScripted((clientId) => ({
    reasonCode: 0x9f,
    properties: { reasonString: `too many ${clientId}` },
  }));
  await expect(connect()).rejects.toThrow(`CONNACK ${0x9f}`);
  const client = new RawClient(platform.mqttUrl, 5);
  client.send(connectPacket(await tenant.credential(), { protocolVersion: 5 }));
  const { properties } = await client.expect('connack');
  expect(JSON.stringify(properties)).not.toContain(tenant.organizationId);
  await client.closed;
});

test('one that goes away, and a platform that stops, say so; who comes meanwhile is told to come later', async () => {
  const broker = await startMosquitto();
  cleanups.push(() => broker.stop());
  const scene = await behind(broker.url);
  const client = await scene.connect();
  await broker.end();
  expect(await client.expect('disconnect')).toMatchObject({ reasonCode: 0x89 });
  await expect(scene.connect()).rejects.toThrow(`CONNACK ${0x88}`);
  await broker.restart();
  const again = await eventually(() => scene.connect());
  const { platform } = scene;
  cleanups.splice(cleanups.length - 1, 1);
  await platform.close();
  expect(await again.expect('disconnect')).toMatchObject({ reasonCode: 0x8b });
});

test('one that was not found yet promises nothing of MQTT 5, and refuses nobody for it', async () => {
  const broker = await startMosquitto();
  cleanups.push(() => broker.stop());
  await broker.end();
  const { connect, platform } = await behind(broker.url);
  const path = `/api/v1/organizations/${platform.organizationId}/connection`;
  const versions = async () =>
    ((await (await platform.api('GET', path)).json()) as { protocol_versions: string[] }).protocol_versions;
  expect(await versions()).toEqual(['3.1', '3.1.1']);
  await expect(connect()).rejects.toThrow(`CONNACK ${0x88}`);
  await broker.restart();
  await eventually(async () => expect(await versions()).toEqual(['3.1', '3.1.1', '5.0']));
  await (await connect()).end();
});
