import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSeal } from '../../src/service/seal.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { brokerDevice, telemetryOf } from '../support/external-broker.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { otherTenant } from '../support/tenant.ts';

const INTEGRATIONS = 10;
const secretKey = 'a secret key of more than thirty-two characters';
const processes: Subscribers[] = [];

let test: TestDatabase;
let broker: TestMosquitto;

/** `npm start -- subscriber`, without the installing. */
class Subscribers {
  readonly child: ChildProcess;

  constructor() {
    const main = join(import.meta.dirname, '../../src/main/main.ts');
    this.child = spawn(process.execPath, [main, 'subscriber'], {
      env: {
        DATABASE_URL: test.url,
        HTTP_PORT: '0',
        SECRET_KEY: secretKey,
        ALLOW_PRIVATE_NETWORKS: 'true',
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    processes.push(this);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}

beforeAll(async () => {
  test = await testDatabase();
  broker = await startMosquitto({ settings: ['max_queued_messages 0'] });
  const { organizationId } = await otherTenant({ test });
  const seal = createSeal(secretKey);
  for (let n = 0; n < INTEGRATIONS; n += 1) {
    const { rows } = await test.pool.query(
      `insert into device_integrations (organization_id, name, integration_type, mode, expected_topics, configuration)
       values ($1, $2, 'mqtt_external', 'subscribe', $3, $4) returning id`,
      [
        organizationId,
        `Plant ${n}`,
        JSON.stringify([{ topic: `plant-${n}/+/telemetry` }]),
        JSON.stringify({
          broker: {
            url: broker.url,
            protocol_version: n % 2 ? '5' : '3.1.1',
            keep_alive_seconds: 60,
            username: 'us',
            has_password: true,
          },
        }),
      ],
    );
    const sealed = await seal.close(JSON.stringify({ password: 'x' }), rows[0].id);
    await test.pool.query('update device_integrations set sealed_secrets = $2 where id = $1', [
      rows[0].id,
      sealed,
    ]);
  }
});
afterAll(async () => {
  for (const each of processes) await each.end('SIGKILL');
  await broker?.stop();
  await test?.close();
});

/** How many each of the processes that hold some holds. */
async function shares(): Promise<number[]> {
  const { rows } = await test.pool.query(
    `select count(*)::int as count from private.leases
      where name like 'subscription/%' and expires_at > now() group by holder order by 1 desc`,
  );
  return rows.map(({ count }) => count);
}
const isShared = (expected: number[]) => expect.poll(shares, { timeout: 30_000 }).toEqual(expected);

it('ten integrations are shared by two processes, taken over after a kill, and handed over at a stop', async () => {
  const first = new Subscribers();
  await isShared([10]);
  const second = new Subscribers();
  await isShared([5, 5]);

  const device = await brokerDevice(broker.url);
  let number = 0;
  let going = true;
  const publishing = (async () => {
    while (going) {
      const n = number++;
      await device.publishAsync(`plant-${n % INTEGRATIONS}/all/telemetry`, JSON.stringify({ n }), { qos: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  await expect
    .poll(async () => (await telemetryOf({ test }, 'all')).length, { timeout: 10_000 })
    .toBeGreaterThan(50);

  const killedAt = performance.now();
  await first.end('SIGKILL');
  await isShared([10]);
  expect(performance.now() - killedAt).toBeLessThan(30_000);

  new Subscribers();
  await isShared([5, 5]);
  await second.end('SIGTERM');
  await isShared([10]);

  going = false;
  await publishing;
  await device.endAsync();
  const numbers = async () => (await telemetryOf({ test }, 'all')).map((row) => (row as { n: number }).n);
  await expect.poll(async () => (await numbers()).length, { timeout: 15_000 }).toBeGreaterThanOrEqual(number);
  expect((await numbers()).toSorted((a, b) => a - b)).toEqual(Array.from({ length: number }, (_, n) => n));
  expect(mostConnectionsAtOnce()).toBe(1);
}, 90_000);

/** Of any one client id. */
function mostConnectionsAtOnce(): number {
  const now = new Map<string, number>();
  let most = 0;
  for (const line of broker.log) {
    const [, connected] = /New client connected from \S+ as (netneural-\S+)/.exec(line) ?? [];
    const [, gone] = /Client (netneural-\S+) (?:disconnected|closed|already|has exceeded)/.exec(line) ?? [];
    if (connected) now.set(connected, (now.get(connected) ?? 0) + 1);
    if (gone) now.set(gone, (now.get(gone) ?? 0) - 1);
    most = Math.max(most, ...now.values());
  }
  return most;
}
