import pg from 'pg';
import { insertPerMessage } from './insert-per-message.ts';
import { type EventLatency, eventLatency } from './latency.ts';
import type { LoadOptions } from './load.ts';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { load, median, type Program, start } from './processes.ts';

interface Options {
  rounds: number;
  seconds: number;
}

/**
 * QoS 1 messages stored and acknowledged per second, everything on, beside bare Aedes that discards them and beside an
 * INSERT per message; alternating in one run, since machines are noisy.
 */
export async function benchIngest(options: Options): Promise<void> {
  const aedes = start('bench/bare-aedes.ts');
  const aedesPort = Number((await aedes.printed(/(\d+)\n/))[1]);
  const platform = await startBenchPlatform();
  try {
    const steady = { perSecond: 500, seconds: Math.max(3, options.seconds) };
    // Connections, plans and code that run for the first time are nobody's every day.
    await eventLatency(platform, { ...steady, seconds: 1 });
    const latency = await eventLatency(platform, steady);
    const rates = await alternate(platform, aedesPort, options);
    // While PostgreSQL still cleans up after millions of rows.
    const latencyAfter = await eventLatency(platform, steady);
    report(rates, platform);
    reportLatency('at 500/s ', latency);
    reportLatency('after it ', latencyAfter);
    await reportRows(platform);
  } finally {
    await platform.stop();
    await (aedes as Program).stop();
  }
}

interface Rates {
  aedes: number[];
  platform: number[];
  timed: number[];
  inserts: number[];
  nodeMicros: number[];
  postgresMicros: number[];
}

async function alternate(platform: BenchPlatform, aedesPort: number, options: Options): Promise<Rates> {
  const rates: Rates = {
    aedes: [],
    platform: [],
    timed: [],
    inserts: [],
    nodeMicros: [],
    postgresMicros: [],
  };
  const common = { publishers: 50, window: 100, warmUpSeconds: 1, seconds: options.seconds, timed: false };
  const ours: LoadOptions = {
    ...common,
    port: platform.mqttPort,
    username: platform.username,
    password: platform.password,
    topic: `org_${platform.organizationId}/devices/bench-{n}/telemetry`,
  };
  for (let round = 1; round <= options.rounds; round += 1) {
    const aedes = await load({ ...common, port: aedesPort, topic: 'bench/{n}' });
    const before = platform.cpu();
    const stored = await load(ours);
    const after = platform.cpu();
    const timed = await load({ ...ours, timed: true });
    const inserts = await naive(platform, aedesPort, options.seconds);
    rates.aedes.push(aedes.perSecond);
    rates.platform.push(stored.perSecond);
    rates.timed.push(timed.perSecond);
    rates.inserts.push(inserts);
    // The CPU of the warm-up is in it, its messages are not: scaled by time.
    const share = options.seconds / (options.seconds + common.warmUpSeconds);
    rates.nodeMicros.push(((after.node - before.node) * share) / stored.acknowledged);
    rates.postgresMicros.push(((after.postgres - before.postgres) * share) / stored.acknowledged);
    say(
      `round ${round}: bare Aedes ${whole(aedes.perSecond)}/s, platform ${whole(stored.perSecond)}/s, ` +
        `with device times ${whole(timed.perSecond)}/s, INSERT per message ${whole(inserts)}/s`,
    );
  }
  return rates;
}

/** The usual subscriber on the bare broker, with as many messages as it can take coming in. */
async function naive(platform: BenchPlatform, aedesPort: number, seconds: number): Promise<number> {
  const pool = new pg.Pool({
    host: platform.socketDirectory,
    user: 'postgres',
    database: 'postgres',
    max: 1,
  });
  const { rows } = await pool.query('select id from public.devices limit 1');
  await pool.end();
  const measuring = insertPerMessage({
    brokerPort: aedesPort,
    socketDirectory: platform.socketDirectory,
    organizationId: platform.organizationId,
    deviceId: rows[0].id,
    seconds,
  });
  const feeding = load({
    port: aedesPort,
    topic: 'bench/{n}',
    publishers: 10,
    window: 20,
    warmUpSeconds: 0,
    seconds: seconds + 2,
    timed: false,
  });
  const measured = await measuring;
  await feeding;
  await measured.stop();
  return measured.perSecond;
}

function report(rates: Rates, platform: BenchPlatform): void {
  const ours = median(rates.platform);
  say('');
  say(`bare Aedes, discarding           ${whole(median(rates.aedes))}/s`);
  say(`platform, stored, acknowledged   ${whole(ours)}/s = ${(ours / median(rates.aedes)).toFixed(2)} of it`);
  say(
    `  with device times              ${whole(median(rates.timed))}/s = ${(median(rates.timed) / median(rates.aedes)).toFixed(2)} of it`,
  );
  say(
    `one INSERT per message           ${whole(median(rates.inserts))}/s; the platform does ${(ours / median(rates.inserts)).toFixed(1)} times that`,
  );
  say(
    `CPU per message                  ${median(rates.nodeMicros).toFixed(1)} µs in Node, ${median(rates.postgresMicros).toFixed(1)} µs in PostgreSQL`,
  );
  say(`memory of the Node process       ${whole(platform.peakMemory())} MB at most`);
}

function reportLatency(when: string, { p50, p99, count, lost }: EventLatency): void {
  const figures = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${count} readings, ${lost} lost)`;
  say(`publish → event stream, ${when}${figures}`);
}

/** What was acknowledged has to be there. */
async function reportRows(platform: BenchPlatform): Promise<void> {
  const pool = new pg.Pool({
    host: platform.socketDirectory,
    user: 'postgres',
    database: 'postgres',
    max: 1,
  });
  const { rows } = await pool.query(
    `select count(*)::int as readings, pg_size_pretty(sum(pg_column_size(h.*))) as size from public.device_telemetry_history h`,
  );
  say(`rows in the table                ${rows[0].readings}`);
  await pool.end();
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
