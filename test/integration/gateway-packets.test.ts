import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, encode, field, publishPacket, RawClient, rawPacket } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** Packets of hostile and of hasty clients, while a neighbour goes on publishing and must not notice. */

const LIMIT = 5000;
let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;
let neighbour: Neighbour;

beforeAll(async () => {
  platform = await testPlatform({ MAX_MESSAGE_BYTES: String(LIMIT) });
  tenant = await firstTenant(platform);
  credential = await tenant.credential();
  neighbour = await Neighbour.start();
});
afterAll(async () => {
  const published = await neighbour.stop();
  const [{ count }] = (await tenant.rows<{ count: number }>(
    `select count(*)::int from device_telemetry_history h join devices d on d.id = h.device_id
      where h.organization_id = $1 and d.external_device_id = 'neighbour'`,
  )) as [{ count: number }];
  await platform.close();
  expect(published).toBeGreaterThan(1000);
  expect(count).toBe(published);
});

/** Keeps ten messages on the way at all times and sees that their acknowledgements come in order. */
class Neighbour {
  readonly #client: RawClient;
  readonly #done: Promise<number>;
  #stopping = false;

  private constructor(client: RawClient) {
    this.#client = client;
    this.#done = this.#publish();
  }

  static async start(): Promise<Neighbour> {
    return new Neighbour(await RawClient.connect(platform.mqttUrl, credential, { clientId: 'neighbour' }));
  }

  /** @returns how many were acknowledged @throws when one was not, or not in its turn */
  async stop(): Promise<number> {
    this.#stopping = true;
    return this.#done;
  }

  async #publish(): Promise<number> {
    const idOf = (number: number) => (number % 1000) + 1;
    let sent = 0;
    let acknowledged = 0;
    while (!this.#stopping || acknowledged < sent) {
      for (; !this.#stopping && sent < acknowledged + 10; sent += 1) {
        this.#client.send(
          publishPacket(tenant.topic('neighbour'), `{"n":${sent}}`, { messageId: idOf(sent) }),
        );
      }
      const { messageId } = await this.#client.expect('puback');
      if (messageId !== idOf(acknowledged))
        throw new Error(`PUBACK ${messageId} in the place of ${acknowledged}`);
      acknowledged += 1;
    }
    await this.#client.end();
    return acknowledged;
  }
}

const ends: Record<string, (topic: string) => Buffer> = {
  'PUBLISH of QoS 3': (topic) => rawPacket(0x36, field(topic), [0, 1], Buffer.from('1')),
  'PUBLISH with DUP and QoS 0': (topic) => rawPacket(0x38, field(topic), Buffer.from('1')),
  'PUBLISH without a topic': () => rawPacket(0x30),
  'PUBLISH with half a topic length': () => rawPacket(0x30, [0]),
  'PUBLISH whose topic is longer than it': () => rawPacket(0x30, [0, 50, 65]),
  'PUBLISH with an empty topic': () => rawPacket(0x30, field(''), Buffer.from('1')),
  'PUBLISH without a packet id': (topic) => rawPacket(0x32, field(topic)),
  'PUBLISH with packet id 0': (topic) => rawPacket(0x32, field(topic), [0, 0], Buffer.from('1')),
  'PUBLISH on a topic with +': (topic) => rawPacket(0x30, field(`${topic}/+`)),
  'PUBLISH on a topic with #': (topic) => rawPacket(0x30, field(`${topic}/#`)),
  'PUBLISH on a topic with NUL': (topic) => rawPacket(0x30, field(`${topic}/\0`)),
  'PUBLISH on a topic that is no UTF-8': (topic) =>
    rawPacket(0x30, field(Buffer.concat([Buffer.from(topic), Buffer.from([0x2f, 0xc3, 0x28])]))),
  'PUBLISH on a topic with a surrogate': (topic) =>
    rawPacket(0x30, field(Buffer.concat([Buffer.from(topic), Buffer.from([0x2f, 0xed, 0xa0, 0x80])]))),
  'PUBLISH on a topic of 65 levels': (topic) => rawPacket(0x30, field(topic + '/x'.repeat(65))),
  'SUBSCRIBE without filters': () => rawPacket(0x82, [0, 1]),
  'SUBSCRIBE without anything': () => rawPacket(0x82),
  'SUBSCRIBE with packet id 0': (topic) => rawPacket(0x82, [0, 0], field(topic), [0]),
  'SUBSCRIBE of QoS 3': (topic) => rawPacket(0x82, [0, 1], field(topic), [3]),
  'SUBSCRIBE with MQTT 5 options': (topic) => rawPacket(0x82, [0, 1], field(topic), [0x04]),
  'SUBSCRIBE that ends in its filter': () => rawPacket(0x82, [0, 1], [0, 50, 65]),
  'SUBSCRIBE without its QoS': (topic) => rawPacket(0x82, [0, 1], field(topic)),
  'SUBSCRIBE with other flags': (topic) => rawPacket(0x80, [0, 1], field(topic), [0]),
  'SUBSCRIBE to a filter that is no UTF-8': () =>
    rawPacket(0x82, [0, 1], field(Buffer.from([0xc3, 0x28])), [0]),
  'UNSUBSCRIBE without filters': () => rawPacket(0xa2, [0, 1]),
  'UNSUBSCRIBE with packet id 0': (topic) => rawPacket(0xa2, [0, 0], field(topic)),
  'UNSUBSCRIBE that ends in its filter': () => rawPacket(0xa2, [0, 1], [0, 50, 65]),
  'UNSUBSCRIBE with other flags': (topic) => rawPacket(0xa0, [0, 1], field(topic)),
  'PUBACK without its packet id': () => rawPacket(0x40),
  'PUBACK with packet id 0': () => rawPacket(0x40, [0, 0]),
  'PUBACK with more than its packet id': () => rawPacket(0x40, [0, 1, 0]),
  'PUBREL with other flags': () => rawPacket(0x60, [0, 1]),
  'PUBREC with half a packet id': () => rawPacket(0x50, [1]),
  'PUBCOMP with flags': () => rawPacket(0x71, [0, 1]),
  'PINGREQ with flags': () => rawPacket(0xc1),
  'PINGREQ with a body': () => rawPacket(0xc0, [1]),
  'DISCONNECT with flags': () => rawPacket(0xe1),
  'CONNACK from a client': () => rawPacket(0x20, [0, 0]),
  'SUBACK from a client': () => rawPacket(0x90, [0, 1, 0]),
  'UNSUBACK from a client': () => rawPacket(0xb0, [0, 1]),
  'PINGRESP from a client': () => rawPacket(0xd0),
  AUTH: () => rawPacket(0xf0),
  'packet type 0': () => rawPacket(0x00),
  'a remaining length of five bytes': () => Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 1]),
};

