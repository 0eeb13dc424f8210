import mqtt from 'mqtt';
import type { IConnectPacket } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, field, RawClient, rawPacket } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** CONNECT, CONNACK and DISCONNECT of MQTT 5, in front of a Mosquitto. */

let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;

beforeAll(async () => {
  platform = await testPlatform({ ENGINE: 'mosquitto', MAX_MESSAGE_BYTES: '5000' });
  tenant = await firstTenant(platform);
  credential = await tenant.credential();
});
afterAll(() => platform.close());

const connect = (options: Partial<IConnectPacket> = {}, who: Credential = credential) =>
  RawClient.connect(platform.mqttUrl, who, { protocolVersion: 5, ...options });

/** Sends bytes and returns what CONNACK says. */
async function answerTo(...parts: Parameters<RawClient['send']>) {
  const client = new RawClient(platform.mqttUrl, 5);
  client.send(...parts);
  const answer = await client.expect('connack');
  await client.closed;
  return { code: answer.reasonCode, said: answer.properties?.reasonString };
}

/** CONNECT byte by byte: flags, properties, fields. */
function rawConnect(parts: {
  level?: number;
  flags?: number;
  properties?: number[];
  fields?: Buffer[];
}): Buffer {
  const { level = 5, flags = 0xc2, properties = [], fields } = parts;
  const rest = fields ?? [field('raw'), field(credential.username), field(credential.password)];
  return rawPacket(0x10, field('MQTT'), [level, flags, 0, 0, properties.length, ...properties], ...rest);
}

async function log(clientId: string): Promise<{ event: string; reason: string | null }[]> {
  return tenant.rows(
    `select event, reason from integration_activity_log where organization_id = $1 and client_id = $2 order by id`,
    [clientId],
  );
}

