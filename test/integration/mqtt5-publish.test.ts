import fc from 'fast-check';
import type { IConnectPacket, IPubackPacket, IPublishPacket, Packet } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, encode, field, publishPacket, RawClient, rawPacket } from '../support/raw-client.ts';
import { firstTenant, otherTenant, type Tenant } from '../support/tenant.ts';

/** PUBLISH and SUBSCRIBE of MQTT 5 through the gateway: what passes, what is refused, and that nothing gets around it. */

let platform: TestPlatform;
let tenant: Tenant;
let other: Tenant;
let credential: Credential;

beforeAll(async () => {
  platform = await testPlatform({ ENGINE: 'mosquitto' });
  tenant = await firstTenant(platform);
  other = await otherTenant(platform);
  credential = await tenant.credential();
});
afterAll(() => platform.close());

const connect = (options: Partial<IConnectPacket> = {}, who: Credential = credential) =>
  RawClient.connect(platform.mqttUrl, who, { protocolVersion: 5, ...options });

/** Subscribed to all of an organization's, by a client of its own. */
async function listenerOf(organization: Tenant): Promise<RawClient> {
  const listener = await connect({}, await organization.credential());
  await listener.subscribe([`org_${organization.organizationId}/devices/#`], 2);
  return listener;
}

/** All that a listener got before this was published to it. */
async function heard(listener: RawClient, organization: Tenant): Promise<IPublishPacket[]> {
  const topic = organization.topic('end', 'x');
  await listener.publish(topic, 'end', { messageId: 9999 });
  const all: IPublishPacket[] = [];
  for (;;) {
    const message = await listener.expect('publish');
    if (message.topic === topic) return all;
    all.push(message);
  }
}

const alias = (topicAlias: number) => ({ properties: { topicAlias } });

describe('PUBLISH', () => {
  test('arrives whole: properties, and user properties in their order', async () => {
    const listener = await listenerOf(tenant);
    const publisher = await connect();
    const properties = {
      payloadFormatIndicator: true,
      messageExpiryInterval: 100,
      responseTopic: tenant.topic('a', 'answers'),
      correlationData: Buffer.from([0, 255, 7]),
      contentType: 'application/json',
      userProperties: { a: ['1', '2'], b: '3' },
    };
    await publisher.publish(tenant.topic('a'), '{"n":1}', { properties });
    const { properties: arrived, payload } = await listener.expect('publish');
    expect(payload.toString()).toBe('{"n":1}');
    expect(arrived).toMatchObject({ ...properties, userProperties: { a: ['1', '2'], b: '3' } });
    await Promise.all([listener.end(), publisher.end()]);
  });

  test('that is not granted is refused in its turn, and the connection lives on', async () => {
    const [own, spy] = [await listenerOf(tenant), await listenerOf(other)];
    const client = await connect({ clientId: 'refused' });
    const theirs = other.topic('a', 'status');
    client.send(
      publishPacket(tenant.topic('a'), '{"n":1}', { messageId: 1 }),
      publishPacket(theirs, 'online', { messageId: 2 }),
      publishPacket(theirs, 'online', { messageId: 3, qos: 2, retain: true }),
      publishPacket(theirs, 'online', { qos: 0 }),
      publishPacket('$SYS/x', 'x', { messageId: 4 }),
      publishPacket(tenant.topic('a'), '{"n":2}', { messageId: 5 }),
    );
    await eventually(() => expect(client.packets).toHaveLength(5));
    const answers = client.packets.map((packet) => [
      packet.cmd,
      packet.messageId,
      (packet as IPubackPacket).reasonCode,
    ]);
    expect(answers).toEqual([
      ['puback', 1, 0],
      ['puback', 2, 0x87],
      ['pubrec', 3, 0x87],
      ['puback', 4, 0x87],
      ['puback', 5, 0],
    ]);
    await client.end();
    expect(await heard(spy, other)).toEqual([]);
    await eventually(async () =>
      expect(
        await tenant.rows(
          `select topic from integration_activity_log
            where organization_id = $1 and client_id = 'refused' and event = 'publish_refused' order by id`,
        ),
      ).toEqual([{ topic: theirs }, { topic: '$SYS/x' }]),
    );
    await Promise.all([own.end(), spy.end()]);
  });

  test('says that nobody is subscribed, and is a row all the same', async () => {
    const client = await connect();
    client.send(publishPacket(tenant.topic('lonely', 'telemetry'), '{"n":3}', { messageId: 1 }));
    expect(await client.expect('puback')).toMatchObject({ reasonCode: 0x10 });
    expect(
      await tenant.rows(
        `select h.telemetry from device_telemetry_history h join devices d on d.id = h.device_id
          where h.organization_id = $1 and d.external_device_id = 'lonely'`,
      ),
    ).toEqual([{ telemetry: { n: 3 } }]);
    await client.end();
  });

  test('of QoS 2 goes its whole way, with reasons and properties in its acknowledgements', async () => {
    const listener = await listenerOf(tenant);
    const client = await connect();
    const topic = tenant.topic('exact', 'x');
    client.send(publishPacket(topic, 'once', { qos: 2, messageId: 7 }));
    await client.expect('pubrec');
    client.send(rawPacket(0x62, [0, 7, 0, 3, 0x1f, 0, 0]));
    expect(await client.expect('pubcomp')).toMatchObject({ messageId: 7 });
    const { messageId } = await listener.expect('publish');
    listener.send(rawPacket(0x50, [0, messageId!, 0, 7, 0x26], field('a'), field('b')));
    await listener.expect('pubrel');
    listener.send(rawPacket(0x70, [0, messageId!, 0]));
    await Promise.all([listener.end(), client.end()]);
  });
});

