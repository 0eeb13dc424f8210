import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/main/config.ts';
import { startPlatform } from '../../src/main/platform.ts';
import { silentLog } from '../../src/service/log.ts';
import { EventReader } from '../support/event-reader.ts';
import { eventually } from '../support/eventually.ts';
import { type Credential, type TestPlatform, testPlatform } from '../support/platform.ts';
import { connectPacket, publishPacket, RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** What messages, wills and connections say of a device's presence, and what our own restart does not. */

let platform: TestPlatform;
let tenant: Tenant;
let credential: Credential;

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
  credential = await tenant.credential();
});
afterAll(() => platform.close());

interface State {
  presence: string;
  presence_reason: string;
  status: string | null;
  connection: string | null;
}
async function stateOf(device: string): Promise<State | undefined> {
  const [state] = await tenant.rows<State>(
    `select presence, presence_reason, status, connection from device_state s join devices d on d.id = s.device_id
      where d.organization_id = $1 and d.external_device_id = $2`,
    [device],
  );
  return state;
}
const becomes = (device: string, state: Partial<State>) =>
  eventually(async () => expect(await stateOf(device)).toMatchObject(state));
const connect = (clientId: string, more: object = {}) =>
  RawClient.connect(platform.mqttUrl, credential, { clientId, ...more });
const offlineWill = (device: string) => ({
  will: {
    topic: tenant.topic(device, 'status'),
    payload: Buffer.from('offline'),
    qos: 1 as const,
    retain: true,
  },
});

describe('status messages', () => {
  test.each([
    ['online', 'online'],
    ['"offline"', 'offline'],
    ['{"status":"offline","battery":3}', 'offline'],
    ['{"state":"Connected"}', 'online'],
    ['1', 'online'],
  ])('%s', async (payload, status) => {
    const client = await connect('status');
    const device = `speaking-${payload.length}`;
    await client.publish(tenant.topic(device, 'status'), payload);
    expect(await stateOf(device)).toMatchObject({ presence: status, status });
    await client.end();
  });

  test('a message after an offline says that the device is there', async () => {
    const client = await connect('back');
    await client.publish(tenant.topic('back', 'status'), 'offline');
    await client.publish(tenant.topic('back'), '{"n":1}');
    expect(await stateOf('back')).toMatchObject({ presence: 'online', status: 'offline' });
    await client.end();
  });

  test('a status is no reading', async () => {
    const client = await connect('no-reading');
    await client.publish(tenant.topic('no-reading', 'status'), '{"status":"online","n":1}');
    expect(
      await tenant.rows(
        `select from device_telemetry_history h join devices d on d.id = h.device_id
          where d.organization_id = $1 and d.external_device_id = 'no-reading'`,
      ),
    ).toEqual([]);
    await client.end();
  });
});

describe('the end of a connection', () => {
  test('cut: the device is offline, its will is published and retained', async () => {
    const listener = await connect('listener');
    await listener.subscribe([tenant.topic('cut', 'status')]);
    const device = await connect('cut', offlineWill('cut'));
    await device.publish(tenant.topic('cut'), '{"n":1}');
    await becomes('cut', { presence: 'online', connection: 'connected' });
    await device.cut();
    await becomes('cut', { presence: 'offline', status: 'offline', connection: 'lost' });
    expect((await listener.expect('publish')).payload.toString()).toBe('offline');
    const late = await connect('late-listener');
    await late.subscribe([tenant.topic('cut', 'status')]);
    expect(await late.expect('publish')).toMatchObject({ retain: true });
    await listener.end();
    await late.end();
  });

  test('cut without a will: offline all the same', async () => {
    const device = await connect('cut-bare');
    await device.publish(tenant.topic('cut-bare'), '{"n":1}');
    await device.cut();
    await becomes('cut-bare', { presence: 'offline', presence_reason: 'connection_lost', status: null });
  });

  test('DISCONNECT: no will, and the device is not offline', async () => {
    const listener = await connect('listener-2');
    await listener.subscribe([tenant.topic('polite', '#')]);
    const device = await connect('polite', offlineWill('polite'));
    await device.publish(tenant.topic('polite'), '{"n":1}');
    await device.end();
    await becomes('polite', { presence: 'online', connection: 'closed' });
    const sentinel = await connect('sentinel');
    await sentinel.publish(tenant.topic('polite', 'anything'), 'x');
    expect((await listener.expect('publish')).topic).toBe(tenant.topic('polite'));
    expect((await listener.expect('publish')).topic).toBe(tenant.topic('polite', 'anything'));
    await sentinel.end();
    await listener.end();
  });

  test('a refused publish: like a cut, the will is published', async () => {
    const device = await connect('refused', offlineWill('refused'));
    await device.publish(tenant.topic('refused'), '{"n":1}');
    device.send(publishPacket('elsewhere', '1'));
    await device.closed;
    await becomes('refused', { presence: 'offline', status: 'offline' });
  });

  test('taken over by itself: the device is there', async () => {
    const first = await connect('again', offlineWill('again'));
    await first.publish(tenant.topic('again'), '{"n":1}');
    const second = await connect('again', offlineWill('again'));
    await first.closed;
    await second.ping();
    await becomes('again', { presence: 'online', connection: 'connected', status: null });
    // It has not said anything in its new connection, which speaks for the device all the same.
    await second.cut();
    await becomes('again', { presence: 'offline', connection: 'lost' });
  });

  test('of an older one, when another has spoken for the device since: it is there', async () => {
    const older = await connect('older');
    await older.publish(tenant.topic('moved'), '{"n":1}');
    const newer = await connect('newer');
    await newer.publish(tenant.topic('moved'), '{"n":2}');
    await older.cut();
    const witness = await connect('older');
    await witness.publish(tenant.topic('witness'), '{"n":1}');
    expect(await stateOf('moved')).toMatchObject({ presence: 'online', connection: 'connected' });
    await newer.end();
    await witness.end();
  });

  test('of a backend that only sends commands: nothing is said of the device', async () => {
    const device = await connect('bulb');
    await device.publish(tenant.topic('bulb'), '{"n":1}');
    const backend = await connect('backend');
    await backend.publish(tenant.topic('bulb', 'commands'), '{"name":"on"}');
    await backend.cut();
    await device.publish(tenant.topic('bulb', 'anything'), 'x');
    await device.publish(tenant.topic('other'), '{"n":1}');
    expect(await stateOf('bulb')).toMatchObject({ presence: 'online', connection: 'connected' });
    await device.end();
  });
});

