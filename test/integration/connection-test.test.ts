import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionTest } from '../../src/contract/connection-test.ts';
import {
  type ConnectionSettings,
  type ConnectionTestOptions,
  testConnection,
} from '../../src/external/connection-test.ts';
import { guardedLookup } from '../../src/service/guard.ts';
import { hashPassword } from '../../src/service/password.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { scriptedBroker } from '../support/scripted-broker.ts';
import { type TestCa, testCa } from '../support/tls-certificates.ts';

/** What a customer is told of their own broker, right or wrong. */

const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** The one place that knows how a Mosquitto is started. */
async function mosquitto(...settings: string[]): Promise<TestMosquitto> {
  const broker = await startMosquitto({ settings });
  ends.push(() => broker.stop());
  return broker;
}

/** Mosquitto does not start with WebSocket listeners alone. */
async function mosquittoOnWebSocket(...settings: string[]): Promise<TestMosquitto> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return mosquitto('protocol websockets', ...settings, `listener ${port} 127.0.0.1`);
}

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const lookup = guardedLookup({ allowPrivate: true });

async function trial(settings: Partial<ConnectionSettings>, options: Partial<ConnectionTestOptions> = {}) {
  const all = { url: '', protocolVersion: 4 as const, topics: [], ...settings };
  const { ok, steps } = connectionTest.parse(await testConnection(all, { lookup, ...options }));
  const failed = steps.filter((step) => !step.ok);
  expect(ok).toBe(failed.length === 0);
  return {
    ok,
    steps,
    /** `resolve connect mqtt!bad_login` */
    course: steps.map(({ step, ok, problem }) => (ok ? step : `${step}!${problem?.code}`)).join(' '),
    message: failed.map(({ problem }) => problem?.message).join('; '),
  };
}

describe('a plain Mosquitto with a password', () => {
  let broker: TestMosquitto;
  const login = { username: 'plant', password: 'corréct horse' };

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'netneural-passwords-'));
    ends.push(() => rm(directory, { recursive: true }));
    await chmod(directory, 0o755);
    const file = join(directory, 'passwords');
    await writeFile(file, `plant:${await hashPassword(login.password)}\n`, { mode: 0o644 });
    broker = await mosquitto('allow_anonymous false', `password_file ${file}`);
  });

  test.each([4, 5] as const)('is connected to with version %i, step by step', async (protocolVersion) => {
    const topics = ['devices/+/telemetry', 'devices/#'];
    const { ok, steps } = await trial({
      url: broker.url,
      protocolVersion,
      ...login,
      topics,
      roundTripTopic: 'test/x',
    });
    expect(steps.map(({ step, detail }) => [step, detail])).toEqual([
      ['resolve', undefined],
      ['connect', undefined],
      ['mqtt', undefined],
      ['subscribe', 'devices/+/telemetry'],
      ['subscribe', 'devices/#'],
      ['round_trip', 'test/x'],
    ]);
    expect(steps.every(({ ms }) => ms >= 0 && ms < 5000)).toBe(true);
    expect(ok).toBe(true);
  });

  test('user name and password may stand in the URL', async () => {
    const url = `mqtt://plant:${encodeURIComponent(login.password)}@localhost:${broker.port}`;
    expect((await trial({ url })).course).toBe('resolve connect mqtt');
  });

  test.each([4, 5] as const)('a wrong password is named, version %i', async (protocolVersion) => {
    const found = await trial({ url: broker.url, protocolVersion, ...login, password: 'wrong' });
    expect(found.course).toBe('resolve connect mqtt!bad_login');
    expect(found.message).toMatch(/^Bad user name or password/);
  });

  test('a password without a user name is no reason to fall over', async () => {
    const found = await trial({ url: broker.url, password: 'x' });
    expect(found.course).toMatch(/^resolve connect mqtt!/);
  });

  test('mqtts:// to it: the port has no TLS', async () => {
    const found = await trial({ url: `mqtts://127.0.0.1:${broker.port}` });
    expect(found.course).toBe('resolve connect tls!speaks_mqtt');
    expect(found.message).toBe('This port speaks MQTT without TLS: use mqtt://');
  });

  test('ws:// to it: the port has no WebSocket', async () => {
    const found = await trial({ url: `ws://127.0.0.1:${broker.port}` });
    expect(found.course).toBe('resolve connect websocket!speaks_mqtt');
    expect(found.message).toBe('This port speaks MQTT without WebSocket: use mqtt://');
  });
});

