import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** The program. */
export const main = join(import.meta.dirname, '../../src/main/main.ts');
/** Of the first organization. */
export const owner = { email: 'owner@example.com', password: 'correct horse battery' };

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One run of the platform as a process of its own. */
export interface Run {
  child: ChildProcess;
  pid: number;
  /** Everything it has printed so far. */
  output(): string;
  /** Resolves when it has printed that many lines with the text. @throws as `ready` */
  printed(text: string, times?: number): Promise<void>;
  /** Resolves when it says so, however long recovery takes. @throws what it printed, when it ends before */
  ready: Promise<void>;
  exited: Promise<Exit>;
}

/** A place to run the platform in: a data directory, and ports that stay the same over restarts. */
export interface Place {
  dataDir: string;
  mqttPort: number;
  settings: Record<string, string>;
  url: string;
  /** Removes it. Whatever ran there has ended. */
  remove(): Promise<void>;
}

/** @param settings beyond the ports, the directory and the first owner */
export async function standalonePlace(settings: Record<string, string> = {}): Promise<Place> {
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), 'netneural-soak-')));
  // Else PostgreSQL's account could not enter, and the database would be placed elsewhere.
  await chmod(dataDir, 0o755);
  const [httpPort, mqttPort, wsPort] = await freePorts(3);
  return {
    dataDir,
    mqttPort: mqttPort!,
    url: `http://127.0.0.1:${httpPort}`,
    settings: {
      DATA_DIR: dataDir,
      HTTP_PORT: String(httpPort),
      MQTT_PORT: String(mqttPort),
      MQTT_WS_PORT: String(wsPort),
      ADMIN_EMAIL: owner.email,
      ADMIN_PASSWORD: owner.password,
      LOG_LEVEL: 'info',
      ...settings,
    },
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

/** Starts the platform in a process group of its own, with the channel that `npm start` gives it. */
export function run({ settings }: Pick<Place, 'settings'>, command = [process.execPath, main]): Run {
  const child = spawn(command[0]!, command.slice(1), {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  let output = '';
  const awaited = new Set<{ text: string; times: number; found: PromiseWithResolvers<void> }>();
  const look = () => {
    for (const { text, times, found } of awaited) {
      if (output.split(text).length > times) found.resolve();
    }
  };
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      look();
    });
  }
  function printed(text: string, times = 1): Promise<void> {
    const found = Promise.withResolvers<void>();
    // Whoever expects the end looks at `exited` alone.
    found.promise.catch(() => {});
    awaited.add({ text, times, found });
    look();
    return found.promise;
  }
  // `close` does not come once we have closed the channel.
  const streams = Promise.all([once(child.stdout!, 'close'), once(child.stderr!, 'close')]);
  const exited = once(child, 'exit').then(async ([code, signal]): Promise<Exit> => {
    await streams;
    const error = new Error(`the platform ended (${code ?? signal}): ${output}`);
    for (const { found } of awaited) found.reject(error);
    return { code, signal };
  });
  return { child, pid: child.pid!, output: () => output, printed, ready: printed('Ready in'), exited };
}

export async function start(place: Place): Promise<Run> {
  const started = run(place);
  await started.ready;
  return started;
}

/** Ends a run as `npm start` would when it is killed itself. */
export async function stop({ child, exited }: Run): Promise<Exit> {
  if (child.connected) child.disconnect();
  return exited;
}

export async function postmasterPid({ dataDir }: Place): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8');
  return Number.parseInt(text, 10);
}

/** Connects to the platform's database, beside it. */
export async function connection({ dataDir, settings }: Place): Promise<pg.Client> {
  const embedded = { host: join(dataDir, 'postgres/run'), user: 'postgres', database: 'postgres' };
  const url = settings.DATABASE_URL;
  const client = new pg.Client(url === undefined ? embedded : { connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Runs one statement in the platform's database. */
export async function query<Row extends pg.QueryResultRow>(
  place: Place,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = await connection(place);
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

export interface Credential {
  username: string;
  password: string;
  organizationId: string;
}

/** A credential of the owner's organization, made through the API. */
export async function createCredential({ url }: Place): Promise<Credential> {
  const cookie = await signIn(url);
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  const me = await json<{ organizations: { id: string }[] }>(`${url}/api/v1/me`, { headers });
  const organizationId = me.organizations[0]!.id;
  const made = await json<Credential>(`${url}/api/v1/organizations/${organizationId}/credentials`, {
    method: 'POST',
    headers,
    body: '{"label":"soak"}',
  });
  return { username: made.username, password: made.password, organizationId };
}

/** @returns a session's cookie */
export async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify(owner),
  });
  if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

async function json<Body>(url: string, init: RequestInit): Promise<Body> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

/** Ports that nothing listens on; all different, as they are held together. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening');
      return (server.address() as { port: number }).port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