test('a device’s own credential: connecting is being there', async () => {
  const own = await tenant.credential('own');
  const device = await RawClient.connect(platform.mqttUrl, own, { clientId: 'any' });
  await becomes('own', { presence: 'online', presence_reason: 'connected' });
  await device.cut();
  await becomes('own', { presence: 'offline', presence_reason: 'connection_lost' });
});

test('each change is an event on the stream', async () => {
  const path = `/api/v1/organizations/${platform.organizationId}/events`;
  const events = new EventReader(await platform.api('GET', path));
  const device = await connect('streamed', offlineWill('streamed'));
  await device.publish(tenant.topic('streamed'), '{"n":1}');
  await device.cut();
  const seen = () =>
    events.received
      .filter(({ event, data }) => event === 'presence' && data.external_device_id === 'streamed')
      .map(({ data }) => data.presence);
  await events.until(() => seen().includes('offline'));
  expect(seen().at(-1)).toBe('offline');
  await events.close();
});

test('an engine that is away sends nobody offline and publishes no will: devices are unknown', async () => {
  const broken = await testPlatform();
  try {
    const ours = await firstTenant(broken);
    const own = await ours.credential();
    const will = {
      topic: ours.topic('d', 'status'),
      payload: Buffer.from('offline'),
      qos: 1 as const,
      retain: true,
    };
    const device = await RawClient.connect(broken.mqttUrl, own, { clientId: 'd', will });
    await device.publish(ours.topic('d'), '{"n":1}');
    // As if another engine had started: this one closes all its connections at its next write.
    await broken.test.pool.query('update broker.owner set epoch = epoch + 1');
    device.send(publishPacket(ours.topic('d', 'anything'), 'x', { retain: true }));
    await device.closed;
    await eventually(async () => {
      expect(
        await ours.rows(
          `select presence, presence_reason, status from device_state where organization_id = $1`,
        ),
      ).toEqual([{ presence: 'unknown', presence_reason: 'not_observed', status: null }]);
    }, 12_000);
    const refused = new RawClient(broken.mqttUrl);
    refused.send(connectPacket(own));
    expect(await refused.expect('connack')).toMatchObject({ returnCode: 3 });
  } finally {
    await broken.close();
  }
});

test('our own restart publishes no will and sends nobody offline: devices are unknown until they are heard', async () => {
  const listener = await connect('persistent', { clean: false });
  await listener.subscribe([0, 1, 2, 3, 4].map((index) => tenant.topic(`fleet-${index}`, '#')));
  await listener.end();
  const devices = await Promise.all(
    Array.from({ length: 5 }, async (_, index) => {
      const name = `fleet-${index}`;
      const device = await connect(name, offlineWill(name));
      await device.publish(tenant.topic(name), '{"n":1}');
      await becomes(name, { presence: 'online' });
      return { device, name };
    }),
  );
  const entering = new RawClient(platform.mqttUrl);
  await platform.stop();
  await Promise.all([...devices.map(({ device }) => device.closed), entering.closed]);

  const dataDir = await mkdtemp(join(tmpdir(), 'netneural-test-'));
  const config = readConfig({
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    MQTT_WS_PORT: '0',
    DATABASE_URL: platform.test.url,
    DATA_DIR: dataDir,
  });
  const restarted = await startPlatform(config, silentLog);
  try {
    for (const { name } of devices) {
      expect(await stateOf(name)).toMatchObject({
        presence: 'unknown',
        presence_reason: 'not_observed',
        status: null,
      });
    }
    const after = await RawClient.connect(restarted.mqttUrl, credential, {
      clientId: 'persistent',
      clean: false,
    });
    const { name } = devices[0]!;
    await after.publish(tenant.topic(name), '{"n":2}');
    await becomes(name, { presence: 'online' });
    const heard: string[] = [];
    for (let last = ''; last !== '{"n":2}'; ) {
      const { topic, payload } = await after.expect('publish');
      last = payload.toString();
      heard.push(topic.slice(topic.lastIndexOf('/') + 1));
    }
    expect(new Set(heard)).toEqual(new Set(['telemetry']));
    await after.end();
  } finally {
    await restarted.stop();
    await rm(dataDir, { recursive: true });
  }
});
