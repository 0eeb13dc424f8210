import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { superviseEmbeddedPostgres } from '../../src/database/embedded/supervised-postgres.ts';
import { silentLog } from '../../src/service/log.ts';
import { Cluster, type ClusterOptions, isReady, type RoleProcess } from './cluster.ts';
import { Fleet } from './fleet.ts';
import { type Credential, createCredential, query } from './standalone.ts';

export interface LoadOptions {
  /** Of all clients together. */
  messages: number;
  /** A second, of all together. */
  rate: number;
  clients: number;
}

export interface RolesOptions extends LoadOptions {
  /** What is done to the platform meanwhile; it ends by itself, and well before the messages do. */
  trouble: (target: Target) => Promise<void>;
}

/** What whoever makes trouble sees of the clients. */
export interface Load {
  /** Resolves when something is acknowledged after this call. */
  goesOn(): Promise<void>;
  /** Resolves when all are connected. */
  allIn(): Promise<unknown>;
  /** Of all clients until now. */
  disconnects(): number;
  /** Something is done now. */
  note(what: string): void;
}

/** What can be hurt. */
export interface Target extends Load {
  cluster: Cluster;
  /** Kills PostgreSQL, which is started again. */
  killPostgres(): Promise<void>;
  /** Kills Mosquitto, which the engine's process starts again. */
  killMosquitto(): void;
}

export interface LoadResult {
  /** What the table has too few or too many, and devices whose messages are not in their order. */
  differences: string[];
  /** Sent again with DUP. */
  resent: number;
  disconnects: number;
  refused: number;
  /** Milliseconds to PUBACK: the median, and the longest. */
  acknowledged: { median: number; longest: number };
  /** What was done, with the longest of them from then until the next was. */
  troubles: { what: string; longest: number }[];
  seconds: number;
}

/**
 * Three gateways behind HAProxy, an API, a worker and an engine of their own, on one PostgreSQL: QoS 1 messages of devices
 * that send again what was not acknowledged, wherever they get in, while processes come and go.
 */
export function rolesUnderLoad({ trouble, ...options }: RolesOptions): Promise<LoadResult> {
  return withCluster(async (cluster, killPostgres) =>
    underLoad(cluster, {
      ...options,
      credential: await createCredential(cluster.place),
      trouble: (load) =>
        trouble({ ...load, cluster, killPostgres, killMosquitto: () => killMosquitto(cluster) }),
    }),
  );
}

function killMosquitto({ engine }: Cluster): void {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,comm=', '--ppid', String(engine!.pid)]);
  const line = String(stdout)
    .split('\n')
    .find((each) => each.includes('mosquitto'));
  process.kill(Number.parseInt(line!, 10), 'SIGKILL');
}

