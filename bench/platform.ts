import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuOf, type Program, peakMemoryOf, postgresBelow, start } from './processes.ts';

/** The platform as `npm start` runs it, everything on, with an owner and a credential. */
export interface BenchPlatform {
  url: string;
  cookie: string;
  /** Calls the API as the owner: GET, POST of a body, or as `method` says. */
  call<Answer>(path: string, body?: object, method?: string): Promise<Answer>;
  organizationId: string;
  mqttPort: number;
  username: string;
  password: string;
  /** The Node process. */
  pid: number;
  /** DATA_DIR. */
  directory: string;
  /** Its embedded PostgreSQL. */
  socketDirectory: string;
  /** Microseconds so far: of the Node process, of PostgreSQL's processes that run now. */
  cpu(): { node: number; postgres: number };
  peakMemory(): number;
  stop(): Promise<void>;
}

const account = { email: 'bench@example.com', password: 'bench-password-1' };

/** @param path of the program, where it is not the platform as it is */
export async function startBenchPlatform(
  path = 'src/main/main.ts',
  settings: Record<string, string> = {},
): Promise<BenchPlatform> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'netneural-bench-')));
  // PostgreSQL's user has to get in, or root's platform keeps the data elsewhere.
  await chmod(directory, 0o755);
  const program: Program = start(path, {
    DATA_DIR: directory,
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    MQTT_WS_PORT: '0',
    ADMIN_EMAIL: account.email,
    ADMIN_PASSWORD: account.password,
    LOG_LEVEL: 'warn',
    ...settings,
  });
  const [, url] = await program.printed(/Dashboard\s+(\S+)/);
  const [, mqttPort] = await program.printed(/MQTT\s+mqtt:\/\/\S+:(\d+)/);
  const cookie = await signIn(url!);
  const call = async <Answer>(path: string, body?: object, method = body ? 'POST' : 'GET') => {
    const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  };
  const me = await call<{ organizations: { id: string }[] }>('/api/v1/me');
  const organizationId = me.organizations[0]!.id;
  const credential = await call<{ username: string; password: string }>(
    `/api/v1/organizations/${organizationId}/credentials`,
    { label: 'bench' },
  );
  return {
    url: url!,
    cookie,
    call,
    organizationId,
    mqttPort: Number(mqttPort),
    username: credential.username,
    password: credential.password,
    pid: program.pid,
    directory,
    socketDirectory: join(directory, 'postgres/run'),
    cpu: () => ({
      node: cpuOf(program.pid),
      postgres: postgresBelow(directory).reduce((sum, pid) => sum + cpuOf(pid), 0),
    }),
    peakMemory: () => peakMemoryOf(program.pid),
    async stop() {
      await program.stop();
      await rm(directory, { recursive: true });
    },
  };
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify(account),
  });
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
