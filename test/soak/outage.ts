import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/database/embedded/embedded-postgres.ts';
import { silentLog } from '../../src/service/log.ts';
import { Device } from './device.ts';
import { Fleet } from './fleet.ts';
import {
  type Credential,
  createCredential,
  type Place,
  postmasterPid,
  signIn,
  standalonePlace,
  start,
  stop,
} from './standalone.ts';

export interface OutageOptions {
  /** `frozen`: it is there and never answers, SIGSTOP. `stopped`: it is gone, and comes back. */
  how: 'frozen' | 'stopped';
  seconds: number;
  clients: number;
  /** Messages a second of all clients together, also during the outage as far as their windows let them. */
  rate: number;
  window?: number;
  keepAlive?: number;
}

export interface OutageResult {
  /** What the table has too few or too many. */
  differences: string[];
  /** Of devices that had been there before. */
  disconnects: number;
  /** Pings without an answer. */
  unanswered: number;
  /** What HTTP and CONNECT answer meanwhile. */
  answers: Record<string, string>;
  /** Resident memory of the platform's process, in MB: before, and the most since. */
  memory: { before: number; most: number };
  /** Milliseconds from the end of the outage until all that had waited was acknowledged. */
  caughtUp: number;
  /** Median milliseconds to a PUBACK, before and at the end. */
  latency: { before: number; after: number };
  warnings: string[];
}

/** A database that can be taken away, and what the platform must be told to use it. */
interface Severable {
  settings: Record<string, string>;
  sever(place: Place): Promise<void>;
  restore(place: Place): Promise<void>;
  remove(): Promise<void>;
}

/** Takes the database away under load, and looks at what everybody is told meanwhile. */
export async function outageUnderLoad(options: OutageOptions): Promise<OutageResult> {
  const { how, seconds, clients, rate, window, keepAlive = 15 } = options;
  const database = how === 'frozen' ? freezing() : await stopping();
  const place = await standalonePlace(database.settings);
  try {
    const running = await start(place);
    const credential = await createCredential(place);
    const cookie = await signIn(place.url);
    const messages = Math.ceil((rate * (seconds + 4)) / clients) * clients;
    const fleet = new Fleet({ place, credential, clients, messages, rate, window, keepAlive });
    await fleet.connected;
    const published = fleet.publish();
    await fleet.acknowledged(rate);
    const before = median(fleet.acknowledgements.map(({ after }) => after));
    const memory = { before: memoryOf(running.pid), most: 0 };
    const sampling = setInterval(() => {
      memory.most = Math.max(memory.most, memoryOf(running.pid));
    }, 500);

    const over = delay(seconds * 1000);
    await database.sever(place);
    const asked = answersOf(place, { credential, cookie });
    await over;
    const restored = performance.now();
    await database.restore(place);
    const answers = await asked;
    await published;

    clearInterval(sampling);
    const backlog = fleet.acknowledgements.filter(({ at, after }) => at > restored && at - after < restored);
    const last = fleet.acknowledgements.slice(-rate);
    const { disconnects, pings, pongs } = fleet.counts;
    const result = {
      differences: await fleet.differences(),
      disconnects,
      unanswered: pings - pongs,
      answers,
      memory,
      caughtUp: Math.round(Math.max(...backlog.map(({ at }) => at)) - restored),
      latency: { before, after: median(last.map(({ after }) => after)) },
      warnings: running
        .output()
        .split('\n')
        .filter((line) => /"level":[456]0/.test(line)),
    };
    await fleet.end();
    await stop(running);
    return result;
  } finally {
    await database.remove();
    await place.remove();
  }
}

/** The embedded PostgreSQL, all of whose processes stand still. */
function freezing(): Severable {
  const signalAll = async (place: Place, signal: NodeJS.Signals) => {
    const postmaster = await postmasterPid(place);
    for (const pid of [postmaster, ...childrenOf(postmaster)]) process.kill(pid, signal);
  };
  return {
    settings: {},
    sever: (place) => signalAll(place, 'SIGSTOP'),
    restore: (place) => signalAll(place, 'SIGCONT'),
    async remove() {},
  };
}

/** A PostgreSQL beside the platform. */
async function stopping(): Promise<Severable> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-soak-'));
  await chmod(directory, 0o755);
  const open = () => startEmbeddedPostgres({ directory, log: silentLog });
  let server: EmbeddedPostgres = await open();
  return {
    settings: { DATABASE_URL: server.url },
    sever: () => server.stop(),
    async restore() {
      server = await open();
    },
    async remove() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What those who come meanwhile are told: over HTTP, and by CONNACK. */
async function answersOf(
  place: Place,
  { credential, cookie }: { credential: Credential; cookie: string },
): Promise<Record<string, string>> {
  const { url, mqttPort: port } = place;
  const { organizationId } = credential;
  const paths = ['/health', '/ready', '/api/v1/platform', `/api/v1/organizations/${organizationId}/devices`];
  const answers = paths.map(async (path) => {
    const started = performance.now();
    const response = await fetch(`${url}${path}`, { headers: { cookie, 'sec-fetch-site': 'same-origin' } });
    const { headers, status } = response;
    const type = headers.get('content-type')?.split(';')[0];
    const body = [status, type, headers.get('retry-after') && `retry after ${headers.get('retry-after')}`];
    const key = path.replace(organizationId, '{org}');
    return [key, `${body.filter(Boolean).join(' ')} in ${seconds(started)} s`] as const;
  });
  const known = new Device({ port, clientId: 'known', ...credential });
  const unknown = new Device({ port, clientId: 'unknown', username: 'nobody', password: 'wrong' });
  const connacks = [
    ['known', known],
    ['unknown', unknown],
  ] as const;
  const entered = connacks.map(async ([name, device]) => {
    const started = performance.now();
    const outcome = await Promise.race([device.connected.then(() => 'in'), device.refused]);
    await device.end();
    return [name, `${outcome} in ${seconds(started)} s`] as const;
  });
  return Object.fromEntries(await Promise.all([...answers, ...entered]));
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

function childrenOf(parent: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.flatMap((line) => {
    const [pid, ppid] = line.trim().split(/\s+/).map(Number);
    return ppid === parent ? [pid!] : [];
  });
}

/** Resident memory, in MB. */
function memoryOf(pid: number): number {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) / 1024);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[sorted.length >> 1] ?? Number.NaN);
}