describe('TLS', () => {
  let ca: TestCa;
  const brokers: Record<'good' | 'expired' | 'other' | 'mutual' | 'websocket', TestMosquitto> =
    Object.create(null);

  beforeAll(async () => {
    ca = await testCa();
    ends.push(() => ca.remove());
    const issued = async (names: string[], expired = false) => {
      const { certificatePath, keyPath } = await ca.issue(names, { expired });
      return [`certfile ${certificatePath}`, `keyfile ${keyPath}`];
    };
    const clients = [`cafile ${ca.certificatePath}`, 'require_certificate true'];
    brokers.good = await mosquitto(...(await issued(['DNS:localhost', 'IP:127.0.0.1'])));
    brokers.expired = await mosquitto(...(await issued(['DNS:localhost'], true)));
    brokers.other = await mosquitto(...(await issued(['DNS:mqtt.example.com', 'DNS:*.example.org'])));
    brokers.mutual = await mosquitto(...(await issued(['DNS:localhost'])), ...clients);
    brokers.websocket = await mosquittoOnWebSocket(...(await issued(['DNS:localhost'])));
  });

  const url = (broker: TestMosquitto, host = 'localhost', scheme = 'mqtts') =>
    `${scheme}://${host}:${broker.port}`;

  test.each(['localhost', '127.0.0.1'])('with the CA, by the name %s', async (host) => {
    const found = await trial({
      url: url(brokers.good, host),
      ca: ca.certificate,
      topics: ['#'],
      roundTripTopic: 'x',
    });
    expect(found.course).toBe('resolve connect tls mqtt subscribe round_trip');
  });

  test('wss:// with the CA', async () => {
    const found = await trial({
      url: url(brokers.websocket, 'localhost', 'wss'),
      ca: ca.certificate,
      protocolVersion: 5,
      roundTripTopic: 'x',
    });
    expect(found.course).toBe('resolve connect tls websocket mqtt round_trip');
  });

  test('without the CA: upload it', async () => {
    const found = await trial({ url: url(brokers.good) });
    expect(found.course).toBe('resolve connect tls!certificate_untrusted');
    expect(found.message).toBe('The certificate is self-signed or its authority is not known: upload the CA');
  });

  test('with another CA', async () => {
    const other = await testCa('Another CA');
    ends.push(() => other.remove());
    const found = await trial({ url: url(brokers.good), ca: other.certificate });
    expect(found.course).toBe('resolve connect tls!certificate_untrusted');
    expect(found.message).toContain('not issued by the CA that was uploaded');
  });

  test('an expired certificate', async () => {
    const found = await trial({ url: url(brokers.expired), ca: ca.certificate });
    expect(found.course).toBe('resolve connect tls!certificate_expired');
    expect(found.message).toBe('The certificate has expired');
  });

  test('a certificate for another host, until its name is given', async () => {
    const found = await trial({ url: url(brokers.other, '127.0.0.1'), ca: ca.certificate });
    expect(found.course).toBe('resolve connect tls!certificate_for_another_host');
    expect(found.message).toBe(
      'The certificate is for mqtt.example.com, *.example.org, not for 127.0.0.1: use that name',
    );
    const named = {
      url: url(brokers.other, '127.0.0.1'),
      ca: ca.certificate,
      serverName: 'mqtt.example.com',
    };
    expect((await trial(named)).course).toBe('resolve connect tls mqtt');
  });

  test('a client certificate is wanted, and then it is there', async () => {
    const found = await trial({ url: url(brokers.mutual), ca: ca.certificate });
    // TLS 1.3 hears of it only after its handshake.
    expect(found.course).toMatch(/!client_certificate_wanted$/);
    expect(found.message).toBe('A client certificate is wanted');
    const { certificate: clientCertificate, key: clientKey } = await ca.issue([]);
    const pair = { url: url(brokers.mutual), ca: ca.certificate, clientCertificate, clientKey };
    expect((await trial(pair)).course).toBe('resolve connect tls mqtt');
  });

  test('a client certificate of a CA that the broker does not know', async () => {
    const other = await testCa('Nobody');
    ends.push(() => other.remove());
    const { certificate: clientCertificate, key: clientKey } = await other.issue([]);
    const found = await trial({ url: url(brokers.mutual), ca: ca.certificate, clientCertificate, clientKey });
    expect(found.course).toMatch(/!client_certificate_refused$/);
  });

  test('certificates that are none', async () => {
    const { certificate, key } = await ca.issue([]);
    const at = url(brokers.good);
    const of = async (settings: Partial<ConnectionSettings>) =>
      (await trial({ url: at, ...settings })).course;
    expect(await of({ ca: 'not a certificate' })).toBe('resolve connect tls!ca_unreadable');
    expect(await of({ clientCertificate: 'x', clientKey: key })).toMatch(
      /tls!client_certificate_unreadable$/,
    );
    expect(await of({ clientCertificate: certificate, clientKey: 'x' })).toMatch(
      /tls!client_key_unreadable$/,
    );
    expect(await of({ clientCertificate: certificate })).toMatch(/tls!client_certificate_incomplete$/);
    const mixed = { clientCertificate: certificate, clientKey: ca.key };
    expect(await of(mixed)).toMatch(/tls!client_key_mismatch$/);
  });

  test('mqtt:// and ws:// to it: the port speaks TLS', async () => {
    const plain = await trial({ url: url(brokers.good, 'localhost', 'mqtt') });
    expect(plain.course).toBe('resolve connect mqtt!speaks_tls');
    expect(plain.message).toBe('This port speaks TLS: use mqtts://');
    const webSocket = await trial({ url: url(brokers.websocket, 'localhost', 'ws') });
    expect(webSocket.course).toBe('resolve connect websocket!speaks_tls');
    expect(webSocket.message).toBe('This port speaks TLS: use wss://');
  });
});