describe('malformed packets', () => {
  const clientIdOf = (name: string) => `bad ${name.replaceAll(/[+#]/g, '')}`;
  test.each(Object.keys(ends))('%s ends the connection', async (name) => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: clientIdOf(name) });
    client.send(ends[name]!(tenant.topic('bad')));
    await client.closed;
    expect(client.packets).toEqual([]);
  });

  test('the log says of each why', async () => {
    await eventually(async () => {
      const log = await tenant.rows<{ client_id: string; reason: string; detail: string }>(
        `select client_id, reason, detail from integration_activity_log
          where organization_id = $1 and client_id like 'bad %' and event = 'disconnected'`,
      );
      expect(log.map((row) => row.client_id).sort()).toEqual(Object.keys(ends).map(clientIdOf).sort());
      for (const row of log) {
        expect(row, row.client_id).toMatchObject({
          reason: row.detail.endsWith('after CONNECT') ? 'protocol_violation' : 'malformed_packet',
          detail: expect.stringMatching(/\w/),
        });
      }
    });
  });
});

describe('size', () => {
  test('a payload of exactly the limit is stored, one byte more ends the connection', async () => {
    const client = await RawClient.connect(platform.mqttUrl, credential, { clientId: 'large' });
    const most = `{"text":"${'x'.repeat(4000)}"${' '.repeat(LIMIT - 4011)}}`;
    expect(most.length).toBe(LIMIT);
    await client.publish(tenant.topic('large'), most);
    client.send(publishPacket(tenant.topic('large'), `${most} `));
    await client.closed;
    expect(client.packets).toEqual([]);
    await eventually(async () =>
      expect(
        await tenant.rows(
          `select reason, detail from integration_activity_log
            where organization_id = $1 and client_id = 'large' and event = 'disconnected'`,
        ),
      ).toMatchObject([{ reason: 'packet_too_large', detail: expect.stringContaining(String(LIMIT)) }]),
    );
  });

  test('a packet that announces too much is refused before its body comes', async () => {
    const client = await RawClient.connect(platform.mqttUrl, credential);
    client.send(Buffer.from([0x30, 0xff, 0xff, 0x7f]));
    await client.closed;
  });
});