describe('topic aliases', () => {
  test('stand for their topics, in what is stored and in what is heard', async () => {
    const listener = await listenerOf(tenant);
    const client = await connect();
    await client.publish(tenant.topic('aliased'), '{"n":1}', alias(1));
    await client.publish('', '{"n":2}', alias(1));
    await client.publish(tenant.topic('aliased', 'x'), '3', alias(1));
    await client.publish('', '4', alias(1));
    const messages = await heard(listener, tenant);
    expect(messages.map(({ topic, payload }) => [topic, payload.toString()])).toEqual([
      [tenant.topic('aliased'), '{"n":1}'],
      [tenant.topic('aliased'), '{"n":2}'],
      [tenant.topic('aliased', 'x'), '3'],
      [tenant.topic('aliased', 'x'), '4'],
    ]);
    expect(messages.every(({ properties }) => properties?.topicAlias === undefined)).toBe(true);
    const rows = await tenant.rows(
      `select h.telemetry from device_telemetry_history h join devices d on d.id = h.device_id
        where h.organization_id = $1 and d.external_device_id = 'aliased' order by h.received_at`,
    );
    expect(rows).toEqual([{ telemetry: { n: 1 } }, { telemetry: { n: 2 } }]);
    await Promise.all([listener.end(), client.end()]);
  });

  test('of a refused topic stay refused, whatever they stood for before and with the engine', async () => {
    const [listener, spy] = [await listenerOf(tenant), await listenerOf(other)];
    const client = await connect();
    const sent: [topic: string, payload: string][] = [
      [tenant.topic('trick', 'x'), '1'],
      [other.topic('trick', 'commands'), '2'],
      ['', '3'],
      [tenant.topic('trick', 'y'), '4'],
      ['', '5'],
    ];
    sent.forEach(([topic, payload], n) => {
      client.send(publishPacket(topic, payload, { messageId: n + 1, ...alias(1) }));
    });
    const codes = [];
    for (const _ of sent) codes.push((await client.expect('puback')).reasonCode);
    expect(codes).toEqual([0, 0x87, 0x87, 0, 0]);
    expect((await heard(listener, tenant)).map(({ payload }) => payload.toString())).toEqual(['1', '4', '5']);
    expect(await heard(spy, other)).toEqual([]);
    await Promise.all([listener.end(), spy.end(), client.end()]);
  });

  const wrongs: Record<string, { bytes: () => Buffer; code: number }> = {
    'alias 0': { bytes: () => rawPacket(0x30, field(tenant.topic('a')), [3, 0x23, 0, 0]), code: 0x94 },
    'an alias beyond the maximum': {
      bytes: () => rawPacket(0x30, field(tenant.topic('a')), [3, 0x23, 0, 11]),
      code: 0x94,
    },
    'an alias that stands for nothing': {
      bytes: () => rawPacket(0x30, field(''), [3, 0x23, 0, 2]),
      code: 0x82,
    },
    'neither topic nor alias': { bytes: () => rawPacket(0x30, field(''), [0]), code: 0x82 },
    'two aliases': {
      bytes: () => rawPacket(0x30, field(tenant.topic('a')), [6, 0x23, 0, 1, 0x23, 0, 2]),
      code: 0x82,
    },
    'an alias behind what nobody knows': {
      bytes: () => rawPacket(0x30, field(tenant.topic('a')), [5, 0x7f, 0, 0x23, 0, 1]),
      code: 0x81,
    },
    'an alias that is cut off': { bytes: () => rawPacket(0x30, field(''), [2, 0x23, 0]), code: 0x81 },
  };
  test.each(Object.keys(wrongs))('%s ends the connection with its reason', async (name) => {
    const { bytes, code } = wrongs[name]!;
    const client = await connect();
    client.send(bytes());
    expect((await client.expect('disconnect')).reasonCode).toBe(code);
    await client.closed;
  });
});