describe('WebSocket', () => {
  test('a Mosquitto’s listener, by its path and by ours', async () => {
    const broker = await mosquittoOnWebSocket();
    for (const path of ['', '/', '/mqtt', '/some/path?a=b']) {
      const found = await trial({
        url: `ws://127.0.0.1:${broker.port}${path}`,
        topics: ['#'],
        roundTripTopic: 'x',
      });
      expect(found.course).toBe('resolve connect websocket mqtt subscribe round_trip');
    }
    const plain = await trial({ url: `mqtt://127.0.0.1:${broker.port}` });
    expect(plain.course).toBe('resolve connect mqtt!not_mqtt');
    const secure = await trial({ url: `wss://127.0.0.1:${broker.port}` });
    expect(secure.course).toBe('resolve connect tls!not_tls');
    expect(secure.message).toBe('This port does not speak TLS: use ws://');
  });
});

describe('what is no broker', () => {
  test('an HTTP server', async () => {
    const port = await listening(createHttpServer((_, response) => response.writeHead(404).end()));
    const plain = await trial({ url: `mqtt://127.0.0.1:${port}` });
    expect(plain.course).toBe('resolve connect mqtt!not_mqtt');
    expect(plain.message).toBe('This is not an MQTT broker: it answered HTTP');
    const webSocket = await trial({ url: `ws://127.0.0.1:${port}` });
    expect(webSocket.course).toBe('resolve connect websocket!websocket_refused');
    expect(webSocket.message).toBe('The server answered HTTP 404 to the request for a WebSocket');
    expect((await trial({ url: `mqtts://127.0.0.1:${port}` })).course).toBe('resolve connect tls!not_tls');
  });

  test('a server that talks of something else', async () => {
    const port = await listening(createServer((socket) => socket.write('220 mail.example.com ESMTP\r\n')));
    expect((await trial({ url: `mqtt://127.0.0.1:${port}` })).course).toBe('resolve connect mqtt!not_mqtt');
  });

  test('a server that announces a packet which nobody could hold', async () => {
    const port = await listening(createServer((socket) => socket.write(Buffer.from('20ffffff7f00', 'hex'))));
    expect((await trial({ url: `mqtt://127.0.0.1:${port}` })).course).toBe(
      'resolve connect mqtt!packet_too_large',
    );
  });

  test('a port where nothing listens', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    const found = await trial({ url: `mqtt://127.0.0.1:${port}` });
    expect(found.course).toBe('resolve connect!port_closed');
    expect(found.message).toBe(`Nothing listens on port ${port} of this host`);
  });

  test.each(['mqtt', 'mqtts', 'ws', 'wss'])('who accepts and never answers to %s://', async (scheme) => {
    const port = await listening(createServer());
    const found = await trial({ url: `${scheme}://127.0.0.1:${port}` }, { stepMs: 200 });
    expect(found.course).toMatch(/^resolve connect \w+!no_answer$/);
    expect(found.message).toMatch(/^No answer within 0.2 s/);
  });

  test('all steps together have an end too', async () => {
    const port = await listening(createServer());
    const found = await trial({ url: `mqtt://127.0.0.1:${port}` }, { totalMs: 200 });
    expect(found.course).toBe('resolve connect mqtt!no_answer');
  });

  test('a name that does not exist', async () => {
    const found = await trial({ url: 'mqtt://does-not-exist.invalid' });
    expect(found.course).toMatch(/^resolve!(host_not_found|name_server_away)$/);
  });

  test('what is no URL', async () => {
    const found = await trial({ url: 'tcp://127.0.0.1' });
    expect(found.course).toBe('resolve!url_invalid');
    expect(found.message).toBe('Write mqtt:// instead of tcp://.');
  });

  test.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '169.254.169.254'])(
    'the guard does not let anybody near %s',
    async (host) => {
      let connections = 0;
      const port = await listening(createServer(() => (connections += 1)));
      const found = await trial(
        { url: `mqtt://${host}:${port}` },
        { lookup: guardedLookup({ allowPrivate: false }) },
      );
      expect(found.course).toBe('resolve!address_refused');
      expect(found.message).toContain('ALLOW_PRIVATE_NETWORKS');
      expect(connections).toBe(0);
    },
  );
});

