import { afterAll, beforeAll, expect, it } from 'vitest';
import { IntegrationDirectory, type KnownIntegration } from '../../src/external/directory.ts';
import { Inbox } from '../../src/external/inbox.ts';
import type { PostedMessage } from '../../src/external/webhook-forms.ts';
import { Ingest } from '../../src/ingest/ingest.ts';
import { systemClock } from '../../src/service/clock.ts';
import { silentLog as log } from '../../src/service/log.ts';
import { createSeal } from '../../src/service/seal.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { databaseAway, stallStore } from '../support/outage.ts';
import { otherTenant } from '../support/tenant.ts';

/** What posted messages cost in memory while they can't be stored. */

let test: TestDatabase;
let ingest: Ingest;
let inbox: Inbox;
let plant: KnownIntegration;

beforeAll(async () => {
  test = await testDatabase();
  const { pool, connection } = test;
  const clock = systemClock();
  const onDatabase = (available: boolean) => inbox.databaseAvailable(available);
  ingest = new Ingest({ pool, connection, clock, log, retentionDays: 1095, lanes: 1, onDatabase });
  await ingest.start();
  inbox = new Inbox({ ingest, clock, messageBytes: 1024 * 1024 });
  const { rows } = await otherTenant({ test });
  const [{ id } = { id: '' }] = await rows<{ id: string }>(
    `insert into device_integrations (organization_id, name, integration_type, mode, expected_topics)
     values ($1, 'Plant', 'mqtt_external', 'webhook', '[{"topic": "devices/+/telemetry"}]') returning id`,
  );
  const directory = new IntegrationDirectory({ pool, devices: ingest.devices, seal: createSeal(undefined) });
  plant = (await directory.get(id))!;
});
afterAll(async () => {
  await ingest?.stop();
  await test?.close();
});

function posted(count: number, bytes = 20): PostedMessage[] {
  const payload = Buffer.from(JSON.stringify({ a: 'x'.repeat(bytes) }));
  const topic = 'devices/gate/telemetry';
  return Array.from({ length: count }, () => ({ topic, payload, qos: 1, retain: false, clientId: '' }));
}

/** A message that nobody takes back, as those of devices are. @returns resolves when it is stored */
function kept(): Promise<unknown> {
  const { device, channel } = plant.routeOf('devices/kept/telemetry');
  const source = {
    integration: plant.rules,
    clientId: '',
    clientKey: plant.routeOf('x').key,
    connectionId: undefined,
  };
  return new Promise((settled) => {
    ingest.accept({
      ...{ source, device, channel, topic: 'devices/kept/telemetry', payload: Buffer.from('{"a":1}') },
      ...{ qos: 1, retain: false, dup: false, packetId: 0, receivedAt: Date.now() * 1000, settled },
    });
  });
}

it('messages that were given up do not wait behind one that is not', async () => {
  await inbox.deliver(plant, posted(1));
  const restore = await databaseAway(test);
  const stored = kept();
  await expect.poll(() => ingest.waiting).toBe(1);
  await expect(inbox.deliver(plant, posted(5))).rejects.toMatchObject({ code: 'unavailable' });
  await expect(inbox.deliver(plant, posted(5))).rejects.toMatchObject({ code: 'unavailable' });
  await expect.poll(() => ingest.waiting, { timeout: 8000 }).toBe(1);
  await restore();
  await stored;
  expect(ingest.waiting).toBe(0);
});

it('what was given up counts for as long as it is held', async () => {
  await inbox.deliver(plant, posted(1));
  let stored: Promise<unknown> | undefined;
  const release = await stallStore(test, () => {
    stored = kept();
  });
  const large = posted(40, 512 * 1024);
  await expect(inbox.deliver(plant, large)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(inbox.deliver(plant, large)).rejects.toMatchObject({ code: 'too_many_requests' });
  await release();
  await stored;
  await expect.poll(() => ingest.waiting).toBe(0);
  expect(await inbox.deliver(plant, large)).toHaveLength(40);
});

it('a message of an integration that is gone is counted no longer', async () => {
  const { rows } = await otherTenant({ test });
  const [{ id } = { id: '' }] = await rows<{ id: string }>(
    `insert into device_integrations (organization_id, name, integration_type, mode)
     values ($1, 'Gone', 'mqtt_external', 'webhook') returning id`,
  );
  const directory = new IntegrationDirectory({
    pool: test.pool,
    devices: ingest.devices,
    seal: createSeal(undefined),
  });
  const gone = (await directory.get(id))!;
  await test.pool.query('delete from device_integrations where id = $1', [id]);
  await inbox.deliver(gone, posted(3));
  expect(ingest.waiting).toBe(0);
});

it('an integration that is looked up again and has not changed keeps what is known of its topics', async () => {
  const parts = { pool: test.pool, devices: ingest.devices, seal: createSeal(undefined), freshMs: 0 };
  const directory = new IntegrationDirectory(parts);
  const { id } = plant.stored;
  const known = await directory.get(id);
  expect(await directory.get(id)).toBe(known);
  await test.pool.query(`update device_integrations set name = 'Renamed' where id = $1`, [id]);
  expect((await directory.get(id))?.stored.name).toBe('Renamed');
});

it('an integration that is not in memory while the database lets nobody in is no fault of ours', async () => {
  const directory = new IntegrationDirectory({
    pool: test.pool,
    devices: ingest.devices,
    seal: createSeal(undefined),
  });
  const restore = await databaseAway(test);
  try {
    await expect(directory.get(plant.stored.id)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(directory.get(plant.stored.id)).rejects.toMatchObject({ code: 'unavailable' });
  } finally {
    await restore();
  }
});