describe('SUBSCRIBE', () => {
  test('refuses filter by filter with the reason, and keeps options and identifiers of the granted', async () => {
    const client = await connect();
    const secret = await connect({}, await other.credential());
    await secret.publish(other.topic('a', 'status'), 'secret', { retain: true });
    const publisher = await connect();
    await publisher.publish(tenant.topic('kept', 'x'), 'retained', { retain: true });
    const theirs = `org_${other.organizationId}/devices/#`;
    client.send({
      cmd: 'subscribe',
      messageId: 5,
      properties: { subscriptionIdentifier: 77 },
      subscriptions: [
        { topic: theirs, qos: 1 },
        { topic: tenant.topic('kept', '#'), qos: 1, nl: true, rap: true, rh: 2 },
        { topic: '#', qos: 1 },
        { topic: '$SYS/#', qos: 1 },
        { topic: `$share/x/${theirs}`, qos: 1 },
        { topic: '$share/x/#', qos: 1 },
        { topic: '$share//a', qos: 1 },
        { topic: `${tenant.topic('a')}#`, qos: 1 },
      ],
    });
    expect(await client.expect('suback')).toMatchObject({
      messageId: 5,
      granted: [0x87, 1, 0x87, 0x87, 0x87, 0x87, 0x8f, 0x8f],
    });
    await client.publish(tenant.topic('kept', 'x'), 'my own');
    await publisher.publish(tenant.topic('kept', 'x'), 'as published', { retain: true });
    expect(await client.expect('publish')).toMatchObject({
      payload: Buffer.from('as published'),
      retain: true,
      properties: { subscriptionIdentifier: 77 },
    });
    await publisher.publish(tenant.topic('kept', 'x'), '', { retain: true });
    client.send({ cmd: 'subscribe', messageId: 6, subscriptions: [{ topic: theirs, qos: 1 }] });
    expect(await client.expect('suback')).toMatchObject({ messageId: 6, granted: [0x87] });
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: [tenant.topic('kept', '#'), theirs] });
    expect(await client.expect('unsuback')).toMatchObject({ messageId: 7, granted: [0, 0x11] });
    await secret.publish(other.topic('a', 'status'), '', { retain: true });
    await client.end();
    expect(client.packets.filter(({ cmd }) => cmd === 'publish')).toMatchObject([
      { payload: Buffer.alloc(0) },
    ]);
    await Promise.all([secret.end(), publisher.end()]);
  });

  test('of one group shares its messages, in 3.1.1 as in 5', async () => {
    const filter = `$share/g/${tenant.topic('+', 'jobs')}`;
    const [one, two] = [await connect(), await RawClient.connect(platform.mqttUrl, credential)];
    expect(await one.subscribe([filter])).toEqual([1]);
    expect(await two.subscribe([filter])).toEqual([1]);
    const publisher = await connect();
    const jobs = Array.from({ length: 20 }, (_, n) => String(n));
    for (const job of jobs) await publisher.publish(tenant.topic('a', 'jobs'), job);
    await eventually(() => {
      const done = [one, two].flatMap(({ packets }) =>
        packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.payload.toString()] : [])),
      );
      expect(done.sort()).toEqual([...jobs].sort());
    });
    expect(one.packets.length).toBeGreaterThan(0);
    expect(two.packets.length).toBeGreaterThan(0);
    await Promise.all([one.end(), two.end(), publisher.end()]);
  });
});

