import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IntegrationDirectory, type KnownIntegration } from '../../src/external/directory.ts';
import { Subscriber } from '../../src/external/subscriber.ts';
import { Ingest } from '../../src/ingest/ingest.ts';
import { Quotas } from '../../src/quota/quotas.ts';
import { systemClock } from '../../src/service/clock.ts';
import { guardedLookup } from '../../src/service/guard.ts';
import { silentLog as log } from '../../src/service/log.ts';
import { createSeal } from '../../src/service/seal.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { brokerDevice, telemetryOf } from '../support/external-broker.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { scriptedBroker } from '../support/scripted-broker.ts';
import { severable } from '../support/severable.ts';
import { otherTenant, type Tenant } from '../support/tenant.ts';

/** How a process takes, edits and gives up the connections that are its share. */

let test: TestDatabase;
let tenant: Tenant;
let broker: TestMosquitto;
const clock = systemClock();

beforeAll(async () => {
  test = await testDatabase();
  tenant = await otherTenant({ test });
  broker = await startMosquitto({ persistent: true, settings: ['max_queued_messages 0'] });
});
afterAll(async () => {
  await broker?.stop();
  await test?.close();
});
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await test.pool.query(`delete from device_integrations where mode = 'subscribe'`);
});

/** Looks integrations up no sooner than it is let. */
class HeldDirectory extends IntegrationDirectory {
  found = Promise.withResolvers<void>();
  gate: Promise<void> = Promise.resolve();

  override async get(id: string): Promise<KnownIntegration | undefined> {
    const found = await super.get(id);
    this.found.resolve();
    await this.gate;
    return found;
  }
}

interface Running {
  subscriber: Subscriber;
  directory: HeldDirectory;
  ingest: Ingest;
  stop(): Promise<void>;
}

async function running(options: { leaseSeconds?: number; connection?: object } = {}): Promise<Running> {
  const { leaseSeconds = 12, connection = test.connection } = options;
  const { pool } = test;
  const ingest = new Ingest({ pool, connection, clock, log, retentionDays: 1095, lanes: 1 });
  const directory = new HeldDirectory({ pool, devices: ingest.devices, seal: createSeal(undefined) });
  const quotas = new Quotas({ id: randomUUID(), pool, log });
  const subscriber = new Subscriber({
    quotas,
    ...{ pool, log, directory, ingest, clock, leaseSeconds },
    lookup: guardedLookup({ allowPrivate: true }),
    messageBytes: 262_144,
    onChanged: () => {},
    roundMs: 200,
  });
  await ingest.start();
  await quotas.start();
  await subscriber.start();
  const stop = async () => {
    await subscriber.stop();
    await quotas.stop();
    await ingest.stop();
  };
  ends.push(stop);
  return { subscriber, directory, ingest, stop };
}

const settings = (url = broker.url) =>
  JSON.stringify({ broker: { url, protocol_version: '5', keep_alive_seconds: 60 } });
async function made(topic: string, configuration = settings()): Promise<string> {
  const [row] = await tenant.rows<{ id: string }>(
    `insert into device_integrations (organization_id, name, integration_type, mode, expected_topics, configuration)
     values ($1, 'Plant', 'mqtt_external', 'subscribe', $2, $3) returning id`,
    [JSON.stringify([{ topic }]), configuration],
  );
  return row!.id;
}
/** As PostgreSQL announces it. */
async function edit(
  { directory, subscriber }: Running,
  id: string,
  change: string,
  value: unknown,
): Promise<void> {
  await test.pool.query(`update device_integrations set ${change} = $2 where id = $1`, [id, value]);
  directory.changed(id);
  subscriber.changed(id);
}
const statusOf = async (id: string) =>
  (
    await test.pool.query(
      'select state, reason, filters, since, next_try_at from integration_status where integration_id = $1',
      [id],
    )
  ).rows[0];

describe('an edit', () => {
  it('while the connection is being taken is not lost', async () => {
    const id = await made('old/+');
    const it = await running();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    it.directory.gate = gate;
    it.directory.found = Promise.withResolvers<void>();
    it.subscriber.changed(id);
    await it.directory.found.promise;
    await edit(it, id, 'expected_topics', JSON.stringify([{ topic: 'new/+' }]));
    open();
    await expect
      .poll(() => statusOf(id), { timeout: 5000 })
      .toMatchObject({ state: 'connected', filters: ['new/+'] });
  });

  it('of settings that led nowhere is taken up at once', async () => {
    const id = await made('a/+', '{}');
    const it = await running();
    await expect.poll(() => statusOf(id)).toMatchObject({ state: 'refused', reason: 'bad_settings' });
    await edit(it, id, 'configuration', settings());
    await expect.poll(() => statusOf(id), { timeout: 5000 }).toMatchObject({ state: 'connected' });
  });
});

