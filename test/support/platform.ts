import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/main/config.ts';
import { type RunningPlatform, startPlatform } from '../../src/main/platform.ts';
import { silentLog } from '../../src/service/log.ts';
import { type TestDatabase, testDatabase } from './database.ts';

export const owner = { email: 'owner@example.com', password: 'correct horse battery' };

export interface Credential {
  id: string;
  username: string;
  password: string;
  topic_prefix: string;
}

/** A whole platform on free ports, on a database of its own, with one owner and one organization. */
export interface TestPlatform extends NewPlatform {
  organizationId: string;
  /** Calls the API as the owner; `body` is sent as JSON. */
  api(method: string, path: string, body?: unknown): Promise<Response>;
  /** A credential of the organization, or of one device. */
  credential(externalDeviceId?: string): Promise<Credential>;
}

/** A platform that nobody has set up yet: `setupUrl` leads to the set-up page. */
export interface NewPlatform extends RunningPlatform {
  test: TestDatabase;
  dataDir: string;
  close(): Promise<void>;
}

/**
 * In `beforeAll`, with `close` in `afterAll`.
 * @param settings beyond the ports and the database
 * @param database closed with the platform; by default a new one
 */
export async function newPlatform(
  settings: Record<string, string> = {},
  database?: TestDatabase,
): Promise<NewPlatform> {
  const test = database ?? (await testDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), 'netneural-test-'));
  // What runs under an account of its own has to get there.
  await chmod(dataDir, 0o755);
  const config = readConfig({
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    MQTT_WS_PORT: '0',
    MQTTS_PORT: '0',
    MQTT_WSS_PORT: '0',
    DATABASE_URL: test.url,
    DATA_DIR: dataDir,
    ...settings,
  });
  const platform = await startPlatform(config, silentLog);
  return {
    ...platform,
    test,
    dataDir,
    async close() {
      await platform.stop();
      await test.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** The same with its owner. */
export async function testPlatform(settings: Record<string, string> = {}): Promise<TestPlatform> {
  const platform = await newPlatform({
    ADMIN_EMAIL: owner.email,
    ADMIN_PASSWORD: owner.password,
    ...settings,
  });
  const cookie = await signIn(platform.url);

  async function api(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${platform.url}${path}`, {
      method,
      headers: {
        cookie,
        'sec-fetch-site': 'same-origin',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  const me = (await (await api('GET', '/api/v1/me')).json()) as { organizations: { id: string }[] };
  const organizationId = me.organizations[0]!.id;
  return {
    ...platform,
    organizationId,
    api,
    async credential(externalDeviceId) {
      const body = { label: 'test', external_device_id: externalDeviceId };
      const response = await api('POST', `/api/v1/organizations/${organizationId}/credentials`, body);
      if (response.status !== 201) throw new Error(await response.text());
      return (await response.json()) as Credential;
    },
  };
}

async function signIn(url: string): Promise<string> {
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
