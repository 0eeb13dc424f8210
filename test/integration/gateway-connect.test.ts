import mqtt from 'mqtt';
import type { IConnectPacket } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, encode, field, publishPacket, RawClient, rawPacket } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** CONNECT in every form: who is let in, who is told what, and what the owner can read of it. */

let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
  credential = await tenant.credential();
});
afterAll(() => platform.close());

/** What the activity log says of a client, oldest first. */
async function log(clientId: string): Promise<{ event: string; reason: string | null }[]> {
  return tenant.rows(
    `select event, reason from integration_activity_log where organization_id = $1 and client_id = $2 order by id`,
    [clientId],
  );
}

/** Sends bytes and returns CONNACK's code, or undefined when the connection just ends. */
async function answerTo(bytes: Buffer): Promise<number | undefined> {
  const client = new RawClient(platform.mqttUrl);
  client.send(bytes);
  const answer = await client.expect('connack').catch(() => undefined);
  if (answer?.returnCode === 0) await client.end();
  await client.closed;
  return answer?.returnCode;
}

/** CONNECT byte by byte: name and level of the protocol, flags, keep-alive, fields. */
function rawConnect(parts: { name?: string; level?: number; flags?: number; fields?: Buffer[] }): Buffer {
  const { name = 'MQTT', level = 4, flags = 0xc2, fields } = parts;
  const rest = fields ?? [field('raw'), field(credential.username), field(credential.password)];
  return rawPacket(0x10, field(name), [level, flags, 0, 0], ...rest);
}

describe('bytes that are no acceptable CONNECT', () => {
  const none: Record<string, () => Buffer> = {
    'another packet first': () => encode(publishPacket(tenant.topic('x'), '1')),
    'PINGREQ first': () => encode({ cmd: 'pingreq' }),
    'a reserved bit in the fixed header': () =>
      Buffer.concat([Buffer.from([0x11]), rawConnect({}).subarray(1)]),
    'another protocol’s name': () => rawConnect({ name: 'AMQP' }),
    'a protocol’s name with the wrong level': () => rawConnect({ name: 'MQIsdp', level: 4 }),
    'the reserved connect flag': () => rawConnect({ flags: 0xc3 }),
    'an empty body': () => rawPacket(0x10),
    'a body that ends in the client id': () => rawPacket(0x10, field('MQTT'), [4, 0xc2, 0, 0, 0, 9, 65]),
    'a user name that is announced and missing': () => rawConnect({ fields: [field('raw')] }),
    'a password without a user name': () => rawConnect({ flags: 0x42, fields: [field('raw'), field('x')] }),
    'a will of QoS 3': () =>
      rawConnect({
        flags: 0xde,
        fields: ['raw', tenant.topic('x'), '1', credential.username, credential.password].map((text) =>
          field(text),
        ),
      }),
    'a will’s retain flag without a will': () => rawConnect({ flags: 0xe2 }),
    'bytes behind the last field': () =>
      rawConnect({
        fields: [field('raw'), field(credential.username), field(credential.password), field('more')],
      }),
    'a client id with NUL': () =>
      rawConnect({ fields: ['a\0b', credential.username, credential.password].map((text) => field(text)) }),
    'a client id that is no UTF-8': () =>
      rawConnect({
        fields: [field(Buffer.from([0xff, 0xfe])), field(credential.username), field(credential.password)],
      }),
    HTTP: () => Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    'a TLS handshake': () => Buffer.from('16030100c8010000c40303', 'hex'),
    'a remaining length of five bytes': () => Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]),
    'a CONNECT of 256 MB, announced': () => Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]),
  };
  test.each(Object.keys(none))('%s ends the connection without an answer', async (name) => {
    expect(await answerTo(none[name]!())).toBeUndefined();
  });

  test('protocol levels that nobody speaks are answered with return code 1', async () => {
    for (const level of [0, 1, 2]) expect(await answerTo(rawConnect({ level }))).toBe(1);
  });

  test('a second CONNECT ends the connection, and the log says why', async () => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'twice' });
    client.send(connectPacket(credential, { clientId: 'twice' }));
    await client.closed;
    await eventually(async () =>
      expect(await log('twice')).toEqual([
        { event: 'connected', reason: null },
        { event: 'disconnected', reason: 'protocol_violation' },
      ]),
    );
  });
});

