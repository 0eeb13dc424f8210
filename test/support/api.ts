import type pg from 'pg';
import { channelSender } from '../../src/alerts/notify/send.ts';
import { testChannel } from '../../src/alerts/notify/trial.ts';
import { insertAccount } from '../../src/database/accounts.ts';
import { createOrganization } from '../../src/database/organizations.ts';
import { asPlatform, withScope } from '../../src/database/scope.ts';
import { testConnection } from '../../src/external/connection-test.ts';
import { createAccounts, hashAccountPassword } from '../../src/http/accounts.ts';
import { createApp } from '../../src/http/app.ts';
import { createCommandWaits } from '../../src/http/command-waits.ts';
import { createEventHub } from '../../src/http/events.ts';
import type { Platform } from '../../src/http/platform.ts';
import { createRateLimits } from '../../src/http/rate-limits.ts';
import { systemClock } from '../../src/service/clock.ts';
import { guardedLookup } from '../../src/service/guard.ts';
import { silentLog } from '../../src/service/log.ts';
import { randomToken, tokenHash } from '../../src/service/random.ts';
import { createSeal } from '../../src/service/seal.ts';
import { type TestDatabase, testDatabase } from './database.ts';

export const ORIGIN = 'http://localhost:8080';
export const SETUP_TOKEN = 'a-set-up-token-for-tests';

/** Sends what a signed-in browser or a program with a key would send. */
export interface Client {
  headers: Record<string, string>;
  userId?: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came back is what is being looked at
  body: any;
}

export interface TestApi {
  database: TestDatabase;
  platform: Platform;
  app: ReturnType<typeof createApp>;
  /** A new account, signed in. */
  user(name: string): Promise<Client>;
  organization(owner: Client, name?: string): Promise<string>;
  member(organizationId: string, user: Client, role: string): Promise<void>;
  apiKey(organizationId: string, role: string): Promise<Client>;
  call(
    client: Client | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: object,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export const connection: Platform['connection'] = {
  host: 'localhost',
  mqtt: 'mqtt://localhost:1883',
  mqtts: null,
  ws: 'ws://localhost:9001/mqtt',
  wss: null,
  loopback_only: true,
  protocol_versions: ['3.1', '3.1.1'],
  max_message_bytes: 262_144,
};

/** The application on a database of its own, called in process. */
export async function testApi(
  overrides: (pool: pg.Pool) => Partial<Platform> = () => ({}),
): Promise<TestApi> {
  const database = await testDatabase();
  const { pool } = database;
  const seal = createSeal(randomToken());
  const lookup = guardedLookup({ allowPrivate: false });
  const clock = systemClock();
  const send = channelSender({ seal, lookup, clock, mail: undefined, publicUrl: () => ORIGIN });
  const platform: Platform = {
    version: '0.0.0',
    publicUrl: ORIGIN,
    pool,
    log: silentLog,
    accounts: createAccounts({ pool, secret: randomToken(), publicUrl: ORIGIN, log: silentLog }),
    events: createEventHub({ pool, log: silentLog }),
    commands: { waits: createCommandWaits({ pool, log: silentLog, pollMs: 1000 }) },
    rateLimits: createRateLimits(),
    seal,
    testConnection: (settings) => testConnection(settings, { lookup }),
    notifications: {
      mail: undefined,
      allowsHttp: false,
      test: (outgoing) => testChannel(send, outgoing),
    },
    setupToken: SETUP_TOKEN,
    retentionDays: 1095,
    connection,
    brokerStatus: () => ({ healthy: true, engine: 'embedded', version: '1' }),
    clientAddress: () => '127.0.0.1',
    ...overrides(pool),
  };
  const app = createApp(platform);
  await platform.events.start();

  const call: TestApi['call'] = async (client, method, path, body, headers = {}) => {
    const response = await app.request(path, {
      method,
      headers: {
        origin: ORIGIN,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...client?.headers,
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };

  return {
    database,
    platform,
    app,
    call,
    async user(name) {
      const email = `${name}@example.org`;
      const password = `password of ${name}`;
      const passwordHash = await hashAccountPassword(password);
      const userId = await asPlatform(pool, (tx) => insertAccount(tx, { name, email, passwordHash }));
      const { cookies } = await platform.accounts.signIn({ email, password });
      return { userId, headers: { cookie: cookies[0]!.split(';')[0]! } };
    },
    async organization(owner, name = 'Acme') {
      const caller = { kind: 'user', userId: owner.userId! } as const;
      return (await withScope(pool, caller, (tx) => createOrganization(tx, name))).id;
    },
    async member(organizationId, user, role) {
      await pool.query(
        'insert into organization_members (organization_id, user_id, role) values ($1, $2, $3)',
        [organizationId, user.userId, role],
      );
    },
    async apiKey(organizationId, role) {
      const key = `nnk_${randomToken()}`;
      await pool.query(
        `insert into organization_api_keys (organization_id, name, role, key_prefix, key_sha256) values ($1, 'test', $2, 'nnk_', $3)`,
        [organizationId, role, await tokenHash(key)],
      );
      return { headers: { authorization: `Bearer ${key}` } };
    },
    async close() {
      await platform.events.stop();
      await database.close();
    },
  };
}
