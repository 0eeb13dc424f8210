import pg from 'pg';
import { HOURS_AT_ONCE, noteUnrolledHours, rollUpHours } from '../src/database/rollups.ts';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';

/** Readings in the table, and how often each question is asked. */
const sizes = { long: [1_000_000, 10_000_000], short: [20_000, 60_000] };
const QUESTIONS = { long: 200, short: 10 };
const DEVICES = 1000;

/**
 * How long the API takes to read one device's history, and the state of 1,000 devices, with a small table and with one of ten
 * times its size. The device that is asked for has a reading a minute for a year (an hour, in the short form) in both.
 */
export async function benchHistory({ short }: { short: boolean }): Promise<void> {
  const form = short ? 'short' : 'long';
  const platform = await startBenchPlatform();
  const connection = { host: platform.socketDirectory, user: 'postgres', database: 'postgres' };
  const pool = new pg.Pool({ ...connection, max: 2 });
  try {
    const fleet: Fleet = { platform, pool, until: Math.floor(Date.now() / 3_600_000) * 3_600_000, asked: '' };
    fleet.asked = await registerDevices(fleet);
    const watched = await storeAsked(fleet, short ? 'hour' : 'minute');
    const measured: Record<string, number>[] = [];
    let stored = watched;
    for (const size of sizes[form]) {
      const each = Math.floor((size - stored) / (DEVICES - 1));
      await storeOthers(fleet, { first: Math.floor((stored - watched) / (DEVICES - 1)), each });
      stored += each * (DEVICES - 1);
      const seconds = await rollUpAll(fleet);
      say(`${whole(stored)} readings; rolled up in ${seconds.toFixed(0)} s`);
      measured.push(await ask(fleet, QUESTIONS[form]));
    }
    report(measured);
  } finally {
    await pool.end();
    await platform.stop();
  }
}

interface Fleet {
  platform: BenchPlatform;
  pool: pg.Pool;
  /** The readings' end, a full hour. */
  until: number;
  /** The device that questions are about. */
  asked: string;
}

async function registerDevices({ platform, pool }: Fleet): Promise<string> {
  await pool.query(
    `insert into public.devices (organization_id, external_device_id, name)
     select $1, 'device-' || n, 'Device ' || n from generate_series(1, ${DEVICES}) n`,
    [platform.organizationId],
  );
  await pool.query(
    `update public.device_state set newest_recorded_at = now(), latest =
       '{"temperature": {"value": 21.5, "recorded_at": "2026-11-23T12:00:00Z"}, "humidity": {"value": 40, "recorded_at": "2026-11-23T12:00:00Z"}}'`,
  );
  const { rows } = await pool.query(`select id from public.devices where external_device_id = 'device-1'`);
  await pool.query(
    `select private.ensure_history_partition((now() - make_interval(months => n))::date) from generate_series(0, 12) n`,
  );
  return rows[0].id;
}

const row = `'{"temperature": ' || round((20 + 5 * sin(n / 700.0))::numeric, 2) || ', "humidity": ' || 40 + n % 17 || '}'`;

/** A year of it. @returns how many readings */
async function storeAsked(
  { platform, pool, until, asked }: Fleet,
  every: 'minute' | 'hour',
): Promise<number> {
  const { rowCount } = await pool.query(
    `insert into public.device_telemetry_history (organization_id, device_id, recorded_at, message_key, telemetry)
     select $1, $2, at, 1, (${row})::jsonb
       from generate_series(to_timestamp($3) - interval '365 days', to_timestamp($3) - interval '1 second', $4::interval)
              with ordinality as readings (at, n)`,
    [platform.organizationId, asked, until / 1000, `1 ${every}`],
  );
  return rowCount!;
}

/** A reading a minute of each of the others, in stretches that begin all over the year. */
async function storeOthers(
  { platform, pool, until, asked }: Fleet,
  { first, each }: { first: number; each: number },
): Promise<void> {
  await pool.query(
    `insert into public.device_telemetry_history (organization_id, device_id, recorded_at, message_key, telemetry)
     select $1, d.id, at, 1, (${row})::jsonb
       from (select id, row_number() over (order by external_device_id) as place from public.devices
              where organization_id = $1 and id <> $2) d
      cross join generate_series($4::int, $4::int + $5::int - 1) n
      cross join lateral (
        select to_timestamp($3) - interval '365 days' + d.place * interval '8 hours' + n * interval '1 minute' as at) t
      order by at`,
    [platform.organizationId, asked, until / 1000, first, each],
  );
}

/** As the worker does, without its pauses. */
async function rollUpAll({ platform, pool }: Fleet): Promise<number> {
  const begun = performance.now();
  await pool.query(
    `insert into private.rollup_positions (organization_id, position) select id, '0' from public.organizations on conflict do nothing`,
  );
  while (await noteUnrolledHours(pool, platform.organizationId));
  await pool.query(`update private.unrolled_hours set due_at = now() where due_at > now()`);
  while ((await rollUpHours(pool)) === HOURS_AT_ONCE);
  const seconds = (performance.now() - begun) / 1000;
  await pool.query('vacuum analyze');
  return seconds;
}

/** @returns p95 in milliseconds, by what was asked for */
async function ask({ platform, until, asked }: Fleet, times: number): Promise<Record<string, number>> {
  const organization = `/api/v1/organizations/${platform.organizationId}`;
  const span = (days: number, query: string) => {
    const from = new Date(until - days * 86_400_000).toISOString();
    const to = new Date(until).toISOString();
    return async () => {
      const path = `${organization}/devices/${asked}/telemetry?from=${from}&to=${to}&limit=10000&${query}`;
      const { items } = await platform.call<{ items?: unknown[] }>(path);
      if (!items?.length) throw new Error(`nothing came of ${path}`);
    };
  };
  const questions: Record<string, () => Promise<void>> = {
    '1 day of one device, raw': span(1, 'resolution=raw'),
    '1 day of one device by the minute': span(1, 'resolution=1m'),
    '30 days of one device, auto': span(30, 'resolution=auto'),
    '1 year of one device, auto': span(365, 'resolution=auto'),
    'latest state of 1,000 devices': async () => {
      let cursor: string | null = '';
      let seen = 0;
      while (cursor !== null) {
        const page: { items: unknown[]; next_cursor: string | null } = await platform.call(
          `${organization}/devices?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        seen += page.items.length;
        cursor = page.next_cursor;
      }
      if (seen !== DEVICES) throw new Error(`${seen} devices came`);
    },
  };
  const measured: Record<string, number> = {};
  for (const [name, question] of Object.entries(questions)) {
    for (let n = 0; n < 5; n += 1) await question();
    const taken: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const begun = performance.now();
      await question();
      taken.push(performance.now() - begun);
    }
    measured[name] = taken.sort((a, b) => a - b)[Math.ceil(times * 0.95) - 1]!;
  }
  return measured;
}

function report([small, large]: Record<string, number>[]): void {
  say('');
  for (const [name, before] of Object.entries(small!)) {
    const after = large![name]!;
    say(
      `${name.padEnd(35)} p95 ${before.toFixed(1)} ms, then ${after.toFixed(1)} ms: ${(after / before).toFixed(2)} times`,
    );
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
