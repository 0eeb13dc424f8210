import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlatformHealth } from '../../src/contract/health.ts';
import { readConfig } from '../../src/main/config.ts';
import { startProcess } from '../../src/main/process.ts';
import { silentLog } from '../../src/service/log.ts';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { RawClient } from '../support/raw-client.ts';

/** What a member is told of the processes that the platform runs as. */

let platform: TestPlatform;

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

async function health(): Promise<PlatformHealth> {
  const response = await platform.api('GET', `/api/v1/organizations/${platform.organizationId}/health`);
  expect(response.status).toBe(200);
  return (await response.json()) as PlatformHealth;
}

test('one process that does everything is one, with the organization’s connections', async () => {
  const client = await RawClient.connect(platform.mqttUrl!, await platform.credential());
  const shown = await eventually(async () => {
    const now = await health();
    expect(now.processes[0]?.connections).toBe(1);
    return now;
  });
  expect(shown).toEqual({
    broker: expect.objectContaining({ healthy: true, engine: 'embedded' }),
    database: { healthy: true, version: expect.any(String), latency_ms: expect.any(Number) },
    processes: [
      {
        id: expect.any(String),
        roles: ['engine', 'worker', 'subscriber', 'gateway', 'api'],
        host: expect.any(String),
        version: expect.any(String),
        started_at: expect.any(String),
        seen_at: expect.any(String),
        connections: 1,
        reaches_engine: true,
      },
    ],
    missing_roles: [],
  });
  await client.end();
});

test('what no process does is named, and one more is there while it runs', async () => {
  const settings = { DATABASE_URL: platform.test.url, DATA_DIR: platform.dataDir, HTTP_PORT: '0' };
  const another = await startProcess(readConfig(settings), silentLog, ['subscriber']);
  const { processes, missing_roles } = await health();
  expect(processes.map(({ roles }) => roles)).toEqual([expect.any(Array), ['subscriber']]);
  expect(processes[1]).toMatchObject({ connections: null, reaches_engine: null });
  expect(missing_roles).toEqual([]);
  await another.stop();
  expect((await health()).processes).toHaveLength(1);

  // As the list looks to an API whose other processes have been killed.
  await platform.test.pool.query(`update private.processes set roles = '{api}'`);
  expect((await health()).missing_roles).toEqual(['worker', 'subscriber', 'gateway']);
});