/** Gives a cluster on a PostgreSQL of its own, by default of three gateways. */
export async function withCluster<Result>(
  work: (cluster: Cluster, killPostgres: () => Promise<void>) => Promise<Result>,
  options: Partial<Omit<ClusterOptions, 'databaseUrl'>> = {},
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-soak-database-'));
  await chmod(directory, 0o755);
  const postgres = await superviseEmbeddedPostgres({
    directory,
    log: silentLog,
    settings: { max_connections: 300 },
  });
  let cluster: Cluster | undefined;
  try {
    const { host, user, database } = postgres.connection;
    const databaseUrl = `postgresql://${user}@/${database}?host=${encodeURIComponent(host!)}`;
    cluster = await Cluster.start({ gateways: 3, ...options, databaseUrl });
    return await work(cluster, async () => {
      const text = await readFile(join(directory, 'postgres/data/postmaster.pid'), 'utf8');
      process.kill(Number.parseInt(text, 10), 'SIGKILL');
    });
  } finally {
    await cluster?.close();
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Has clients publish while there is trouble, and compares the table with what they sent. */
export async function underLoad(
  cluster: Cluster,
  options: LoadOptions & { credential: Credential; trouble: (load: Load) => Promise<void> },
): Promise<LoadResult> {
  const { messages, rate, clients, credential, trouble } = options;
  const started = performance.now();
  const fleet = new Fleet({ place: cluster.place, credential, clients, messages, rate });
  await fleet.connected;
  const published = fleet.publish();
  const notes: { what: string; at: number }[] = [];
  await trouble({
    note: (what) => notes.push({ what, at: performance.now() }),
    disconnects: () => fleet.counts.disconnects,
    goesOn: () => fleet.acknowledged(Math.min(messages, fleet.acknowledgements.length + 1)),
    allIn: () => fleet.connected,
  });
  await published;
  const differences = [...(await fleet.differences()), ...(await disorder(cluster))];
  const { resent, disconnects, refused } = fleet.counts;
  await fleet.end();
  const times = fleet.acknowledgements.map(({ after }) => Math.round(after)).sort((a, b) => a - b);
  const acknowledged = { median: times[Math.floor(times.length / 2)]!, longest: times.at(-1)! };
  const troubles = notes.map(({ what, at }, n) => {
    const until = notes[n + 1]?.at ?? Number.POSITIVE_INFINITY;
    const during = fleet.acknowledgements.filter((each) => each.at >= at && each.at < until);
    return { what, longest: Math.round(during.reduce((most, { after }) => Math.max(most, after), 0)) };
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  return { differences, resent, disconnects, refused, acknowledged, troubles, seconds };
}

/** Devices of which a message was received before one that was sent before it, in words. */
async function disorder({ place }: Cluster): Promise<string[]> {
  const rows = await query<{ name: string; count: number }>(
    place,
    // The readings of one message were received together.
    `with messages as (
       select device_id, received_at, min((telemetry ->> 'n')::int) as first, max((telemetry ->> 'n')::int) as last
         from public.device_telemetry_history where telemetry ? 'n' group by 1, 2),
     received as (
       select device_id, first, max(last) over (partition by device_id order by received_at
                rows between unbounded preceding and 1 preceding) as before from messages)
     select d.external_device_id as name, count(*)::int
       from received r join public.devices d on d.id = r.device_id where first < before group by 1`,
  );
  return rows.map(({ name, count }) => `${name}: ${count} messages out of order`);
}

/** Each role is stopped and started again, one after the other, as a new version would be brought in. */
export async function rollingRestart({ cluster, goesOn, note }: Target): Promise<void> {
  for (const process of [...cluster.gateways, cluster.worker, cluster.api, cluster.engine!]) {
    note(`restart of ${process.role}`);
    await process.stop();
    await process.start();
    await isReady(process);
    await goesOn();
  }
}

/**
 * Every so often one of the gateways is killed and started again; on the way Mosquitto is killed, the engine's process
 * stopped and started, and PostgreSQL killed.
 */
export function kills(options: { seconds: number; everySeconds: number; downSeconds: number }) {
  return async ({ cluster, killMosquitto, killPostgres, goesOn, note }: Target): Promise<void> => {
    const { seconds, everySeconds, downSeconds } = options;
    const rounds = Math.floor(seconds / everySeconds);
    const also: Record<number, { what: string; run: () => Promise<void> | void }> = {
      [Math.floor(rounds / 4)]: { what: ', Mosquitto killed', run: killMosquitto },
      [Math.floor(rounds / 2)]: { what: ', PostgreSQL killed', run: killPostgres },
      [Math.floor((rounds * 3) / 4)]: { what: ', engine restarted', run: () => restart(cluster.engine!) },
    };
    for (let round = 0; round < rounds; round += 1) {
      const end = performance.now() + everySeconds * 1000;
      // At any moment of its share.
      await delay((Math.random() * everySeconds * 1000) / 4);
      const victim = cluster.gateways[Math.floor(Math.random() * cluster.gateways.length)]!;
      note(`gateway killed${also[round]?.what ?? ''}`);
      await Promise.all([
        victim.kill().then(async () => {
          await delay(downSeconds * 1000);
          await victim.start();
        }),
        also[round]?.run(),
      ]);
      await goesOn();
      await delay(Math.max(0, end - performance.now()));
    }
  };
}

async function restart(process: RoleProcess): Promise<void> {
  await process.stop();
  await process.start();
}