describe('what is said of a connection', () => {
  /** Answers each filter with the code that its name ends in. */
  const refusing = async () => {
    const made = await scriptedBroker((packet, send) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
      else if (packet.cmd === 'subscribe') {
        const granted = packet.subscriptions.map(({ topic }) => (topic.startsWith('secret') ? 0x87 : 1));
        send({ cmd: 'suback', messageId: packet.messageId, granted });
      } else if (packet.cmd === 'unsubscribe')
        send({ cmd: 'unsuback', messageId: packet.messageId, granted: packet.unsubscriptions.map(() => 0) });
    });
    ends.push(() => made.close());
    return settings(`mqtt://127.0.0.1:${made.port}`);
  };

  it('since when it is tried holds over all tries', async () => {
    const id = await made('a/+', settings('mqtt://127.0.0.1:1'));
    await running();
    const first = await expect
      .poll(() => statusOf(id))
      .toMatchObject({ state: 'retrying' })
      .then(() => statusOf(id));
    await expect
      .poll(async () => (await statusOf(id)).next_try_at, { timeout: 8000 })
      .not.toEqual(first.next_try_at);
    expect(await statusOf(id)).toMatchObject({ state: 'retrying', since: first.since });
  });

  it('a broker that refuses every topic is no connection', async () => {
    const id = await made('secret/+', await refusing());
    await running();
    await expect.poll(() => statusOf(id)).toMatchObject({ state: 'refused', reason: 'filter_refused' });
  });

  it('a refused topic is not forgotten over an edit of something else', async () => {
    const id = await made('a/+', await refusing());
    const topics = JSON.stringify([{ topic: 'a/+' }, { topic: 'secret/+' }]);
    await test.pool.query('update device_integrations set expected_topics = $2 where id = $1', [id, topics]);
    const it = await running();
    const refused = { state: 'connected', reason: 'filter_refused', filters: ['a/+', 'secret/+'] };
    await expect.poll(() => statusOf(id)).toMatchObject(refused);
    await edit(it, id, 'decoder', 'json');
    await edit(it, id, 'expected_topics', JSON.stringify([{ topic: 'secret/+' }, { topic: 'b/+' }]));
    await expect.poll(() => statusOf(id)).toMatchObject({ ...refused, filters: ['secret/+', 'b/+'] });
  });
});

it('giving up connections to brokers that do not say goodbye costs none of the others its lease', async () => {
  const rude = await scriptedBroker((packet, send, socket) => {
    socket.allowHalfOpen = true;
    if (packet.cmd === 'connect') send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
    else if (packet.cmd === 'subscribe') send({ cmd: 'suback', messageId: packet.messageId, granted: [1] });
  });
  ends.push(() => rude.close());
  const url = `mqtt://127.0.0.1:${rude.port}`;
  const ids: string[] = [];
  for (let n = 0; n < 8; n += 1) ids.push(await made(`plant-${n}/+`, settings(url)));
  const { subscriber } = await running({ leaseSeconds: 3 });
  await expect.poll(() => subscriber.held).toBe(8);
  await expect.poll(async () => (await statusOf(ids[7]!))?.state).toBe('connected');
  const [kept, ...gone] = ids;
  await test.pool.query('update device_integrations set enabled = false where id = any ($1)', [gone]);
  let lapsed = false;
  await expect
    .poll(
      async () => {
        const { rows } = await test.pool.query(
          `select expires_at < now() as lapsed from private.leases where name = 'subscription/' || $1`,
          [kept],
        );
        lapsed ||= rows[0].lapsed;
        return subscriber.held;
      },
      { timeout: 15_000 },
    )
    .toBe(1);
  expect(lapsed).toBe(false);
});

it('what another process takes over is stored by that one alone, whatever this one still holds', async () => {
  const id = await made('devices/+/telemetry');
  const network = await severable(test);
  ends.push(() => network.close());
  const connection = { ...test.connection, host: '127.0.0.1', port: network.port };
  const first = await running({ connection });
  await expect.poll(() => statusOf(id)).toMatchObject({ state: 'connected' });
  const device = await brokerDevice(broker.url);
  ends.push(() => device.endAsync(true));
  const publish = (n: number) => device.publishAsync('devices/steady/telemetry', `{"n":${n}}`, { qos: 1 });
  await publish(0);
  await expect.poll(() => telemetryOf({ test }, 'steady')).toEqual([{ n: 0 }]);

  // Only its way to store is gone; its share it gives up in good order.
  await network.sever();
  await publish(1);
  await first.subscriber.stop();
  const second = await running();
  await expect.poll(() => telemetryOf({ test }, 'steady')).toEqual([{ n: 0 }, { n: 1 }]);
  await network.restore();
  await expect.poll(() => first.ingest.waiting, { timeout: 10_000 }).toBe(0);
  expect(await telemetryOf({ test }, 'steady')).toEqual([{ n: 0 }, { n: 1 }]);
  expect(second.subscriber.held).toBe(1);
});
