import pg from 'pg';
import { hashPassword } from '../src/service/password.ts';
import { eventLatency } from './latency.ts';
import type { ManyConnectionsOptions, ManyConnectionsResult } from './many-connections.ts';
import { type BenchPlatform, startBenchPlatform } from './platform.ts';
import { memoryOf, mosquittoBelow, openFilesOf, start } from './processes.ts';

/** In the short form fewer. */
const COUNT = { long: 10_000, short: 1000 };
const PASSWORD = 'bench-connections-1';
/** What a platform needs beside connections. */
const OTHER_FILES = 200;

/**
 * Ten thousand clients, each with a credential of its own, that connect at once as after an outage, while others that are
 * connected already publish 500 messages a second: how long until all are in, what one takes of memory, and what the
 * others notice. With each engine.
 */
export async function benchConnections({ seconds }: { rounds: number; seconds: number }): Promise<void> {
  const count = seconds < 3 ? COUNT.short : COUNT.long;
  for (const engine of ['embedded', 'mosquitto']) await withEngine(engine, count);
}

async function withEngine(engine: string, wanted: number): Promise<void> {
  const platform = await startBenchPlatform('src/main/main.ts', { ENGINE: engine });
  try {
    // To an engine in another process each client has a connection of its own.
    const files = engine === 'embedded' ? 1 : 2;
    const count = Math.min(wanted, Math.floor((openFilesOf(platform.pid) - OTHER_FILES) / files));
    await makeCredentials(platform, count);
    // Connections, plans and code that run for the first time are nobody's every day.
    const quiet = await eventLatency(platform, { perSecond: 500, seconds: 2 });
    const [before, cpuBefore] = [memory(platform), platform.cpu()];
    const others = eventLatency(platform, { perSecond: 500, seconds: Math.max(3, count / 1000) });
    const options: ManyConnectionsOptions = {
      port: platform.mqttPort,
      count,
      username: 'bench_connections_{n}',
      password: PASSWORD,
    };
    const clients = start('bench/many-connections.ts', {}, [JSON.stringify(options)]);
    const [line] = await clients.printed(/\{.*\}\n/);
    const { accepted, refused, seconds, p50, p99 } = JSON.parse(line!) as ManyConnectionsResult;
    const cpuAfter = platform.cpu();
    const noticed = await others;
    const after = memory(platform);
    await clients.stop();
    const each = (part: 'node' | 'mosquitto') => `${((after[part] - before[part]) / count).toFixed(1)} kB`;
    say(
      `${engine}: ${accepted} of ${count} in after ${seconds.toFixed(1)} s, ${refused} refused; a client waits ${whole(p50)} ms in the median, ${whole(p99)} ms at p99`,
    );
    say(
      `  memory per connection: ${each('node')} in Node${engine === 'mosquitto' ? `, ${each('mosquitto')} in Mosquitto` : ''}`,
    );
    const cpu = (part: 'node' | 'postgres') =>
      `${((cpuAfter[part] - cpuBefore[part]) / count / 1000).toFixed(2)} ms`;
    say(
      `  CPU until all are in, for each: ${cpu('node')} in Node, ${cpu('postgres')} in PostgreSQL, with 500 messages a second of others`,
    );
    say(
      `  those connected already: ${noticed.lost} of ${noticed.count + noticed.lost} messages lost; publish → event stream p50 ${noticed.p50.toFixed(1)} ms, p99 ${noticed.p99.toFixed(1)} ms (before: ${quiet.p50.toFixed(1)} ms, ${quiet.p99.toFixed(1)} ms)`,
    );
  } finally {
    await platform.stop();
  }
}

async function makeCredentials(platform: BenchPlatform, count: number): Promise<void> {
  const client = new pg.Client({
    host: platform.socketDirectory,
    user: 'postgres',
    database: 'postgres',
  });
  await client.connect();
  await client.query(
    `insert into public.mqtt_credentials (organization_id, username, password_hash, topic_prefix)
     select $1::uuid, 'bench_connections_' || number, $2, 'org_' || $1 || '/devices/#'
       from generate_series(0, $3::int - 1) as number`,
    [platform.organizationId, await hashPassword(PASSWORD), count],
  );
  await client.end();
}

function memory(platform: BenchPlatform): { node: number; mosquitto: number } {
  const mosquitto = mosquittoBelow(platform.directory).reduce((sum, pid) => sum + memoryOf(pid), 0);
  return { node: memoryOf(platform.pid), mosquitto };
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