describe('CONNACK', () => {
  test('tells the gateway’s limits and what the engine can, and nothing of the inside', async () => {
    const client = await connect({ clientId: 'told', keepalive: 30 });
    expect(client.connack).toEqual(
      expect.objectContaining({
        reasonCode: 0,
        sessionPresent: false,
        properties: {
          receiveMaximum: expect.any(Number),
          maximumPacketSize: 5000 + 65_540,
          topicAliasMaximum: 10,
        },
      }),
    );
    await client.end();
  });

  test('gives a client without an id one, which is its own and no name of the engine’s', async () => {
    const first = await connect({ properties: { sessionExpiryInterval: 100 } });
    const clientId = first.connack!.properties!.assignedClientIdentifier!;
    expect(clientId).toMatch(/^auto-[0-9a-f]{24}$/);
    await first.subscribe([tenant.topic('a', '#')]);
    await first.end();
    const again = await connect({ clientId, clean: false, properties: { sessionExpiryInterval: 100 } });
    expect(again.connack).toMatchObject({ sessionPresent: true });
    expect(again.connack!.properties).not.toHaveProperty('assignedClientIdentifier');
    await again.end();
  });

  test('refuses in its own words', async () => {
    const own = await tenant.credential();
    await tenant.rows(
      'update mqtt_credentials set disabled_at = now() where organization_id = $1 and id = $2',
      [own.id],
    );
    const wrong = connectPacket({ ...credential, password: 'wrong' }, { protocolVersion: 5, clientId: 'w' });
    expect(await answerTo(wrong)).toMatchObject({ code: 0x86 });
    expect(
      await answerTo(connectPacket({ username: 'nobody', password: 'x' }, { protocolVersion: 5 })),
    ).toEqual(expect.objectContaining({ code: 0x86 }));
    expect(await answerTo(connectPacket(own, { protocolVersion: 5, clientId: 'off' }))).toEqual({
      code: 0x87,
      said: expect.stringContaining('disabled'),
    });
    for (const clientId of ['a#', 'a'.repeat(129)])
      expect((await answerTo(connectPacket(credential, { protocolVersion: 5, clientId }))).code).toBe(0x85);
    const stolen = {
      topic: 'org_x/devices/a/status',
      payload: Buffer.from('x'),
      qos: 0,
      retain: false,
    } as const;
    const dying = connectPacket(credential, { protocolVersion: 5, clientId: 'will', will: stolen });
    expect((await answerTo(dying)).code).toBe(0x87);
    await eventually(async () =>
      expect(await log('will')).toEqual([{ event: 'connect_refused', reason: 'will_not_granted' }]),
    );
    const method = connectPacket(credential, {
      protocolVersion: 5,
      clientId: 'sasl',
      properties: { authenticationMethod: 'SCRAM-SHA-1', authenticationData: Buffer.from('x') },
    });
    expect((await answerTo(method)).code).toBe(0x8c);
  });

  const malformed: Record<string, { bytes: () => Buffer; code: number }> = {
    'a reserved flag': { bytes: () => rawConnect({ flags: 0xc3 }), code: 0x81 },
    'a property that there is not': { bytes: () => rawConnect({ properties: [0x7f, 0] }), code: 0x81 },
    'a property that belongs elsewhere': {
      bytes: () => rawConnect({ properties: [0x23, 0, 1] }),
      code: 0x81,
    },
    'properties that end within one': { bytes: () => rawConnect({ properties: [0x11, 0] }), code: 0x81 },
    'a property twice': { bytes: () => rawConnect({ properties: [0x21, 0, 9, 0x21, 0, 9] }), code: 0x82 },
    'a body that ends early': { bytes: () => rawConnect({ fields: [field('raw')] }), code: 0x81 },
    'a version that there is not yet': { bytes: () => rawConnect({ level: 6 }), code: 0x84 },
    'the sign of a bridge': { bytes: () => rawConnect({ level: 0x85 }), code: 0x84 },
    'a will with a property of CONNECT': {
      bytes: () =>
        rawConnect({
          flags: 0xc6,
          fields: [
            field('raw'),
            Buffer.from([3, 0x21, 0, 1]),
            ...[tenant.topic('a'), 'x', credential.username, credential.password].map((text) => field(text)),
          ],
        }),
      code: 0x81,
    },
  };
  test.each(Object.keys(malformed))('answers %s', async (name) => {
    const { bytes, code } = malformed[name]!;
    expect((await answerTo(bytes())).code).toBe(code);
  });

  test('what the engine finds wrong in properties is refused, and harms nobody', async () => {
    const { code } = await answerTo(rawConnect({ properties: [0x21, 0, 0] }));
    expect(code).toBeGreaterThanOrEqual(0x80);
    await (await connect()).end();
  });

  test('a password without a user name is allowed, and nobody’s', async () => {
    expect((await answerTo(rawConnect({ flags: 0x42, fields: [field('raw'), field('x')] }))).code).toBe(0x86);
  });
});

