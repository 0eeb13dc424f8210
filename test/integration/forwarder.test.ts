import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { setupGuides } from '../../src/external/setup/setup.ts';
import {
  brokerDevice,
  createIntegration,
  type TestIntegration,
  telemetryOf,
} from '../support/external-broker.ts';
import { startMosquitto, type TestMosquitto } from '../support/mosquitto.ts';
import { databaseAway } from '../support/outage.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';

const main = join(import.meta.dirname, '../../src/main/main.ts');
const passwords = { us: 'our password', device: 'its password' };

let platform: TestPlatform;
let broker: TestMosquitto;
let plant: TestIntegration;
let device: Awaited<ReturnType<typeof brokerDevice>>;
let forwarder: ChildProcess | undefined;

beforeAll(async () => {
  platform = await testPlatform();
  broker = await startMosquitto({
    passwords,
    settings: ['max_queued_messages 0', 'max_inflight_messages 0'],
  });
  plant = await createIntegration(platform, { mode: 'forward', expected_topics: ['devices/+/telemetry'] });
  device = await brokerDevice(broker.url, { username: 'device', password: 'its password' });
});
afterEach(() => end('SIGTERM'));
afterAll(async () => {
  await device?.endAsync(true);
  await platform?.close();
  await broker?.stop();
});

/** With the settings that we make for the customer, and what the customer fills in. */
async function run(
  changes: Record<string, string> = {},
  expected = 'connected to the broker',
): Promise<string> {
  const [guide] = setupGuides({
    mode: 'forward',
    organizationId: platform.organizationId,
    integrationId: plant.id,
    integrationName: 'Plant',
    filters: ['devices/+/telemetry'],
    webhookUrl: plant.webhook_url!,
    token: plant.token!,
  });
  const file = guide!.files.find(({ name }) => name === 'forward.env')!.text;
  const made = Object.fromEntries(
    [...file.matchAll(/^(FORWARD_\w+)=["']?(.*?)["']?$/gm)].map(([, name, value]) => [name, value]),
  );
  const mine = { FORWARD_BROKER_URL: broker.url, FORWARD_USERNAME: 'us', FORWARD_PASSWORD: 'our password' };
  const env = { PATH: process.env.PATH, ...made, ...mine, ...changes };
  forwarder = spawn(process.execPath, [main, 'forward'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  await new Promise<void>((resolve) => {
    const look = (chunk: Buffer) => {
      output += chunk;
      if (output.includes(expected)) resolve();
    };
    forwarder!.stdout!.on('data', look);
    forwarder!.stderr!.on('data', look);
    forwarder!.once('exit', () => resolve());
  });
  return output;
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (!forwarder || forwarder.exitCode !== null || forwarder.signalCode !== null) return;
  const ended = once(forwarder, 'exit');
  forwarder.kill(signal);
  await ended;
}

const publish = (name: string, payload: object) =>
  device.publishAsync(`devices/${name}/telemetry`, JSON.stringify(payload), { qos: 1 });

it('forwards by the settings that we make, and keeps its session at a stop', async () => {
  await run();
  await publish('one', { a: 1 });
  await expect.poll(() => telemetryOf(platform, 'one')).toEqual([{ a: 1 }]);
  await end('SIGTERM');
  await publish('one', { a: 2 });
  await run();
  await expect.poll(() => telemetryOf(platform, 'one')).toEqual([{ a: 1 }, { a: 2 }]);
});

it('loses and doubles nothing while we are away, and when it is killed in the middle', async () => {
  await run();
  let number = 0;
  let going = true;
  const publishing = (async () => {
    while (going) {
      await publish('steady', { n: number++ });
      await pause(1);
    }
  })();
  const stored = async () => (await telemetryOf(platform, 'steady')).length;
  await expect.poll(stored, { timeout: 5000 }).toBeGreaterThan(20);
  const restore = await databaseAway(platform.test);
  const during = number;
  await expect.poll(() => number).toBeGreaterThan(during + 20);
  await restore();
  await expect.poll(stored, { timeout: 15_000 }).toBeGreaterThan(during);
  for (let kill = 0; kill < 3; kill += 1) {
    await end('SIGKILL');
    const before = await stored();
    await run();
    await expect.poll(stored, { timeout: 10_000 }).toBeGreaterThan(before);
  }
  going = false;
  await publishing;
  await expect.poll(stored, { timeout: 15_000 }).toBeGreaterThanOrEqual(number);
  const numbers = (await telemetryOf(platform, 'steady')).map((row) => (row as { n: number }).n);
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: number }, (_, n) => n));
}, 60_000);

it('says what is wrong', async () => {
  expect(await run({ FORWARD_TOKEN: 'no token of ours at all' }, 'connected')).toContain('connected');
  const refused = once(forwarder!.stdout!, 'data');
  await publish('refused', { a: 1 });
  expect(String(await refused)).toContain('set FORWARD_TOKEN');
  await end('SIGKILL');
  expect(await run({ FORWARD_PASSWORD: 'wrong' }, 'not connected')).toContain('Bad user name or password');
  await end('SIGKILL');
  expect(await run({ FORWARD_BROKER_URL: 'nonsense' })).toMatch(/^FORWARD_BROKER_URL: expected an mqtt/);
  expect(forwarder!.exitCode).toBe(1);
});
