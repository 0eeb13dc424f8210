import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropOldPartitions } from '../../src/database/housekeeping.ts';
import { organizationsToRollUp } from '../../src/database/rollups.ts';
import { type Caller, withScope } from '../../src/database/scope.ts';
import { outlivesReadings, type Rollup, rollUpTelemetry } from '../../src/database/telemetry.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import { rollUp } from '../../src/ingest/rollups.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

let database: TestDatabase;
let organizationId: string;
let caller: Caller;
const userId = randomUUID();

beforeAll(async () => {
  database = await testDatabase();
  const [row] = await rows<{ id: string }>(`select private.found_organization('Lab', $1) as id`, [userId]);
  organizationId = row!.id;
  caller = { kind: 'user', userId };
});
afterAll(() => database.close());

async function rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await database.pool.query(sql, values)).rows;
}

async function device(name: string): Promise<string> {
  const [made] = await rows<{ id: string }>(
    'insert into devices (organization_id, external_device_id, name) values ($1, $2, $2) returning id',
    [organizationId, name],
  );
  return made!.id;
}

interface Reading {
  device: string;
  at: number;
  key: number;
  telemetry: object;
}

const insert = `
  insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
  select $1, r.device, to_timestamp(r.at / 1000.0), now(), r.key, r.telemetry
    from jsonb_to_recordset($2) as r (device uuid, at float8, key bigint, telemetry jsonb)
   -- In one order, so that two that repeat one another wait and do not lock each other out.
   order by r.device, r.at, r.key on conflict do nothing`;
const store = (readings: Reading[]) => rows(insert, [organizationId, JSON.stringify(readings)]);

/** Whatever waits for its time to settle is due at once. */
const due = () => rows(`update private.unrolled_hours set due_at = now() where due_at > now()`);

/** Nothing is left to be rolled up. A transaction of another test's that goes on holds the whole server's up. */
async function expectRolledUp(): Promise<void> {
  const [left] = await rows(
    `select (select count(*)::int from private.unrolled_hours) as hours,
            (select count(*)::int from device_telemetry_history h left join private.rollup_positions p using (organization_id)
              where h.transaction_id >= coalesce(p.position, '0')) as readings`,
  );
  expect(left).toEqual({ hours: 0, readings: 0 });
}

/** All that was committed. */
function rollUpAll(): Promise<void> {
  return eventually(async () => {
    await rollUp(database.pool, await organizationsToRollUp(database.pool), async () => {});
    await due();
    await rollUp(database.pool, [], async () => {});
    await expectRolledUp();
  }, 20_000);
}

const seconds: Record<Rollup, number> = { '1m': 60, '1h': 3600, '1d': 86_400 };

/** What the roll-ups are to tell, from the readings alone. */
async function recount(tx: Transaction, deviceId: string, rollup: Rollup, from: string, to: string | null) {
  return tx.rows(
    `select bucket, json_object_agg(metric, json_build_object(
              'count', count, 'min', min, 'max', max, 'mean', mean, 'last', last)) as metrics
       from (select to_timestamp(floor(extract(epoch from recorded_at) / $5) * $5) as bucket, key as metric, count(*),
                    min(value::float8), max(value::float8), avg(value::float8) as mean,
                    (array_agg(value::float8 order by recorded_at desc, message_key desc))[1] as last
               from device_telemetry_history cross join jsonb_each(telemetry)
              where organization_id = $1 and device_id = $2 and jsonb_typeof(value) = 'number'
                and recorded_at >= $3 and ($4::timestamptz is null or recorded_at < $4) group by 1, 2) counted
      group by bucket order by bucket desc`,
    [organizationId, deviceId, from, to, seconds[rollup]],
  );
}

function answer(tx: Transaction, deviceId: string, rollup: Rollup, from: string, to: string | null) {
  const query = { organizationId, deviceId, span: { from, to }, metrics: null, limit: 1_000_000, rollup };
  return rollUpTelemetry(tx, query);
}

/** In one snapshot, so that both see the same while others write. */
function expectExact(deviceId: string, rollup: Rollup, from: string, to: string | null) {
  return withScope(
    database.pool,
    caller,
    async (tx) => {
      const told = await answer(tx, deviceId, rollup, from, to);
      expect(told, `${rollup} ${from} ${to}`).toEqual(await recount(tx, deviceId, rollup, from, to));
      return told.length;
    },
    { snapshot: true },
  );
}