describe('what a broker may refuse', () => {
  test('Aedes: a topic in version 3.1.1, and version 5 as such', async () => {
    const aedes = await Aedes.createBroker({
      authorizeSubscribe: (_client, subscription, done) => {
        done(null, subscription.topic.startsWith('mine/') ? subscription : null);
      },
    });
    ends.push(() => new Promise<void>((resolve) => aedes.close(resolve)));
    const port = await listening(createServer(aedes.handle));
    const url = `mqtt://127.0.0.1:${port}`;
    const found = await trial({ url, topics: ['devices/#', 'mine/#'], roundTripTopic: 'other/x' });
    expect(found.course).toBe(
      'resolve connect mqtt subscribe!subscription_refused subscribe round_trip!subscription_refused',
    );
    expect(found.message).toMatch(/^The broker refused devices\/#/);
    const newer = await trial({ url, protocolVersion: 5 });
    expect(newer.course).toBe('resolve connect mqtt!version_refused');
    expect(newer.message).toBe('The broker does not speak MQTT 5: choose 3.1.1');
  });

  test('a topic in version 5, a lower QoS, a message, and us altogether', async () => {
    const broker = await scriptedBroker((packet, send) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
      if (packet.cmd === 'subscribe') {
        const { topic } = packet.subscriptions[0]!;
        const code = { 'denied/#': 0x87, 'low/#': 0 }[topic] ?? 1;
        if (topic === 'never/#') send({ cmd: 'disconnect', reasonCode: 0x87 });
        else send({ cmd: 'suback', messageId: packet.messageId, granted: [code] });
      }
      if (packet.cmd === 'publish') send({ cmd: 'puback', messageId: packet.messageId, reasonCode: 0x87 });
    });
    ends.push(() => broker.close());
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const found = await trial({
      url,
      protocolVersion: 5,
      topics: ['denied/#', 'low/#'],
      roundTripTopic: 'x',
    });
    expect(found.course).toBe(
      'resolve connect mqtt subscribe!subscription_refused subscribe round_trip!publish_refused',
    );
    expect(found.message).toMatch(
      /^The broker refused denied\/#: not allowed; The broker refused a message on x/,
    );
    expect(found.steps[4]).toMatchObject({ ok: true, problem: { code: 'qos_lowered' } });

    const cutOff = await trial({ url, protocolVersion: 5, topics: ['never/#', 'low/#'] });
    expect(cutOff.course).toBe('resolve connect mqtt subscribe!disconnected');
    expect(cutOff.message).toBe('The broker ended the connection: not allowed');
  });

  test('it joins no shared subscription, has a random client id, and says goodbye', async () => {
    const broker = await scriptedBroker((packet, send) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', returnCode: 0, sessionPresent: false });
      if (packet.cmd === 'subscribe') send({ cmd: 'suback', messageId: packet.messageId, granted: [1] });
    }, 4);
    ends.push(() => broker.close());
    const url = `mqtt://127.0.0.1:${broker.port}`;
    expect((await trial({ url, topics: ['$share/group/a/#'] })).ok).toBe(true);
    expect((await trial({ url })).ok).toBe(true);
    const connects = broker.received.filter((packet) => packet.cmd === 'connect');
    expect(connects.map(({ clean }) => clean)).toEqual([true, true]);
    const [first, second] = connects.map(({ clientId }) => clientId);
    expect(first).toMatch(/^netneural-test-[a-z0-9]{8}$/);
    expect(second).not.toBe(first);
    expect(broker.received.map(({ cmd }) => cmd)).toEqual([
      'connect',
      'subscribe',
      'disconnect',
      'connect',
      'disconnect',
    ]);
    expect(broker.received[1]).toMatchObject({ subscriptions: [{ topic: 'a/#' }] });
  });

  test('it hangs up: on version 5 because it knows 3.1.1 only, or on everybody', async () => {
    const old = await scriptedBroker((packet, send, socket) => {
      if (packet.cmd !== 'connect') return;
      if (packet.protocolVersion === 5) socket.destroy();
      else send({ cmd: 'connack', returnCode: 5, sessionPresent: false });
    }, 4);
    ends.push(() => old.close());
    const newer = await trial({ url: `mqtt://127.0.0.1:${old.port}`, protocolVersion: 5 });
    expect(newer.course).toBe('resolve connect mqtt!version_refused');
    const rude = await listening(createServer((socket) => socket.end()));
    const found = await trial({ url: `mqtt://127.0.0.1:${rude}` });
    expect(found.course).toBe('resolve connect mqtt!connection_closed');
  });
});
