import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { pythonWithPaho } from '../support/python.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** The devices of docs/guides/commands.md as they stand there, and its ways to send, on a real platform. */

const root = join(import.meta.dirname, '../..');
const guide = readFileSync(join(root, 'docs/guides/commands.md'), 'utf8');
const run = promisify(execFile);

const devices = [
  { language: 'python', name: 'thermometer-1', command: [pythonWithPaho(), '-'] },
  { language: 'js', name: 'thermometer-2', command: [process.execPath, '--input-type=module', '-'] },
];

let platform: TestPlatform;
let tenant: Tenant;
let values: Record<string, string>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
  const { organizationId } = platform;
  for (const { language, name, command } of devices) {
    // The device that a credential is for is registered with it.
    const { username, password } = await tenant.credential(name);
    values = { username, password, 'organization id': organizationId };
    runDevice(command, filled(blocks(language)[0]!));
  }
  const made = await platform.api('POST', `/api/v1/organizations/${organizationId}/api-keys`, {
    name: 'guide',
    role: 'member',
  });
  const { key } = (await made.json()) as { key: string };
  const [device] = await tenant.rows<{ id: string }>(
    `select id from devices where organization_id = $1 and external_device_id = 'thermometer-1'`,
  );
  values = { ...values, 'api key': key, 'device id': device!.id };
});
afterAll(async () => {
  const ended = children.map((child) => child.exitCode ?? once(child, 'close'));
  for (const child of children) child.kill();
  await Promise.all(ended);
  await platform.close();
});

function blocks(language: string): string[] {
  return [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].flatMap(([, of, text]) =>
    of === language ? [text!] : [],
  );
}

/** With what a reader fills in, and where the platform is. */
function filled(text: string): string {
  const { host, port } = new URL(platform.mqttUrl);
  return text
    .replace(/<([a-z ]+)>/g, (_, name: string) => values[name]!)
    .replace('"localhost", 1883', `"127.0.0.1", ${port}`)
    .replace('localhost:1883', host)
    .replace('http://localhost:8080', platform.url);
}

function runDevice([program, ...options]: string[], text: string): void {
  const child = spawn(program!, options, { cwd: root, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin!.end(text);
  children.push(child);
}

async function sql(text: string): Promise<Record<string, unknown>[]> {
  return (await platform.test.pool.query(filled(text))).rows;
}

async function reaches(id: unknown, state: string): Promise<unknown> {
  const select = 'select state, result from device_commands where organization_id = $1 and id = $2';
  return eventually(async () => {
    const [row] = await tenant.rows<{ state: string; result: unknown }>(select, [id]);
    expect(row!.state).toBe(state);
    return row!.result;
  }, 10_000);
}

test.each(devices)('the device in $language does a command and answers', async ({ name }) => {
  const [asks] = blocks('sql');
  const ask = async (change = (text: string) => text): Promise<unknown> => {
    const [row] = await sql(change(asks!.replace('thermometer-1', name)));
    return row!.id;
  };
  expect(await reaches(await ask(), 'succeeded')).toEqual({ interval: 30 });
  const tooLong = await ask((text) => text.replace('30', '"a while"'));
  expect(await reaches(tooLong, 'failed')).toEqual({ error: 'seconds takes a number from 1 to 86400' });
  const unknown = await ask((text) => text.replace('set_interval', 'dance'));
  expect(await reaches(unknown, 'failed')).toEqual({ error: 'unknown command' });
});

test.each(devices)(
  'the device in $language knows a command again, and minds no nonsense',
  async ({ name }) => {
    const client = await mqtt.connectAsync(platform.mqttUrl, await tenant.credential());
    const answers: unknown[] = [];
    client.on('message', (_topic, payload) => answers.push(JSON.parse(payload.toString())));
    await client.subscribeAsync(tenant.topic(name, 'responses'), { qos: 1 });
    const id = '6a1f0e0c-4d0b-4c58-9a3e-2f4b7d1c9e55';
    const command = {
      id,
      name: 'set_interval',
      params: { seconds: 50 },
      expires_at: '2100-01-01T00:00:00.000Z',
    };
    for (const said of ['nonsense', '[]', '{}', JSON.stringify(command)])
      await client.publishAsync(tenant.topic(name, 'commands'), said, { qos: 1 });
    const repeated = { ...command, params: { seconds: 70 } };
    await client.publishAsync(tenant.topic(name, 'commands'), JSON.stringify(repeated), { qos: 1 });
    const answer = { id, status: 'succeeded', result: { interval: 50 } };
    await eventually(() => expect(answers).toEqual([answer, answer]));
    await client.endAsync();
  },
);

test('the statements do what is said of them', async () => {
  const [, keyed, state] = blocks('sql');
  const places = async () =>
    tenant.rows(
      `select state, reason from device_commands where organization_id = $1 and name = 'set_temperature'`,
    );
  await sql(keyed!);
  const made = await places();
  expect(made).toHaveLength(2);
  await sql(keyed!);
  expect(await places()).toHaveLength(2);
  const shown = await sql(state!);
  expect(Object.keys(shown[0]!)).toEqual([
    'external_device_id',
    'name',
    'state',
    'reason',
    'detail',
    'result',
  ]);
});

test('the requests are answered with the outcome, or with the confirmation', async () => {
  const [waits, confirms] = blocks('sh');
  const shell = async (text: string): Promise<unknown> => {
    const { stdout } = await run('sh', [
      '-c',
      filled(text).replace('curl', 'curl --silent --fail-with-body'),
    ]);
    return JSON.parse(stdout);
  };
  expect(await shell(waits!)).toMatchObject({ state: 'succeeded', result: { interval: 30 } });
  const confirmed = (await shell(confirms!)) as { id: string; state: string };
  expect(['published', 'delivered', 'succeeded']).toContain(confirmed.state);
  expect(await reaches(confirmed.id, 'succeeded')).toEqual({ interval: 30 });
});
