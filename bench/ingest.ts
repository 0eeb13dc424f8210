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
    await reportRows(platform, rates.walBytes);
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
  walBytes: number[];
}

async function alternate(platform: BenchPlatform, aedesPort: number, options: Options): Promise<Rates> {
  const rates: Rates = {
    aedes: [],
    platform: [],
    timed: [],
    inserts: [],
    nodeMicros: [],
    postgresMicros: [],
    walBytes: [],
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
    const [before, writtenBefore] = [platform.cpu(), await walPosition(platform)];
    const stored = await load(ours);
    const [after, writtenAfter] = [platform.cpu(), await walPosition(platform)];
    const timed = await load({ ...ours, timed: true });
    const inserts = await naive(platform, aedesPort, options.seconds);
    rates.aedes.push(aedes.perSecond);
    rates.platform.push(stored.perSecond);
    rates.timed.push(timed.perSecond);
    rates.inserts.push(inserts);
    // The warm-up's CPU and WAL are in it, its messages are not: scaled by time.
    const share = options.seconds / (options.seconds + common.warmUpSeconds);
    rates.nodeMicros.push(((after.node - before.node) * share) / stored.acknowledged);
    rates.postgresMicros.push(((after.postgres - before.postgres) * share) / stored.acknowledged);
    rates.walBytes.push(((writtenAfter - writtenBefore) * share) / stored.acknowledged);
    say(
      `round ${round}: bare Aedes ${whole(aedes.perSecond)}/s, platform ${whole(stored.perSecond)}/s, ` +
        `with device times ${whole(timed.perSecond)}/s, INSERT per message ${whole(inserts)}/s`,
    );
  }
  return rates;
}

/** The usual subscriber on the bare broker, with as many messages as it can take coming in. */
async function naive(platform: BenchPlatform, aedesPort: number, seconds: number): Promise<number> {
  const [device] = await query<{ id: string }>(platform, 'select id from public.devices limit 1');
  const measuring = insertPerMessage({
    brokerPort: aedesPort,
    socketDirectory: platform.socketDirectory,
    organizationId: platform.organizationId,
    deviceId: device!.id,
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

/** What was acknowledged has to be there; and what a row takes of the disk, by which a fleet is planned. */
async function reportRows(platform: BenchPlatform, walBytes: number[]): Promise<void> {
  const [row] = await query<{ readings: number; heap: number; indexes: number }>(
    platform,
    `select (select count(*) from public.device_telemetry_history)::float8 as readings,
            sum(pg_table_size(relid))::float8 as heap, sum(pg_indexes_size(relid))::float8 as indexes
       from pg_partition_tree('public.device_telemetry_history') where isleaf`,
  );
  const { readings, heap, indexes } = row!;
  const [inTable, inIndexes, inWal] = [heap / readings, indexes / readings, median(walBytes)].map(whole);
  say(`rows in the table                ${whole(readings)}`);
  say(`disk for each                    ${inTable} bytes, ${inIndexes} more in indexes; ${inWal} of WAL`);
}

/** How much PostgreSQL has written ahead so far, in bytes. */
async function walPosition(platform: BenchPlatform): Promise<number> {
  const [row] = await query<{ position: number }>(
    platform,
    `select (pg_current_wal_lsn() - '0/0')::float8 as position`,
  );
  return row!.position;
}

async function query<Row extends pg.QueryResultRow>(platform: BenchPlatform, text: string): Promise<Row[]> {
  const client = new pg.Client({ host: platform.socketDirectory, user: 'postgres', database: 'postgres' });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
