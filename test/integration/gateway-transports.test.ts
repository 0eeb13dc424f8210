import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, encode, publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** MQTT over WebSocket and TLS, and the keep-alive. */

let directory: string;
let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential & { connect: { mqtts: string; ws: string } };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'netneural-tls-'));
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${key} -out ${certificate}`;
  await promisify(execFile)('openssl', request.split(/\s+/));
  platform = await testPlatform({ TLS_CERT: certificate, TLS_KEY: key });
  tenant = await firstTenant(platform);
  credential = (await platform.credential()) as typeof credential;
});
afterAll(async () => {
  await platform.close();
  await rm(directory, { recursive: true });
});

async function publishAndHear(url: string, options: mqtt.IClientOptions = {}): Promise<void> {
  const { username, password } = credential;
  const client = await mqtt.connectAsync(url, {
    username,
    password,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  const topic = tenant.topic(new URL(url).protocol.slice(0, -1));
  const heard = new Promise<string>((resolve) => {
    client.once('message', (_, payload) => resolve(payload.toString()));
  });
  await client.subscribeAsync(topic, { qos: 1 });
  const large = `{"text":"${'x'.repeat(4000)}","more":[${'1,'.repeat(400)}1]}`;
  await client.publishAsync(topic, large, { qos: 1 });
  expect(await heard).toBe(large);
  await client.endAsync();
}
const transports = () =>
  tenant.rows<{ transport: string }>(
    'select distinct transport from mqtt_connections where organization_id = $1',
  );

describe('TLS', () => {
  test('a client that trusts our certificate publishes and hears', async () => {
    await publishAndHear(credential.connect.mqtts, { ca: await readFile(join(directory, 'cert.pem')) });
  });

  test('who speaks no TLS, or breaks off, harms nobody', async () => {
    const { port } = new URL(credential.connect.mqtts);
    for (const bytes of [encode(connectPacket(credential)), Buffer.from('16030100c8010000c40303', 'hex')]) {
      const socket = connect({ port: Number(port), host: '127.0.0.1' });
      socket.on('error', () => {});
      await new Promise((sent) => socket.write(bytes, sent));
      socket.destroy();
    }
    await publishAndHear(credential.connect.mqtts, { ca: await readFile(join(directory, 'cert.pem')) });
  });

  test('a client that does not trust our certificate is not talked into it', async () => {
    await expect(publishAndHear(credential.connect.mqtts)).rejects.toThrow(/self-signed/);
  });
});

describe('WebSocket', () => {
  const open = async (protocols: string[] = ['mqtt']) => {
    const socket = new WebSocket(credential.connect.ws, protocols);
    const received: Buffer[] = [];
    socket.on('message', (data) => received.push(data as Buffer));
    socket.on('error', () => {});
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    return { socket, received: () => Buffer.concat(received), closed };
  };
  const CONNACK = Buffer.from([0x20, 2, 0, 0]);
  const DISCONNECT = Buffer.from([0xe0, 0]);

  test('MQTT.js publishes and hears', async () => {
    await publishAndHear(credential.connect.ws);
  });

  test('packets may be cut across messages, or several in one', async () => {
    const { socket, received, closed } = await open();
    const bytes = Buffer.concat([
      encode(connectPacket(credential, { clientId: 'cut' })),
      encode(publishPacket(tenant.topic('ws-cut'), '{"n":1}', { messageId: 2 })),
      encode({ cmd: 'pingreq' }),
    ]);
    for (let at = 0; at < bytes.length; at += 7) socket.send(bytes.subarray(at, at + 7));
    const answer = Buffer.concat([CONNACK, Buffer.from([0x40, 2, 0, 2]), Buffer.from([0xd0, 0])]);
    await eventually(() => expect(received().length).toBe(answer.length));
    expect(received().subarray(0, 4)).toEqual(CONNACK);
    await eventually(async () => expect(await transports()).toEqual([{ transport: 'ws' }]));
    socket.send(DISCONNECT);
    await closed;
  });

  test('older clients name the subprotocol mqttv3.1', async () => {
    const { socket, closed } = await open(['mqttv3.1']);
    expect(socket.protocol).toBe('mqttv3.1');
    socket.close();
    await closed;
  });

  test('text messages are no MQTT [MQTT-6.0.0-1]', async () => {
    const { socket, received, closed } = await open();
    socket.send(encode(connectPacket(credential, { clientId: 'text' })));
    await eventually(() => expect(received()).toEqual(CONNACK));
    const packet = encode(publishPacket(tenant.topic('ws-text'), '{"n":1}', { qos: 0 })).toString();
    expect(Buffer.from(packet)).toEqual(
      encode(publishPacket(tenant.topic('ws-text'), '{"n":1}', { qos: 0 })),
    );
    socket.send(packet);
    await closed;
    expect(
      await tenant.rows(`select from devices where organization_id = $1 and external_device_id = 'ws-text'`),
    ).toEqual([]);
  });

  test('a message beyond the limit ends the connection', async () => {
    const { socket, closed } = await open();
    socket.send(Buffer.alloc(1_000_000, 0x10));
    await closed;
  });

  test('a browser that just looks is told what is spoken here', async () => {
    const response = await fetch(credential.connect.ws.replace('ws:', 'http:'));
    expect(response.status).toBe(426);
    expect(await response.text()).toContain('MQTT');
  });
});

describe('keep-alive', () => {
  test('who is silent for one and a half times as long is gone, with its will; who pings stays', async () => {
    const quiet = await RawClient.connect(platform.mqttUrl, credential, {
      clientId: 'quiet',
      keepalive: 1,
      will: {
        topic: tenant.topic('quiet', 'status'),
        payload: Buffer.from('offline'),
        qos: 0,
        retain: false,
      },
    });
    const pinging = await RawClient.connect(platform.mqttUrl, credential, {
      clientId: 'pinging',
      keepalive: 1,
    });
    const patient = await RawClient.connect(platform.mqttUrl, credential, {
      clientId: 'patient',
      keepalive: 0,
    });
    await quiet.publish(tenant.topic('quiet'), '{"n":1}');
    const silentSince = performance.now();
    let gone = false;
    void quiet.closed.then(() => {
      gone = true;
    });
    while (!gone) {
      await pinging.ping();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const silentFor = performance.now() - silentSince;
    expect(silentFor).toBeGreaterThanOrEqual(1490);
    expect(silentFor).toBeLessThan(3500);
    await pinging.ping();
    await patient.ping();
    await eventually(async () => {
      expect(
        await tenant.rows(
          `select reason from integration_activity_log
            where organization_id = $1 and client_id = 'quiet' and event = 'disconnected'`,
        ),
      ).toEqual([{ reason: 'keepalive_timeout' }]);
      expect(
        await tenant.rows(
          `select presence, status from device_state s join devices d on d.id = s.device_id
            where d.organization_id = $1 and d.external_device_id = 'quiet'`,
        ),
      ).toEqual([{ presence: 'offline', status: 'offline' }]);
    });
    await pinging.end();
    await patient.end();
  });
});