describe('flow', () => {
  test('the client’s receive maximum holds for what it is sent', async () => {
    const slow = await connect({ properties: { receiveMaximum: 2 } });
    await slow.subscribe([tenant.topic('flow', 'x')]);
    const publisher = await connect();
    for (let n = 1; n <= 5; n += 1) await publisher.publish(tenant.topic('flow', 'x'), String(n));
    const first = await slow.expect('publish');
    await slow.expect('publish');
    await slow.ping();
    expect(slow.packets).toEqual([]);
    slow.send({ cmd: 'puback', messageId: first.messageId!, reasonCode: 0 });
    expect((await slow.expect('publish')).payload.toString()).toBe('3');
    await Promise.all([slow.end(), publisher.end()]);
  });

  test('who exceeds what CONNACK said is disconnected', async () => {
    const hasty = await connect({ clientId: 'hasty' });
    const { receiveMaximum } = hasty.connack!.properties!;
    // A QoS 2 exchange counts until PUBCOMP; nobody sends PUBREL here.
    for (let id = 1; id <= receiveMaximum! + 1; id += 1)
      hasty.send(publishPacket(tenant.topic('flow', 'y'), 'x', { qos: 2, messageId: id }));
    expect(await hasty.expect('disconnect')).toMatchObject({ reasonCode: 0x93 });
  });

  test('and who keeps to it is not, however fast', async () => {
    const quick = await connect();
    const window = quick.connack!.properties!.receiveMaximum!;
    let sent = 0;
    const send = () =>
      quick.send(publishPacket(tenant.topic('flow'), `{"n":${sent}}`, { messageId: (sent++ % 65_535) + 1 }));
    while (sent < window) send();
    for (let answered = 0; answered < sent; answered += 1) {
      await quick.expect('puback');
      if (sent < window * 20) send();
    }
    await quick.end();
  });
});

test('valid packets with some bytes changed reach nobody else, and harm neither gateway nor engine', async () => {
  const [spy, neighbour] = [await listenerOf(other), await connect({ clientId: 'neighbour' })];
  const own = tenant.topic('mutant', 'x');
  const properties = { topicAlias: 1, responseTopic: own, userProperties: { a: 'b' } };
  const will = { topic: own, payload: Buffer.from('x'), qos: 1, retain: false, properties: {} } as const;
  const packets: Packet[] = [
    connectPacket(credential, {
      protocolVersion: 5,
      clientId: 'mutant',
      will,
      properties: { receiveMaximum: 9 },
    }),
    {
      cmd: 'subscribe',
      messageId: 1,
      properties: { subscriptionIdentifier: 3 },
      subscriptions: [
        { topic: own, qos: 1, nl: true },
        { topic: '#', qos: 1 },
      ],
    },
    publishPacket(own, '1', { qos: 2, messageId: 2, properties }),
    { cmd: 'pubrel', messageId: 2, reasonCode: 0 } as Packet,
    publishPacket('', '2', { messageId: 3, properties: { topicAlias: 1 } }),
    publishPacket(other.topic('mutant', 'x'), '3', { messageId: 4, properties }),
    publishPacket('', '4', { messageId: 5, properties: { topicAlias: 1 } }),
    { cmd: 'unsubscribe', messageId: 6, unsubscriptions: [own] },
    { cmd: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 0 } } as Packet,
  ];
  const valid = Buffer.concat(packets.map((packet) => encode(packet, 5)));
  const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
  const samples = fc.sample(
    fc.record({ changes: fc.array(change, { maxLength: 4 }), cut: fc.nat(valid.length) }),
    { numRuns: 300, seed: 5 },
  );
  for (const [index, { changes, cut }] of samples.entries()) {
    const bytes = Buffer.from(valid);
    for (const [at, value] of changes) bytes[at] = value;
    const client = new RawClient(platform.mqttUrl, 5);
    client.socket.removeAllListeners('data').resume();
    client.send(bytes.subarray(0, cut), bytes.subarray(cut));
    client.socket.end();
    await client.closed;
    await neighbour.publish(tenant.topic('neighbour'), `{"n":${index}}`);
  }
  expect(await heard(spy, other)).toEqual([]);
  await Promise.all([spy.end(), neighbour.end()]);
});
