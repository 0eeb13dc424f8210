import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropOldPartitions } from '../../src/database/housekeeping.ts';
import { deleteExpired } from '../../src/ingest/retention.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

let platform: TestPlatform;
let tenant: Tenant;

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
});
afterAll(() => platform.close());

const MONTHS_BACK = 40;

/** A million readings of a month past the retention, rolled up as far as anybody can tell. */
async function fillOldMonth(): Promise<void> {
  await tenant.rows(
    `select private.ensure_history_partition((now() - make_interval(months => $2))::date), $1::uuid`,
    [MONTHS_BACK],
  );
  await tenant.rows(
    `insert into private.rollup_positions (organization_id, position) values ($1, pg_snapshot_xmin(pg_current_snapshot()))
     on conflict (organization_id) do update set position = excluded.position`,
  );
  await tenant.rows(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, message_key, transaction_id, telemetry)
     select $1, md5((n / 1000)::text)::uuid,
            date_trunc('month', now() - make_interval(months => $2)) + (n % 1000) * interval '10 minutes',
            n, '3', jsonb_build_object('n', n)
       from generate_series(0, 999999) n`,
    [MONTHS_BACK],
  );
  await tenant.rows(
    `insert into private.stored_rows (organization_id, rows) values ($1, 1000000)
     on conflict (organization_id) do update set rows = excluded.rows`,
  );
}

/** Publishes one after the other until it is ended. @returns the longest wait for PUBACK in ms, and how many there were */
function publishing(client: RawClient) {
  let goesOn = true;
  let longest = 0;
  let count = 0;
  const done = (async () => {
    while (goesOn) {
      const begun = performance.now();
      await client.publish(tenant.topic('busy'), JSON.stringify({ n: count }));
      longest = Math.max(longest, performance.now() - begun);
      count += 1;
    }
  })();
  return {
    async end() {
      goesOn = false;
      await done;
      return { longest, count };
    },
  };
}

test('a month of a million readings goes in less than a second, and ingest waits for nothing', async () => {
  await fillOldMonth();
  const client = await RawClient.connect(platform.mqttUrl, await tenant.credential());
  await client.publish(tenant.topic('busy'), '{"n":-1}');
  const load = publishing(client);
  const begun = performance.now();
  const dropped = await dropOldPartitions(platform.test.pool, {
    retentionDays: 1095,
    rollupRetentionDays: 3650,
  });
  const tookMs = performance.now() - begun;
  const { longest, count } = await load.end();
  expect(dropped).toEqual([expect.stringMatching(/^device_telemetry_history_\d{4}_\d{2}$/)]);
  expect(count).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(1000);
  expect(longest).toBeLessThan(1000);
  const [stored] = await tenant.rows<{ rows: string }>(
    'select rows from private.stored_rows where organization_id = $1',
  );
  expect(Number(stored!.rows)).toBeLessThan(1_000_000 / 2);
}, 120_000);

test('readings that an organization keeps for less are deleted while ingest waits for nothing', async () => {
  await tenant.rows(`select private.ensure_history_partition((now() - interval '60 days')::date), $1::uuid`);
  const [device] = await tenant.rows<{ id: string }>(
    `insert into devices (organization_id, external_device_id, name) values ($1, 'old', 'old') returning id`,
  );
  await tenant.rows(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, message_key, transaction_id, telemetry)
     select $1, $2, date_trunc('day', now()) - interval '60 days' + n * interval '1 second', n, '3', '{"n":1}'
       from generate_series(1, 80000) n`,
    [device!.id],
  );
  await tenant.rows('update organizations set readings_retention_days = 30 where id = $1');
  const client = await RawClient.connect(platform.mqttUrl, await tenant.credential());
  await client.publish(tenant.topic('busy'), '{"n":-1}');
  const load = publishing(client);
  const steps: number[] = [];
  await deleteExpired(platform.test.pool, { retentionDays: 1095 }, async (tookMs) => {
    steps.push(tookMs);
    return true;
  });
  const { longest } = await load.end();
  expect(
    await tenant.rows('select from device_telemetry_history where organization_id = $1 and device_id = $2', [
      device!.id,
    ]),
  ).toEqual([]);
  expect(steps.length).toBeGreaterThan(80_000 / 5000);
  expect(Math.max(...steps)).toBeLessThan(1000);
  expect(longest).toBeLessThan(1000);
}, 60_000);