describe('DISCONNECT', () => {
  const will = (device: string) => ({
    topic: tenant.topic(device, 'status'),
    payload: Buffer.from('offline'),
    qos: 1 as const,
    retain: false,
  });

  async function statusOf(device: string): Promise<string | undefined> {
    const [row] = await tenant.rows<{ presence: string }>(
      `select s.presence from device_state s join devices d on d.id = s.device_id
        where d.organization_id = $1 and d.external_device_id = $2`,
      [device],
    );
    return row?.presence;
  }

  test('of a client discards its will, or asks for it', async () => {
    const watcher = await connect({ clientId: 'watcher' });
    await watcher.subscribe([tenant.topic('+', 'status')]);
    const polite = await connect({ will: will('polite') }, await tenant.credential('polite'));
    await polite.end();
    const willing = await connect({ will: will('willing') }, await tenant.credential('willing'));
    willing.send({ cmd: 'disconnect', reasonCode: 4 });
    await willing.closed;
    expect(await watcher.expect('publish')).toMatchObject({ topic: tenant.topic('willing', 'status') });
    await eventually(async () => expect(await statusOf('willing')).toBe('offline'));
    await watcher.publish(tenant.topic('end', 'status'), 'online');
    expect(await watcher.expect('publish')).toMatchObject({ topic: tenant.topic('end', 'status') });
    await watcher.end();
  });

  test('of a client may end its session, or have it kept for longer', async () => {
    const options = { clientId: 'kept', clean: false, properties: { sessionExpiryInterval: 100 } };
    const first = await connect(options);
    await first.subscribe([tenant.topic('a', '#')]);
    await first.end();
    const second = await connect(options);
    expect(second.connack).toMatchObject({ sessionPresent: true });
    second.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
    await second.closed;
    const third = await connect(options);
    expect(third.connack).toMatchObject({ sessionPresent: false });
    await third.end();
  });

  test('tells who is taken over, revoked, silent or wrong why', async () => {
    const first = await connect({ clientId: 'twin' });
    const second = await connect({ clientId: 'twin' });
    expect(await first.expect('disconnect')).toMatchObject({ reasonCode: 0x8e });

    const own = await tenant.credential();
    const revoked = await connect({ clientId: 'revoked' }, own);
    await tenant.rows('delete from mqtt_credentials where organization_id = $1 and id = $2', [own.id]);
    expect(await revoked.expect('disconnect')).toMatchObject({
      reasonCode: 0x98,
      properties: { reasonString: expect.stringContaining('deleted') },
    });

    const silent = await connect({ clientId: 'silent', keepalive: 1 });
    expect(await silent.expect('disconnect')).toMatchObject({ reasonCode: 0x8d });

    const large = await connect({ clientId: 'large', properties: { maximumPacketSize: 20 } });
    large.send(rawPacket(0x30, field(tenant.topic('a', 'x')), [0], Buffer.alloc(5001)));
    const { reasonCode, properties } = await large.expect('disconnect');
    expect({ reasonCode, properties }).toEqual({ reasonCode: 0x95, properties: undefined });
    await second.end();
  });

  const wrongs: Record<string, { bytes: () => Buffer; code: number }> = {
    AUTH: { bytes: () => rawPacket(0xf0, [0x18, 0]), code: 0x82 },
    'a second CONNECT': { bytes: () => rawConnect({}), code: 0x82 },
    'SUBSCRIBE of QoS 3': { bytes: () => rawPacket(0x82, [0, 1, 0], field('a'), [3]), code: 0x81 },
    'SUBSCRIBE with a reserved option': {
      bytes: () => rawPacket(0x82, [0, 1, 0], field('a'), [0x40]),
      code: 0x81,
    },
    'SUBSCRIBE of retain handling 3': {
      bytes: () => rawPacket(0x82, [0, 1, 0], field('a'), [0x30]),
      code: 0x81,
    },
    'SUBSCRIBE that ends in its properties': { bytes: () => rawPacket(0x82, [0, 1, 200, 1]), code: 0x81 },
    'UNSUBSCRIBE without filters': { bytes: () => rawPacket(0xa2, [0, 1, 0]), code: 0x81 },
    'PUBACK of packet id 0': { bytes: () => rawPacket(0x40, [0, 0, 0]), code: 0x81 },
    'PUBACK that goes on behind its properties': {
      bytes: () => rawPacket(0x40, [0, 1, 0, 0, 1]),
      code: 0x81,
    },
    'DISCONNECT that ends in its properties': { bytes: () => rawPacket(0xe0, [0, 5, 0x11]), code: 0x81 },
    'PUBLISH that ends in its properties': { bytes: () => rawPacket(0x30, field('a'), [9, 1]), code: 0x81 },
  };
  test.each(Object.keys(wrongs))('answers %s', async (name) => {
    const { bytes, code } = wrongs[name]!;
    const client = await connect();
    client.send(bytes());
    expect((await client.expect('disconnect')).reasonCode).toBe(code);
    await client.closed;
  });
});

test('MQTT.js speaks it, and the API says that one may', async () => {
  const { username, password } = credential;
  const client = await mqtt.connectAsync(platform.mqttUrl, { username, password, protocolVersion: 5 });
  await client.publishAsync(tenant.topic('js'), '{"n":5}', { qos: 1 });
  await client.endAsync();
  const path = `/api/v1/organizations/${platform.organizationId}/connection`;
  expect(await (await platform.api('GET', path)).json()).toMatchObject({
    protocol_versions: ['3.1', '3.1.1', '5.0'],
  });
});
