import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SnippetName, snippets } from '../../web/src/connect/snippets.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { pythonWithPaho } from '../support/python.ts';
import { firstTenant, type Tenant } from '../support/tenant.ts';

/** What *Connect a device* offers to be pasted runs as it is; for mosquitto_pub a test in the browser shows that. */

const root = join(import.meta.dirname, '../..');

let platform: TestPlatform;
let tenant: Tenant;
beforeAll(async () => {
  platform = await testPlatform();
  tenant = await firstTenant(platform);
});
afterAll(() => platform.close());

const programs: [SnippetName, string, string[]][] = [
  ['python', pythonWithPaho(), ['-u', '-']],
  ['javascript', process.execPath, ['--input-type=module', '-']],
];

test.each(programs)('%s', async (name, program, options) => {
  const { username, password } = await tenant.credential(name);
  const target = { url: platform.mqttUrl, username, password, topic: tenant.topic(name) };
  const listener = await mqtt.connectAsync(platform.mqttUrl, await tenant.credential());
  await listener.subscribeAsync(target.topic, { qos: 1 });
  const published = new Promise<Buffer>((resolve) =>
    listener.once('message', (_, payload) => resolve(payload)),
  );
  const child = spawn(program, options, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const said = once(child.stdout!, 'data');
  child.stdin!.end(snippets(target, 'sh').find((snippet) => snippet.name === name)!.code);
  try {
    expect(JSON.parse((await published).toString())).toEqual({ temperature: expect.any(Number) });
    expect(String(await said)).toMatch(/Success|Accepted|Connected/);
  } finally {
    child.kill();
    await ended;
    await listener.endAsync();
  }
});
