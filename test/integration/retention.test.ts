import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { organizationsToRollUp } from '../../src/database/rollups.ts';
import { withScope } from '../../src/database/scope.ts';
import { outlivesReadings } from '../../src/database/telemetry.ts';
import { deleteExpired } from '../../src/ingest/retention.ts';
import { rollUp } from '../../src/ingest/rollups.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

/** Readings of those who keep them for a shorter time than the platform. */

let database: TestDatabase;
let organizationId: string;
const userId = randomUUID();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const retention = { retentionDays: 1095 };

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const [row] = await rows<{ id: string }>(`select private.found_organization('Lab', $1) as id`, [userId]);
  organizationId = row!.id;
});

async function rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await database.pool.query(sql, values)).rows;
}

async function device(type?: string): Promise<string> {
  const [made] = await rows<{ id: string }>(
    `insert into devices (organization_id, external_device_id, name, device_type_id)
     values ($1, gen_random_uuid()::text, 'D', $2) returning id`,
    [organizationId, type],
  );
  return made!.id;
}

/** Readings in the middle of hours that lie so many days back. */
async function store(deviceId: string, daysBack: number[], key = 0): Promise<void> {
  const times = daysBack.map((days) => Math.floor((Date.now() - days * DAY) / HOUR) * HOUR + HOUR / 2);
  await rows(
    `select private.ensure_history_partition(to_timestamp(t / 1000.0)::date) from unnest($1::float8[]) t`,
    [times],
  );
  await rows(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, message_key, telemetry)
     select $1, $2, to_timestamp(t / 1000.0), $4, '{"n":1}' from unnest($3::float8[]) t`,
    [organizationId, deviceId, times, key],
  );
}

/** How many days back readings of a device are, in whole days. */
async function left(deviceId: string): Promise<number[]> {
  const found = await rows<{ days: number }>(
    `select round(extract(epoch from now() - recorded_at) / 86400)::int as days
       from device_telemetry_history where device_id = $1 order by recorded_at desc`,
    [deviceId],
  );
  return found.map(({ days }) => days);
}

const keepDays = (days: number | null) =>
  rows('update organizations set readings_retention_days = $2 where id = $1', [organizationId, days]);

/** All that was committed; an hour waits a minute else. */
const rollUpAll = () =>
  eventually(async () => {
    await rollUp(database.pool, await organizationsToRollUp(database.pool), async () => {});
    await rows('update private.unrolled_hours set due_at = now()');
    await rollUp(database.pool, [], async () => {});
    const [unseen] = await rows<{ n: number }>(
      `select count(*)::int as n from device_telemetry_history h left join private.rollup_positions p using (organization_id)
        where h.transaction_id >= coalesce(p.position, '0')`,
    );
    expect(unseen!.n).toBe(0);
  }, 20_000);
const deleteAll = () => deleteExpired(database.pool, retention, async () => true);

test('the shortest of organization and type counts, and what says nothing is the platform’s', async () => {
  const [type] = await rows<{ id: string }>(
    `insert into device_types (organization_id, name, retention_days) values ($1, 'Camera', 10) returning id`,
    [organizationId],
  );
  const [plain, camera] = [await device(), await device(type!.id)];
  for (const id of [plain, camera]) await store(id, [5, 20, 40, 400]);
  await rollUpAll();
  await deleteAll();
  expect([await left(plain), await left(camera)]).toEqual([[5, 20, 40, 400], [5]]);
  await keepDays(30);
  await deleteAll();
  expect([await left(plain), await left(camera)]).toEqual([[5, 20], [5]]);
  // Longer than the platform's it changes nothing.
  await rows('update device_types set retention_days = null');
  await keepDays(5000);
  await deleteAll();
  expect(await left(plain)).toEqual([5, 20]);
});

test('nothing of another organization goes', async () => {
  const mine = await device();
  await store(mine, [40]);
  const first = organizationId;
  const [other] = await rows<{ id: string }>(`select private.found_organization('Other', $1) as id`, [
    userId,
  ]);
  organizationId = other!.id;
  const theirs = await device();
  await store(theirs, [40]);
  await rollUpAll();
  organizationId = first;
  await keepDays(30);
  await deleteAll();
  expect([await left(mine), await left(theirs)]).toEqual([[], [40]]);
});

test('readings wait until they are rolled up, and roll-ups never tell of fewer', async () => {
  await keepDays(30);
  const id = await device();
  await store(id, [40, 41]);
  await deleteAll();
  expect(await left(id), 'nobody has looked at them').toEqual([40, 41]);
  await rollUp(database.pool, [organizationId], async () => {});
  await rows(`update private.unrolled_hours set due_at = now() + interval '1 hour' where device_id = $1`, [
    id,
  ]);
  await deleteAll();
  expect(await left(id), 'their hours are noted').toEqual([40, 41]);
  await rollUpAll();
  await deleteAll();
  expect(await left(id)).toEqual([]);
  const counted = () =>
    rows(
      `select readings, (metrics -> 'n' ->> 1)::int as n from device_telemetry_1h where device_id = $1 order by bucket`,
      [id],
    );
  expect(await counted()).toEqual([
    { readings: 1, n: 1 },
    { readings: 1, n: 1 },
  ]);

  // Late ones take nobody's place, however many they are, and go as well.
  for (const key of [1, 2, 3]) await store(id, [41], key);
  await rows(`update device_telemetry_history set telemetry = '{"n":7}' where device_id = $1`, [id]);
  await rollUpAll();
  await deleteAll();
  expect(await left(id)).toEqual([]);
  expect(await counted()).toEqual([
    { readings: 1, n: 1 },
    { readings: 1, n: 1 },
  ]);

  const span = { from: new Date(Date.now() - 60 * DAY).toISOString(), to: null };
  const outlives = () =>
    withScope(database.pool, { kind: 'user', userId }, (tx) =>
      outlivesReadings(tx, { organizationId, deviceId: id, span }),
    );
  expect(await outlives(), '`auto` knows that only roll-ups tell').toBe(true);
});

test('they go in small batches, also those of one time, and their number is right afterwards', async () => {
  const id = await device();
  await rows(`select private.ensure_history_partition((now() - interval '40 days')::date)`);
  await rows(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, message_key, telemetry)
     select $1, $2, date_trunc('day', now()) - interval '40 days' + (n / 9000) * interval '1 second', n, '{"n":1}'
       from generate_series(0, 17999) n`,
    [organizationId, id],
  );
  await store(id, [1]);
  await rows(`insert into private.stored_rows (organization_id, rows) values ($1, 18001)`, [organizationId]);
  await rollUpAll();
  await keepDays(30);
  const steps: number[] = [];
  await deleteExpired(database.pool, retention, async (tookMs) => {
    steps.push(tookMs);
    return true;
  });
  expect(await left(id)).toEqual([1]);
  // Of 9,000 that share a time; of the others; that there are no more; and two looks for devices.
  expect(steps).toHaveLength(5);
  expect(
    await rows('select rows from private.stored_rows where organization_id = $1', [organizationId]),
  ).toEqual([{ rows: '1' }]);
});

test('it ends when its time is up, and the next goes on', async () => {
  for (const id of [await device(), await device()]) await store(id, [40]);
  await rollUpAll();
  await keepDays(30);
  const first = async () => false;
  expect(await deleteExpired(database.pool, retention, first)).toBe(false);
  await eventually(async () => {
    let turns = 0;
    await deleteExpired(database.pool, retention, async () => {
      turns += 1;
      return turns < 2;
    });
    const remaining = await rows(`select from device_telemetry_history where organization_id = $1`, [
      organizationId,
    ]);
    expect(remaining).toEqual([]);
  });
});
