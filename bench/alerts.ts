import pg from 'pg';
import { type FleetFigures, loadFleet, noFigures } from './fleet-load.ts';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { median } from './processes.ts';

/** Of one publisher: 5,000 in all. */
const DEVICES = { long: 100, short: 2 };
/** Until all are registered, and looked at for the first time. */
const SETTLING_SECONDS = { long: 8, short: 2 };

/**
 * What rules and roll-ups cost ingest: 5,000 devices with 200 rules that watch them, beside a platform without either,
 * alternating in one run. In each turn the readings of the turn before are rolled up, and then deleted, so that each is
 * rolled up once, as it is over the hours.
 */
export async function benchAlerts({
  rounds,
  seconds,
  short,
}: {
  rounds: number;
  seconds: number;
  short: boolean;
}): Promise<void> {
  const form = short ? 'short' : 'long';
  const sides = [
    await side('without', 'bench/platform-without-alerts.ts'),
    await side('200 rules, roll-ups', 'src/main/main.ts'),
  ];
  const [, { platform: watched, pool }] = sides as [unknown, Side];
  try {
    // Registered, so that rules can name some of them.
    for (const { platform } of sides)
      await loadFleet(platform, { devices: DEVICES[form], settling: 1, seconds: 1 });
    await makeRules(watched, pool);
    // As it is from the second minute on: what rules over a change look back at is read at first.
    if (!short) await loadFleet(watched, { devices: DEVICES[form], settling: 1, seconds: 70 });
    for (let round = 0; round <= rounds; round += 1) {
      for (const each of sides) {
        await beginTurn(each);
        const load = { devices: DEVICES[form], settling: SETTLING_SECONDS[form], seconds };
        // Before the first there are no readings of a turn to roll up.
        await loadFleet(each.platform, load, round > 0 ? each.figures : undefined);
      }
    }
    const [base, ours] = sides.map(({ figures }) => median(figures.perSecond)) as [number, number];
    for (const { name, figures } of sides) {
      const micros = (values: number[]) => `${median(values).toFixed(1)} µs`;
      say(
        `${name.padEnd(20)} ${whole(median(figures.perSecond))}/s stored and acknowledged; CPU per message ${micros(figures.node)} in Node, ${micros(figures.postgres)} in PostgreSQL`,
      );
    }
    say(`with rules and roll-ups ${(ours / base).toFixed(2)} of the rate without`);
    await reportAlerts(pool);
  } finally {
    for (const { platform, pool } of sides) {
      await pool.end();
      await platform.stop();
    }
  }
}

interface Side {
  name: string;
  platform: BenchPlatform;
  pool: pg.Pool;
  figures: FleetFigures;
  /** When its last turn began, by its database. */
  begun: string;
}

async function side(name: string, path: string): Promise<Side> {
  const platform = await startBenchPlatform(path);
  const pool = new pg.Pool({
    host: platform.socketDirectory,
    user: 'postgres',
    database: 'postgres',
    max: 2,
  });
  return { name, platform, pool, figures: noFigures(), begun: '-infinity' };
}

/** Only the readings of the turn before are left, and due to be rolled up. */
async function beginTurn(turning: Side): Promise<void> {
  const { pool, begun } = turning;
  await pool.query('truncate device_telemetry_1m, device_telemetry_1h, device_telemetry_1d');
  await pool.query('delete from device_telemetry_history where received_at < $1', [begun]);
  await pool.query('update private.unrolled_hours set due_at = now()');
  const { rows } = await pool.query('select now()::text');
  turning.begun = rows[0].now;
}

/** Of the kinds that people make; 50 of the devices go through bands of what counts up, so that alerts open and resolve. */
async function makeRules({ call, organizationId }: BenchPlatform, pool: pg.Pool): Promise<void> {
  const path = `/api/v1/organizations/${organizationId}/alert-rules`;
  const { rows } = await pool.query<{ id: string }>('select id from devices order by random() limit 50');
  const devices = rows.map(({ id }) => id);
  const ofAll = (index: number): object =>
    [
      {
        condition: {
          kind: 'threshold',
          metric: 'temperature',
          operator: 'gt',
          value: 30 + index,
          hysteresis: 1,
        },
      },
      {
        condition: { kind: 'outside', metric: 'humidity', low: 10 - index / 10, high: 90 + index / 10 },
        for_seconds: 300,
      },
      { condition: { kind: 'expression', expression: `temperature > ${25 + index} and humidity < 50` } },
      { condition: { kind: 'change', metric: 'temperature', by: 5 + index, within_seconds: 60 } },
    ][index % 4]!;
  for (let index = 0; index < 40; index += 1) await call(path, { name: `All ${index}`, ...ofAll(index) });
  for (let index = 0; index < 160; index += 1) {
    // Each publisher counts from there.
    const low = 100_000_000 + (index % 20) * 200;
    await call(path, {
      name: `Band ${index}`,
      condition: { kind: 'outside', metric: 'n', low, high: low + 2000 },
      scope: { kind: 'devices', device_ids: [devices[index % devices.length]] },
    });
  }
}

async function reportAlerts(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query(
    `select (select count(*)::int from alerts) as opened, (select count(*)::int from alerts where state = 'resolved') as resolved,
            (select count(*)::int from private.alert_signals) as waiting,
            (select coalesce(last_value, 0)::int from pg_sequences where sequencename = 'alert_signals_id_seq') as signals,
            (select coalesce(percentile_cont(0.5) within group (order by extract(epoch from detected_at - opened_at)), 0) from alerts
              where opened_at > detected_at - interval '1 minute')::float8 as seconds`,
  );
  const { opened, resolved, waiting, signals, seconds } = rows[0];
  say(
    `${whole(opened)} alerts opened, ${whole(resolved)} of them resolved; half within ${seconds.toFixed(2)} s of the reading; ${whole(signals)} looks were asked for, ${whole(waiting)} wait`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
