import { connect, type Socket } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startHaproxy, type TestHaproxy } from '../support/haproxy.ts';
import { freePort } from '../support/mosquitto.ts';
import { type Credential, owner, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, encode } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';
import { type TestCa, testCa } from '../support/tls-certificates.ts';

/**
 * Behind a real HAProxy, which connects from 127.0.0.1 and is trusted. Clients are at 127.0.0.2, so that it shows whose
 * address is whose; at 127.0.0.3 somebody who is not trusted comes to the gateway's own ports.
 */
const CLIENT = '127.0.0.2';
const STRANGER = '127.0.0.3';

let ca: TestCa;
let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential & { connect: Record<'mqtt' | 'mqtts' | 'ws' | 'wss', string> };
let haproxy: TestHaproxy;
/** Two that never get to the end of a header, begun with the first test: they are given ten seconds. */
let half: ReturnType<typeof raw>;
let silent: ReturnType<typeof raw>;
/** The same without a proxy: half of a TLS handshake, and of a request for a WebSocket. */
let halfway: ReturnType<typeof raw>[];
let opened: number;
const ports: Record<'mqtt' | 'mqtts' | 'ws' | 'wss' | 'http', number> = {} as typeof ports;

beforeAll(async () => {
  ca = await testCa();
  const server = await ca.issue(['DNS:localhost']);
  platform = await testPlatform({
    TLS_CERT: server.certificatePath,
    TLS_KEY: server.keyPath,
    PROXY_PROTOCOL: 'on',
    TRUSTED_PROXIES: '127.0.0.1',
  });
  tenant = await firstTenant(platform);
  credential = (await platform.credential()) as typeof credential;
  const behind = { ...credential.connect, http: platform.url };
  const sections: string[] = [];
  for (const name of ['mqtt', 'mqtts', 'ws', 'wss', 'http'] as const) {
    ports[name] = await freePort();
    const mode = name === 'http' ? ['mode http', 'option forwardfor'] : ['mode tcp'];
    const header = name === 'http' ? '' : 'send-proxy-v2 check inter 200';
    sections.push(
      `listen ${name}`,
      `  bind 127.0.0.1:${ports[name]}`,
      ...mode.map((line) => `  ${line}`),
      `  server one 127.0.0.1:${new URL(behind[name]).port} ${header}`,
    );
  }
  const timeouts = ['timeout connect 5s', 'timeout client 1m', 'timeout server 1m'];
  haproxy = await startHaproxy(
    `${['defaults', ...timeouts.map((line) => `  ${line}`), ...sections].join('\n')}\n`,
    ports.mqtt,
  );
  opened = performance.now();
  half = raw('127.0.0.1');
  half.socket.write(header.subarray(0, 20));
  silent = raw('127.0.0.1');
  halfway = (['mqtts', 'wss', 'ws'] as const).map((name) => raw(STRANGER, name));
  const hello = Buffer.from('16030100c8010000c40303', 'hex');
  for (const [at, bytes] of [hello, hello, 'GET /mqtt HTTP/1.1\r\nhost: x\r\n'].entries())
    halfway[at]!.socket.write(bytes);
});
afterAll(async () => {
  await haproxy.stop();
  await platform.close();
  await ca.remove();
});

async function client(
  name: keyof typeof credential.connect,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const tls = { ca: ca.certificate, servername: 'localhost', rejectUnauthorized: true };
  const from = { localAddress: CLIENT };
  const all = {
    ...{ username: credential.username, password: credential.password, clientId: name },
    ...{ protocolVersion: 4, reconnectPeriod: 0 },
    ...{ ...tls, ...from, wsOptions: { ...tls, ...from } },
    ...options,
  } as IClientOptions;
  if (name !== 'mqtt') return mqtt.connectAsync(`${name}://127.0.0.1:${ports[name]}`, all);
  // MQTT.js passes no local address on to TCP.
  const over = new mqtt.MqttClient(() => connect({ host: '127.0.0.1', port: ports.mqtt, ...from }), all);
  await new Promise<void>((resolve, reject) => over.once('connect', () => resolve()).once('error', reject));
  return over;
}