const DAY = 86_400_000;
const start = Math.floor(Date.now() / DAY) * DAY - 4 * DAY;
const iso = (ms: number) => new Date(ms).toISOString();

/** The same each time, from 0 up to `below`. */
function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Three days of three devices, shuffled and some of it repeated; a dense hour, and values that are no numbers. */
function timeline(devices: string[], random: (below: number) => number): Reading[] {
  const readings: Reading[] = [];
  for (let n = 0; n < 6000; n += 1) {
    const dense = n % 5 === 0;
    readings.push({
      device: devices[dense ? 0 : n % devices.length]!,
      at: start + (dense ? 30 * 3_600_000 + random(3_600_000) : random(3 * DAY)),
      key: n,
      // Quarters are exact, in whatever order they are added.
      telemetry: {
        t: random(400) / 4 - 20,
        ...(n % 3 === 0 && { h: random(100) }),
        ...(n % 7 === 0 && { word: 'on' }),
      },
    });
  }
  for (let n = 0; n < 600; n += 1) readings.push(readings[random(6000)]!);
  return readings.sort(() => random(3) - 1);
}

async function rollingProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['test/support/rollups-process.ts', database.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

test('roll-ups equal a recount, and answers are exact meanwhile, after a shuffled, repeated, late replay with kills', async () => {
  const devices = await Promise.all(['one', 'two', 'three'].map(device));
  const random = randomly(7);
  const readings = timeline(devices, random);
  let child = await rollingProcess();
  const isDone = { storing: false };

  /** One of three that store at once; every fourth transaction stays open while others commit. */
  async function storing(share: number): Promise<void> {
    for (let n = share * 100; n < readings.length; n += 300) {
      const client = await database.pool.connect();
      try {
        await client.query('begin');
        await client.query(insert, [organizationId, JSON.stringify(readings.slice(n, n + 100))]);
        if ((n / 100) % 4 === 0) await client.query('select pg_sleep(0.4)');
        await client.query('commit');
      } finally {
        client.release();
      }
      await due();
    }
  }
  async function killing(): Promise<void> {
    while (!isDone.storing) {
      await new Promise((resolve) => setTimeout(resolve, 700 + random(900)));
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      // Another would wait until the lease lapses.
      await rows(`delete from private.leases where name = 'rollups'`);
      child = await rollingProcess();
    }
  }
  async function asking(): Promise<void> {
    while (!isDone.storing) {
      const from = start + random(2 * DAY);
      const to = random(3) === 0 ? null : iso(from + 1 + random(2 * DAY));
      await expectExact(
        devices[random(3)]!,
        (['1m', '1h', '1d'] as const)[random(3)]!,
        iso(random(4) === 0 ? start : from),
        to,
      );
    }
  }
  try {
    const stored = Promise.all([0, 1, 2].map(storing)).finally(() => {
      isDone.storing = true;
    });
    await Promise.all([stored, killing(), asking()]);
    await eventually(async () => {
      await due();
      await expectRolledUp();
    }, 20_000);
  } finally {
    child.kill('SIGKILL');
  }

  const differing = (table: string, width: number, which = 'true') =>
    rows(
      `with counted as (
         select device_id, to_timestamp(floor(extract(epoch from recorded_at) / $1) * $1) as bucket, key as metric,
                jsonb_build_array(count(*), min(value::float8), max(value::float8), sum(value::float8),
                  (array_agg(value::float8 order by recorded_at desc, message_key desc))[1],
                  extract(epoch from max(recorded_at))::float8) as numbers
           from device_telemetry_history h cross join jsonb_each(telemetry)
          where jsonb_typeof(value) = 'number' and ${which} group by 1, 2, 3),
       rolled as (
         select device_id, bucket, key as metric, value as numbers from ${table} cross join jsonb_each(metrics))
       select * from counted full join rolled using (device_id, bucket, metric)
        where counted.numbers is distinct from rolled.numbers`,
      [width],
    );
  expect(await differing('device_telemetry_1h', 3600)).toEqual([]);
  expect(await differing('device_telemetry_1d', 86_400)).toEqual([]);
  const dense = `exists (select from device_telemetry_1h r where r.device_id = h.device_id and r.readings >= 120
    and h.recorded_at >= r.bucket and h.recorded_at < r.bucket + interval '1 hour')`;
  expect(await differing('device_telemetry_1m', 60, dense)).toEqual([]);
  expect(await rows('select from device_telemetry_1m')).not.toEqual([]);
  expect(await rows(`select sum(readings)::int as n from device_telemetry_1d`)).toEqual([{ n: 6000 }]);
});

test('an answer is exact at its ends, with what is rolled up and what came since', async () => {
  const id = await device('edges');
  const readings = Array.from({ length: 60 * 50 }, (_, n) => ({
    device: id,
    at: start + n * 60_000 + 500,
    key: 0,
    telemetry: { n },
  }));
  await store(readings);
  await rollUpAll();
  expect(await rows('select count(*)::int as n from device_telemetry_1h where device_id = $1', [id])).toEqual(
    [{ n: 50 }],
  );
  const spans = async () => {
    for (const rollup of ['1m', '1h', '1d'] as const) {
      for (const [from, to] of [
        [0, 3000],
        [1, 2999],
        [60, 120],
        [61, 119],
        [1440, 1500],
        [719.99, 720.01],
      ] as const) {
        const counted = await expectExact(id, rollup, iso(start + from * 60_000), iso(start + to * 60_000));
        expect(counted).toBeGreaterThan(0);
      }
      await expectExact(id, rollup, iso(start + 90_000), null);
    }
  };
  await spans();
  // Late ones: nobody has looked at them; then they are noted; then they are rolled up.
  await store([{ device: id, at: start + 500 * 60_000, key: 1, telemetry: { n: -7, late: 1 } }]);
  await spans();
  await rollUp(database.pool, [organizationId], async () => {});
  expect(await rows('select from private.unrolled_hours where device_id = $1', [id])).toHaveLength(1);
  await spans();
  await rollUpAll();
  await spans();
});

test('hours that are rolled up are answered from the roll-ups, and outlive their readings', async () => {
  const id = await device('outlived');
  const month = '2021-03-01T00:00:00Z';
  await rows(`select private.ensure_history_partition('2021-03-01')`);
  const at = Date.parse(month);
  await store([0, 1, 2].map((n) => ({ device: id, at: at + n * 1000, key: n, telemetry: { n } })));
  const retention = { retentionDays: 1095, rollupRetentionDays: 3650 };
  expect(await dropOldPartitions(database.pool, retention)).toEqual([]);
  await rollUp(database.pool, [organizationId], async () => {});
  expect(await dropOldPartitions(database.pool, retention)).toEqual([]);
  await rollUpAll();
  expect(await dropOldPartitions(database.pool, retention)).toEqual([
    'device_telemetry_1m_2021_03',
    'device_telemetry_history_2021_03',
  ]);
  const query = { organizationId, deviceId: id, span: { from: month, to: null } };
  const told = () =>
    withScope(database.pool, caller, async (tx) => ({
      outlives: await outlivesReadings(tx, query),
      days: await answer(tx, id, '1d', month, null),
    }));
  const numbers = { count: 3, min: 0, max: 2, mean: 1, last: 2 };
  const expected = {
    outlives: true,
    days: [{ bucket: '2021-03-01T00:00:00.000000Z', metrics: { n: numbers } }],
  };
  expect(await told()).toEqual(expected);
  // One that comes when its month has gone does not take the others along.
  await rows(`select private.ensure_history_partition('2021-03-01')`);
  await store([{ device: id, at: at + 5000, key: 9, telemetry: { n: 100 } }]);
  await rollUpAll();
  expect((await told()).days).toEqual(expected.days);
  await dropOldPartitions(database.pool, { retentionDays: 1095, rollupRetentionDays: 1095 });
  expect((await told()).days).toEqual([]);
});

test('a database that came from another server is looked at anew', async () => {
  const id = await device('restored');
  await store([{ device: id, at: start, key: 0, telemetry: { n: 1 } }]);
  await rows(`update private.rollup_positions set position = '900000000000'`);
  await store([{ device: id, at: start + DAY, key: 0, telemetry: { n: 2 } }]);
  await rollUpAll();
  const [row] = await rows<{ n: number }>(
    'select count(*)::int as n from device_telemetry_1d where device_id = $1',
    [id],
  );
  expect(row!.n).toBe(2);
});

test('a deleted device takes its roll-ups along', async () => {
  const id = await device('deleted');
  await store([{ device: id, at: start, key: 0, telemetry: { n: 1 } }]);
  await rollUpAll();
  const left = () => rows('select from device_telemetry_1h where device_id = $1', [id]);
  expect(await left()).toHaveLength(1);
  await rows('delete from devices where id = $1', [id]);
  expect(await left()).toEqual([]);
});