describe('any bytes', () => {
  const connected = (clientId: string) => encode(connectPacket(credential, { clientId }));
  /** Sends bytes in the given chunks and resolves when the gateway has ended the connection, or has read all. */
  async function feed(chunks: Uint8Array[]): Promise<void> {
    const client = new RawClient(platform.mqttUrl);
    for (const chunk of chunks) client.send(chunk);
    client.socket.end();
    client.socket.resume();
    await client.closed;
  }

  test('before CONNECT', async () => {
    const samples = fc.sample(fc.array(fc.uint8Array({ minLength: 1, maxLength: 100 }), { maxLength: 5 }), {
      numRuns: 100,
      seed: 1,
    });
    await Promise.all(samples.map(feed));
  });

  test('after CONNECT', async () => {
    const samples = fc.sample(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 5 }), {
      numRuns: 200,
      seed: 2,
    });
    await Promise.all(samples.map((chunks, index) => feed([connected(`any ${index}`), ...chunks])));
  });

  test('valid packets with some bytes changed, cut anywhere', async () => {
    const topic = tenant.topic('mutant');
    const valid = Buffer.concat([
      connected('mutant'),
      encode({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] } as never),
      encode(publishPacket(topic, '{"n":1}', { qos: 2, messageId: 2 })),
      encode({ cmd: 'pubrel', messageId: 2 }),
      encode({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [topic] }),
      encode(publishPacket(topic, '{"n":2}', { messageId: 4 })),
      encode({ cmd: 'pingreq' }),
    ]);
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    const samples = fc.sample(
      fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 4 }), cut: fc.nat(valid.length) }),
      { numRuns: 300, seed: 3 },
    );
    await Promise.all(
      samples.map(({ changes, cut }) => {
        const bytes = Buffer.from(valid);
        for (const [at, value] of changes) bytes[at] = value;
        return feed([bytes.subarray(0, cut), bytes.subarray(cut)]);
      }),
    );
  });
});

describe('chunks', () => {
  test('everything a byte at a time', async () => {
    const topic = tenant.topic('slow');
    const client = new RawClient(platform.mqttUrl);
    const bytes = Buffer.concat([
      encode(connectPacket(credential, { clientId: 'slow' })),
      encode({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] } as never),
      encode(publishPacket(topic, '{"n":1}', { messageId: 2 })),
    ]);
    for (const byte of bytes) {
      await new Promise((sent) => client.socket.write(Buffer.from([byte]), sent));
      await new Promise(setImmediate);
    }
    expect(await client.expect('connack')).toMatchObject({ returnCode: 0 });
    expect(await client.expect('suback')).toMatchObject({ granted: [0] });
    expect(await client.expect('puback')).toMatchObject({ messageId: 2 });
    expect((await client.expect('publish')).payload.toString()).toBe('{"n":1}');
    await client.end();
  });

  test('CONNECT, SUBSCRIBE and PUBLISH in one segment: the client hears itself', async () => {
    for (let round = 0; round < 20; round += 1) {
      const topic = tenant.topic(`hasty-${round}`);
      const client = new RawClient(platform.mqttUrl);
      client.send(
        connectPacket(credential, { clientId: 'hasty' }),
        { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] } as never,
        publishPacket(topic, '{"n":1}', { messageId: 2 }),
        publishPacket(topic, '{"n":2}', { messageId: 3 }),
      );
      for (const n of [1, 2]) expect((await client.expect('publish')).payload.toString()).toBe(`{"n":${n}}`);
      expect(client.packets[0]).toMatchObject({ cmd: 'connack', returnCode: 0 });
      for (const messageId of [2, 3]) expect(await client.expect('puback')).toMatchObject({ messageId });
      await client.end();
    }
  });

  test('two megabytes behind CONNECT, before it is answered', async () => {
    const client = new RawClient(platform.mqttUrl);
    const count = 500;
    const padding = ' '.repeat(4000);
    client.send(
      connectPacket(credential, { clientId: 'eager' }),
      ...Array.from({ length: count }, (_, n) =>
        publishPacket(tenant.topic('eager'), `{"n":${n}}${padding}`, { messageId: n + 1 }),
      ),
    );
    for (let n = 0; n < count; n += 1)
      expect(await client.expect('puback')).toMatchObject({ messageId: n + 1 });
    await client.end();
  });

  test('PUBLISH and DISCONNECT in one segment: it is stored', async () => {
    const client = new RawClient(platform.mqttUrl);
    client.send(
      connectPacket(credential, { clientId: 'brief' }),
      publishPacket(tenant.topic('brief'), '{"n":1}', { qos: 0 }),
      { cmd: 'disconnect' },
    );
    await client.closed;
    await eventually(async () =>
      expect(
        await tenant.rows(
          `select telemetry from device_telemetry_history h join devices d on d.id = h.device_id
            where h.organization_id = $1 and d.external_device_id = 'brief'`,
        ),
      ).toEqual([{ telemetry: { n: 1 } }]),
    );
  });
});