describe('protocol versions', () => {
  test('MQTT 5 is answered in its own words, and its owner reads it', async () => {
    const client = new RawClient(platform.mqttUrl, 5);
    client.send(connectPacket(credential, { protocolVersion: 5, clientId: 'modern' }));
    expect(await client.expect('connack')).toMatchObject({
      reasonCode: 0x84,
      properties: { reasonString: expect.stringContaining('3.1.1') },
    });
    await client.closed;
    await eventually(async () =>
      expect(await log('modern')).toEqual([{ event: 'connect_refused', reason: 'unsupported_protocol' }]),
    );
  });

  test('MQTT.js as version 5 shows it to its user', async () => {
    const refused = mqtt.connectAsync(platform.mqttUrl, {
      username: credential.username,
      password: credential.password,
      protocolVersion: 5,
      reconnectPeriod: 0,
    });
    await expect(refused).rejects.toThrow(/Unsupported Protocol Version/);
  });

  test('an MQTT 3.1 client with an id of 20 characters publishes and hears', async () => {
    const old = { protocolId: 'MQIsdp', protocolVersion: 3, clientId: 'a'.repeat(20) } as const;
    const client = await RawClient.connect(platform.mqttUrl, credential, old as Partial<IConnectPacket>);
    expect(await client.subscribe([tenant.topic('old')])).toEqual([1]);
    await client.publish(tenant.topic('old'), '{"n":3.1}');
    expect((await client.expect('publish')).payload.toString()).toBe('{"n":3.1}');
    await client.end();
  });

  test('an MQTT 3.1 client may send SUBSCRIBE, UNSUBSCRIBE and PUBREL again with DUP', async () => {
    const old = { protocolId: 'MQIsdp', protocolVersion: 3, clientId: 'again' } as const;
    const client = await RawClient.connect(platform.mqttUrl, credential, old as Partial<IConnectPacket>);
    const topic = tenant.topic('old', 'anything');
    client.send(rawPacket(0x8a, [0, 7], field(topic), [2]));
    expect(await client.expect('suback')).toMatchObject({ messageId: 7, granted: [2] });
    client.send(publishPacket(topic, '1', { qos: 2, messageId: 3 }));
    await client.expect('pubrec');
    client.send(rawPacket(0x6a, [0, 3]));
    expect(await client.expect('pubcomp')).toMatchObject({ messageId: 3 });
    client.send(rawPacket(0xaa, [0, 8], field(topic)));
    expect(await client.expect('unsuback')).toMatchObject({ messageId: 8 });
    await client.end();
  });
});

describe('client ids', () => {
  test('an empty one gets a name of its own, if it keeps no session', async () => {
    const both = await Promise.all([1, 2].map(() => RawClient.connect(platform.mqttUrl, credential)));
    for (const client of both) await client.ping();
    for (const client of both) await client.end();
    const fields = ['', credential.username, credential.password].map((text) => field(text));
    expect(await answerTo(rawConnect({ flags: 0xc0, fields }))).toBe(2);
  });

  test.each([['#'], ['a+b'], ['a\u0001b'], ['a'.repeat(129)]])('%j is refused', async (clientId) => {
    expect(await answerTo(encode(connectPacket(credential, { clientId })))).toBe(2);
  });

  test.each([['a/b'], [':'], ['org:x'], ['Gerät 1'], ['温度計'], ['a'.repeat(128)]])(
    '%j is not',
    async (clientId) => {
      expect(await answerTo(encode(connectPacket(credential, { clientId })))).toBe(0);
    },
  );
});

describe('credentials', () => {
  const set = (assignment: string) => async (id: string) => {
    await tenant.rows(`update mqtt_credentials set ${assignment} where organization_id = $1 and id = $2`, [
      id,
    ]);
  };
  const cases = [
    { name: 'wrong password', code: 4, reason: 'bad_password', given: { password: 'wrong' } },
    { name: 'empty password', code: 4, reason: 'bad_password', given: { password: '' } },
    { name: 'disabled', code: 5, reason: 'credential_disabled', change: set('disabled_at = now()') },
    {
      name: 'expired',
      code: 5,
      reason: 'credential_expired',
      change: set(`expires_at = now() - interval '1 s'`),
    },
    { name: 'unknown user', code: 4, reason: undefined, given: { username: 'nobody' } },
    {
      name: 'no user',
      code: 4,
      reason: undefined,
      given: { username: undefined as never, password: undefined as never },
    },
  ];
  test.each(cases)('$name', async ({ name, code, reason, given, change }) => {
    const own = await tenant.credential();
    await change?.(own.id);
    const who = { ...own, ...given };
    const packet = { ...connectPacket({ username: '', password: '' }, { clientId: name }) };
    packet.username = who.username;
    packet.password = who.password === undefined ? undefined : Buffer.from(who.password);
    expect(await answerTo(encode(packet))).toBe(code);
    if (!reason) return;
    await eventually(async () => expect(await log(name)).toEqual([{ event: 'connect_refused', reason }]));
  });

  test('a refusal does not say whether the user or the password is wrong', async () => {
    const unknown = encode(connectPacket({ username: 'nobody', password: 'x' }));
    const wrong = encode(connectPacket({ username: credential.username, password: 'x' }));
    expect(await answerTo(unknown)).toBe(await answerTo(wrong));
  });

  test('a password that was right before is not enough after it has changed', async () => {
    const own = await tenant.credential();
    await (await RawClient.connect(platform.mqttUrl, own)).end();
    await set(`password_hash = (select password_hash from mqtt_credentials where id = '${credential.id}')`)(
      own.id,
    );
    await eventually(async () => expect(await answerTo(encode(connectPacket(own)))).toBe(4));
    const changed = { username: own.username, password: credential.password };
    expect(await answerTo(encode(connectPacket(changed)))).toBe(0);
  });
});
