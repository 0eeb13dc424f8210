import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type IPublishPacket } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OutgoingCommand } from '../../src/domain/sending.ts';
import { type CommandSender, commandSender } from '../../src/external/command-sender.ts';
import type { KnownIntegration } from '../../src/external/directory.ts';
import { openTransport } from '../../src/external/transport.ts';
import { Consumer } from '../../src/mqtt/consumer.ts';
import type { ConsumerState } from '../../src/mqtt/consumer-options.ts';
import { guardedLookup } from '../../src/service/guard.ts';
import { silentLog as log } from '../../src/service/log.ts';
import { eventually } from '../support/eventually.ts';
import { knownIntegration, outgoing } from '../support/known-integration.ts';
import { freePort, startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { scriptedBroker } from '../support/scripted-broker.ts';
import { type TestCa, testCa } from '../support/tls-certificates.ts';

/** Commands to real brokers of customers. */

const passwords = { us: 'ours', device: 'its' };
const us = { username: 'us', password: 'ours' };
const lookup = guardedLookup({ allowPrivate: true });

let broker: TestMosquitto;
let ca: TestCa;
let directory: string;
const urls: Record<'mqtt' | 'mqtts' | 'ws' | 'wss', string> = { mqtt: '', mqtts: '', ws: '', wss: '' };

beforeAll(async () => {
  ca = await testCa();
  const { certificatePath, keyPath } = await ca.issue(['IP:127.0.0.1']);
  const tls = [`certfile ${certificatePath}`, `keyfile ${keyPath}`];
  directory = await mkdtemp(join(tmpdir(), 'netneural-acl-'));
  await chmod(directory, 0o755);
  const acl = join(directory, 'acl');
  await writeFile(
    acl,
    'user us\ntopic write devices/+/commands\ntopic read #\nuser device\ntopic readwrite #\n',
  );
  const [mqtts, ws, wss] = [await freePort(), await freePort(), await freePort()];
  broker = await startMosquitto({
    passwords,
    settings: [
      ...['set_tcp_nodelay true', `acl_file ${acl}`],
      ...[`listener ${mqtts} 127.0.0.1`, ...tls],
      ...[`listener ${ws} 127.0.0.1`, 'protocol websockets'],
      ...[`listener ${wss} 127.0.0.1`, 'protocol websockets', ...tls],
    ],
  });
  const at = (scheme: string, port: number) => `${scheme}://127.0.0.1:${port}`;
  Object.assign(urls, {
    mqtt: broker.url,
    mqtts: at('mqtts', mqtts),
    ws: at('ws', ws),
    wss: at('wss', wss),
  });
});
afterAll(async () => {
  await broker?.stop();
  await ca?.remove();
  await rm(directory, { recursive: true });
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A sender for these integrations, which may be edited. */
function senderOf(
  integrations: KnownIntegration[],
  more: { held?: Consumer; idleMs?: number } = {},
): CommandSender {
  const sender = commandSender({
    directory: { get: async (id) => integrations.find(({ stored }) => stored.id === id) },
    lookup,
    log,
    held: () => more.held,
    ...(more.idleMs && { idleMs: more.idleMs }),
  });
  ends.push(() => sender.stop());
  return sender;
}

/** What a device at the broker is given. */
async function listener(
  protocolVersion: 4 | 5 = 5,
): Promise<{ topic: string; payload: string; packet: IPublishPacket }[]> {
  const heard: { topic: string; payload: string; packet: IPublishPacket }[] = [];
  const client = await mqtt.connectAsync(broker.url, {
    username: 'device',
    password: 'its',
    protocolVersion,
    reconnectPeriod: 0,
  });
  ends.push(() => client.endAsync(true));
  client.on('message', (topic, payload, packet) => heard.push({ topic, payload: String(payload), packet }));
  await client.subscribeAsync('devices/#', { qos: 1 });
  return heard;
}

const connectionsFor = ({ stored }: KnownIntegration, at = broker) =>
  at.log.filter(
    (line) =>
      /New client connected .* as netneural-\w+-commands/.test(line) && line.includes(stored.id.slice(0, 8)),
  ).length;
const endsFor = ({ stored }: KnownIntegration) =>
  broker.log.filter(
    (line) => line.includes(`netneural-${stored.id.slice(0, 8)}-commands`) && /disconnected\.$/.test(line),
  ).length;

describe('on demand', () => {
  test.each(['mqtt', 'mqtts', 'ws', 'wss'] as const)('over %s, in both versions', async (scheme) => {
    const heard = await listener();
    for (const protocol_version of ['5', '3.1.1'] as const) {
      const plant = await knownIntegration({
        url: urls[scheme],
        ...us,
        protocol_version,
        ...(scheme.endsWith('s') && scheme !== 'ws' && { ca: ca.certificate }),
      });
      const send = senderOf([plant]);
      const command = outgoing(plant);
      expect(await send(command)).toEqual({ outcome: 'published' });
      await eventually(() => expect(heard).toHaveLength(1));
      const [{ topic, payload }] = heard.splice(0) as [(typeof heard)[0]];
      expect(topic).toBe('devices/t1/commands');
      const { id, name, params, expiresAt } = command;
      expect(JSON.parse(payload)).toEqual({ id, name, params, expires_at: expiresAt });
    }
  });

  test('a burst shares one connection, which stays for a moment and then ends with DISCONNECT', async () => {
    const heard = await listener();
    const plant = await knownIntegration({ url: broker.url, ...us });
    const send = senderOf([plant], { idleMs: 500 });
    const commands = Array.from({ length: 200 }, () => outgoing(plant));
    const sent = await Promise.all(commands.map(send));
    expect(sent.every(({ outcome }) => outcome === 'published')).toBe(true);
    await eventually(() => expect(heard).toHaveLength(200));
    expect(heard.map(({ payload }) => JSON.parse(payload).id)).toEqual(commands.map(({ id }) => id));
    expect(await send(outgoing(plant))).toEqual({ outcome: 'published' });
    expect([connectionsFor(plant), endsFor(plant)]).toEqual([1, 0]);
    await eventually(() => expect(endsFor(plant)).toBe(1), 8000);
    expect(await send(outgoing(plant))).toEqual({ outcome: 'published' });
    expect(connectionsFor(plant)).toBe(2);
  });

  test('MQTT 5 says until when, where to answer, and which command it is', async () => {
    const heard = await listener();
    const plant = await knownIntegration({ url: broker.url, ...us });
    const command = outgoing(plant, { expiresAt: new Date(Date.now() + 90_000).toISOString() });
    expect(await senderOf([plant])(command)).toEqual({ outcome: 'published' });
    await eventually(() => expect(heard).toHaveLength(1));
    const { qos, retain, properties } = heard[0]!.packet;
    expect({ qos, retain, properties }).toEqual({
      qos: 1,
      retain: false,
      properties: {
        messageExpiryInterval: expect.toSatisfy((seconds) => seconds >= 89 && seconds <= 90),
        responseTopic: 'devices/t1/responses',
        correlationData: Buffer.from(command.id),
      },
    });
  });

  test('settings that were edited get a connection of their own; the one before closes', async () => {
    await listener();
    const before = await knownIntegration({ url: broker.url, username: 'us', password: 'wrong' });
    const known = [before];
    const send = senderOf(known);
    expect(await send(outgoing(before))).toMatchObject({ outcome: 'retry', reason: 'broker_refused' });
    const { id, organizationId } = before.stored;
    known[0] = await knownIntegration({ url: broker.url, ...us }, { id, organizationId });
    expect(await send(outgoing(before))).toEqual({ outcome: 'published' });
    known[0] = await knownIntegration(
      { url: broker.url, ...us, protocol_version: '3.1.1' },
      { id, organizationId },
    );
    expect(await send(outgoing(before))).toEqual({ outcome: 'published' });
    await eventually(() => expect(endsFor(before)).toBe(1), 1000);
    expect(connectionsFor(before)).toBe(2);
  });

  test('a connection that ended while nobody used it is made again', async () => {
    const other = await startMosquitto();
    ends.push(() => other.stop());
    const plant = await knownIntegration({ url: other.url, protocol_version: '3.1.1' });
    const send = senderOf([plant]);
    expect(await send(outgoing(plant))).toEqual({ outcome: 'published' });
    await other.restart();
    expect(await send(outgoing(plant))).toEqual({ outcome: 'published' });
    expect(connectionsFor(plant, other)).toBe(2);
  });

  test('takes at most 30 ms on this machine, and less on the connection that there is', async () => {
    await listener();
    const times = { first: [] as number[], next: [] as number[] };
    for (let round = 0; round < 10; round += 1) {
      const plant = await knownIntegration({ url: broker.url, ...us });
      const send = senderOf([plant]);
      for (const which of ['first', 'next'] as const) {
        const started = performance.now();
        expect(await send(outgoing(plant))).toEqual({ outcome: 'published' });
        times[which].push(performance.now() - started);
      }
    }
    const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1]!;
    expect(median(times.first)).toBeLessThan(30);
    expect(median(times.next)).toBeLessThan(10);
  });
});

describe('over the connection that is held', () => {
  async function held(url: string, version: 4 | 5 = 5, username?: string): Promise<Consumer> {
    const connected = Promise.withResolvers<void>();
    const consumer = new Consumer({
      open: (signal) => openTransport({ url }, { lookup, signal }),
      protocolVersion: version,
      clientId: `held-${randomUUID()}`,
      ...(username && us),
      keepAliveSeconds: 60,
      receiveMaximum: 10,
      sessionExpirySeconds: 0,
      subscriptions: [],
      onMessage: (message) => message.acknowledge(),
      onState: ({ state }: ConsumerState) => state === 'connected' && connected.resolve(),
    });
    consumer.start();
    ends.push(() => consumer.stop());
    await connected.promise;
    return consumer;
  }

  test('it goes as it does on demand, without a connection more', async () => {
    const heard = await listener();
    const plant = await knownIntegration({ url: broker.url, ...us });
    const send = senderOf([plant], { held: await held(broker.url, 5, 'us') });
    const command = outgoing(plant);
    expect(await send(command)).toEqual({ outcome: 'published' });
    await eventually(() => expect(heard).toHaveLength(1));
    expect(heard[0]!.packet.properties).toMatchObject({ correlationData: Buffer.from(command.id) });
    expect(connectionsFor(plant)).toBe(0);
  });

  test('one that is lost over a command is spared further ones', async () => {
    let connections = 0;
    const picky = await scriptedBroker((packet, send, socket) => {
      if (packet.cmd === 'connect') {
        connections += 1;
        send({ cmd: 'connack', sessionPresent: false, returnCode: 0 });
      }
      if (packet.cmd === 'publish') socket.destroy();
    }, 4);
    ends.push(() => picky.close());
    const url = `mqtt://127.0.0.1:${picky.port}`;
    const plant = await knownIntegration({ url, protocol_version: '3.1.1' });
    const consumer = await held(url, 4);
    const send = senderOf([plant], { held: consumer });
    const away = { outcome: 'retry', reason: 'broker_away', detail: expect.stringMatching(/ended/) };
    expect(await send(outgoing(plant))).toMatchObject(away);
    await eventually(() => expect(consumer.isConnected).toBe(true));
    expect(await send(outgoing(plant))).toMatchObject(away);
    // The subscription's two, and one for commands.
    expect([connections, consumer.isConnected]).toEqual([3, true]);
  });
});

describe('what does not go', () => {
  const once = async (plant: KnownIntegration, command: OutgoingCommand = outgoing(plant)) =>
    senderOf([plant])(command);

  test('is said where it is in the settings', async () => {
    const plant = await knownIntegration({ url: broker.url, ...us });
    const nowhere = await knownIntegration(undefined);
    const none = { outcome: 'undeliverable', detail: '' };
    expect(await once(plant, outgoing(plant, { enabled: false }))).toEqual({
      ...none,
      reason: 'integration_disabled',
    });
    const { integration, ...rest } = outgoing(plant);
    const without = { ...rest, integration: { ...integration!, commands: undefined } };
    expect(await once(plant, without)).toEqual({ ...none, reason: 'no_command_topic' });
    expect(await once(nowhere)).toEqual({ ...none, reason: 'no_broker' });
    expect(await senderOf([])(outgoing(plant))).toEqual({ ...none, reason: 'no_broker' });
    const ofOther = outgoing(plant, { organizationId: randomUUID() });
    expect(await once(plant, ofOther)).toEqual({ ...none, reason: 'no_broker' });
    const bad = { outcome: 'undeliverable', reason: 'bad_settings', detail: expect.stringMatching(/\w/) };
    const topic = 'devices/{device}/{name}';
    expect(await once(plant, outgoing(plant, { name: 'a/b', commands: { topic } }))).toEqual(bad);
    expect(await once(plant, outgoing(plant, { commands: { topic: 7 } as never }))).toEqual(bad);
    const sealed = await knownIntegration({ url: broker.url, ...us });
    sealed.stored.sealedSecrets = 's1.AAAA';
    expect(await once(sealed)).toEqual(bad);
  });

  test('a private address is refused, by its number and by its name', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const plant = await knownIntegration({ url: `mqtt://${host}:${broker.port}`, ...us });
      const guarded = commandSender({
        directory: { get: async () => plant },
        lookup: guardedLookup({ allowPrivate: false }),
        log,
        held: () => undefined,
      });
      expect(await guarded(outgoing(plant))).toEqual({
        outcome: 'undeliverable',
        reason: 'bad_settings',
        detail: expect.stringMatching(/ALLOW_PRIVATE_NETWORKS/),
      });
      await guarded.stop();
    }
  });

  test('a login that is refused', async () => {
    for (const protocol_version of ['5', '3.1.1'] as const) {
      const plant = await knownIntegration({
        url: broker.url,
        username: 'us',
        password: 'wrong',
        protocol_version,
      });
      expect(await once(plant)).toEqual({
        outcome: 'retry',
        reason: 'broker_refused',
        most: 5,
        detail: expect.stringMatching(/^Bad user name or password/),
      });
    }
  });

  test('a topic that our user may not publish to, where the broker says so', async () => {
    const plant = await knownIntegration({ url: broker.url, ...us });
    expect(await once(plant, outgoing(plant, { commands: { topic: 'other/{device}' } }))).toEqual({
      outcome: 'undeliverable',
      reason: 'publish_refused',
      detail:
        'The broker refused a message on other/t1 (0x87). Give this user the right to publish to it, or choose another topic.',
    });
  });

  test.each([
    ['as CONNACK says', 'max_packet_size 1000'],
    ['as PUBACK says', 'message_size_limit 1000'],
  ])('a message that is larger than the broker takes, %s', async (_name, limit) => {
    const small = await startMosquitto({ settings: [limit] });
    ends.push(() => small.stop());
    const plant = await knownIntegration({ url: small.url });
    const params = { text: 'x'.repeat(2000) };
    expect(await once(plant, outgoing(plant, { params }))).toMatchObject({
      outcome: 'undeliverable',
      reason: 'too_large',
    });
  });

  test.each([
    ['PUBACK: quota exceeded', 'puback', 0x97, { outcome: 'retry', reason: 'broker_busy' }],
    ['PUBACK: unspecified', 'puback', 0x80, { outcome: 'undeliverable', reason: 'publish_refused' }],
    ['PUBACK: too large', 'puback', 0x95, { outcome: 'undeliverable', reason: 'too_large' }],
    ['PUBACK: nobody subscribed', 'puback', 0x10, { outcome: 'retry', reason: 'device_away' }],
    [
      'DISCONNECT: not authorized',
      'disconnect',
      0x87,
      { outcome: 'retry', reason: 'publish_refused', most: 5 },
    ],
    ['DISCONNECT: shutting down', 'disconnect', 0x8b, { outcome: 'retry', reason: 'broker_away' }],
    ['DISCONNECT: too many messages', 'disconnect', 0x96, { outcome: 'retry', reason: 'broker_busy' }],
  ] as const)('%s', async (_name, cmd, reasonCode, expected) => {
    const plant = await scripted((packet, send) => {
      if (packet.cmd !== 'publish') return;
      if (cmd === 'puback') send({ cmd, messageId: packet.messageId!, reasonCode });
      else send({ cmd, reasonCode });
    });
    const sent = await once(plant);
    expect(sent).toMatchObject(expected);
    expect('most' in sent).toBe('most' in expected);
  });

  test.each([
    ['busy', { reasonCode: 0x89 }, { reason: 'broker_busy' }],
    ['away', { reasonCode: 0x88 }, { reason: 'broker_away' }],
    ['another client id', { reasonCode: 0x85 }, { reason: 'broker_refused', most: 5 }],
  ] as const)('CONNACK: %s', async (_name, connack, expected) => {
    const plant = await scripted(() => {}, connack);
    expect(await once(plant)).toMatchObject({ outcome: 'retry', ...expected });
  });

  test('a broker without QoS 1', async () => {
    const plant = await scripted(() => {}, { reasonCode: 0, properties: { maximumQoS: 0 } });
    expect(await once(plant)).toMatchObject({ outcome: 'undeliverable', reason: 'publish_refused' });
  });

  async function scripted(
    answer: Parameters<typeof scriptedBroker>[0],
    connack: object = { reasonCode: 0 },
  ): Promise<KnownIntegration> {
    const { port, close } = await scriptedBroker((packet, send, socket) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', sessionPresent: false, ...connack });
      else answer(packet, send, socket);
    });
    ends.push(close);
    return knownIntegration({ url: `mqtt://127.0.0.1:${port}` });
  }
});

test('what a template makes too much of is not sent', async () => {
  const plant = await knownIntegration({ url: broker.url, ...us });
  const commands = { topic: 'devices/{device}/commands', payload: '{{params}}'.repeat(50) };
  expect(
    await senderOf([plant])(outgoing(plant, { commands, params: { text: 'x'.repeat(10_000) } })),
  ).toEqual({
    outcome: 'undeliverable',
    reason: 'too_large',
    detail: 'It has 500550 bytes, more than 262144.',
  });
});