/** To the gateway's own port. */
function raw(
  from: string,
  name: keyof typeof credential.connect = 'mqtt',
): { socket: Socket; received: () => Buffer; closed: Promise<void> } {
  const socket = connect({ host: '127.0.0.1', port: portOf(name), localAddress: from });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  return {
    socket,
    received: () => Buffer.concat(chunks),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}
const portOf = (name: keyof typeof credential.connect) => Number(new URL(credential.connect[name]).port);

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** Says that 192.0.2.7 is behind the connection. */
const header = Buffer.concat([
  signature,
  Buffer.from([0x21, 0x11, 0, 12, 192, 0, 2, 7, 10, 0, 0, 1, 0xd4, 0x31, 0x07, 0x5b]),
]);

describe('behind HAProxy', () => {
  test('connections and refusals bear the client’s address, over all transports', async () => {
    const names = ['mqtt', 'mqtts', 'ws', 'wss'] as const;
    const clients = await Promise.all(names.map((name) => client(name)));
    await Promise.all(
      clients.map((one, at) => one.publishAsync(tenant.topic(names[at]!), '{"n":1}', { qos: 1 })),
    );
    await eventually(async () => {
      const rows = await tenant.rows(
        `select client_id, transport, host(remote_address::inet) as address from mqtt_connections
          where organization_id = $1 order by client_id`,
      );
      expect(rows).toEqual([
        { client_id: 'mqtt', transport: 'tcp', address: CLIENT },
        { client_id: 'mqtts', transport: 'tls', address: CLIENT },
        { client_id: 'ws', transport: 'ws', address: CLIENT },
        { client_id: 'wss', transport: 'wss', address: CLIENT },
      ]);
    });
    await Promise.all(clients.map((one) => one.endAsync()));

    await expect(client('mqtt', { password: 'wrong', clientId: 'refused' })).rejects.toThrow();
    await eventually(async () => {
      const rows = await tenant.rows(
        `select host(remote_address::inet) as address from integration_activity_log
          where organization_id = $1 and client_id = 'refused'`,
      );
      expect(rows).toEqual([{ address: CLIENT }]);
    });
  });

  test('a client’s own header behind the proxy’s is no MQTT', async () => {
    const socket = connect({ host: '127.0.0.1', port: ports.mqtt, localAddress: CLIENT });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    let answered = 0;
    socket.on('data', () => (answered += 1));
    socket.write(Buffer.concat([header, encode(connectPacket(credential, { clientId: 'spoof' }))]));
    await closed;
    expect(answered).toBe(0);
  });

  test('limits by address count the client’s: one that guesses keeps nobody else out', async () => {
    const signIn = (forwarded: string, password: string) =>
      fetch(`http://127.0.0.1:${ports.http}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'sec-fetch-site': 'same-origin',
          'x-forwarded-for': forwarded,
        },
        body: JSON.stringify({ email: owner.email, password }),
      });
    // HAProxy adds 127.0.0.1, a trusted proxy as well: what stands before it was seen by that one.
    const statuses = new Set<number>();
    for (let tries = 0; tries < 12; tries += 1) statuses.add((await signIn('192.0.2.66', 'guess')).status);
    expect(statuses).toContain(429);
    expect((await signIn('192.0.2.7', owner.password)).status).toBe(200);
  });
});

describe('at the gateway itself', () => {
  test('who is not trusted is taken for itself, and its header for no MQTT', async () => {
    const honest = raw(STRANGER);
    honest.socket.write(encode(connectPacket(credential, { clientId: 'stranger' })));
    await eventually(() => expect(honest.received()).toEqual(Buffer.from([0x20, 2, 0, 0])));
    await eventually(async () => {
      const rows = await tenant.rows(
        `select host(remote_address::inet) as address from mqtt_connections
          where organization_id = $1 and client_id = 'stranger'`,
      );
      expect(rows).toEqual([{ address: STRANGER }]);
    });
    honest.socket.destroy();

    const spoof = raw(STRANGER);
    spoof.socket.write(Buffer.concat([header, encode(connectPacket(credential, { clientId: 'spoof' }))]));
    await spoof.closed;
    expect(spoof.received()).toEqual(Buffer.alloc(0));
  });

  test('a proxy that sends no header, half of one or another is let go, and harms nobody', async () => {
    const begun = performance.now();
    const without = raw('127.0.0.1');
    without.socket.write(encode(connectPacket(credential, { clientId: 'without' })));
    const long = raw('127.0.0.1');
    long.socket.write(Buffer.concat([signature, Buffer.from([0x21, 0x11, 0xff, 0xff])]));
    await Promise.all([without.closed, long.closed]);
    expect(performance.now() - begun).toBeLessThan(5000);

    const byByte = raw('127.0.0.1');
    const bytes = Buffer.concat([header, encode(connectPacket(credential, { clientId: 'by-byte' }))]);
    for (const byte of bytes) {
      byByte.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => expect(byByte.received()).toEqual(Buffer.from([0x20, 2, 0, 0])));
    byByte.socket.destroy();
    await (await client('mqtt')).endAsync();

    await Promise.all([half, silent, ...halfway].map(({ closed }) => closed));
    const waited = performance.now() - opened;
    expect(waited).toBeGreaterThan(9000);
    expect(waited).toBeLessThan(13_000);
    for (const { received } of [half, silent, without, long]) expect(received()).toEqual(Buffer.alloc(0));
  });
});
