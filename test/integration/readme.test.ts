import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start } from '../../bench/processes.ts';
import { defaultLimits as engineLimits } from '../../src/engine/embedded/limits.ts';
import { defaultLimits as gatewayLimits } from '../../src/gateway/context.ts';
import { settings } from '../../src/main/config.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';

/** What the README and the pages behind it say is tried: commands run, settings compared, links followed. */

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const readme = read('README.md');
const pages = ['README.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];

/** Commands of the shell blocks, those over several lines as one. */
const commands = [...readme.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(([, block]) =>
  block!
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean),
);

describe('the commands', () => {
  let platform: TestPlatform;
  let values: Record<string, string>;

  beforeAll(async () => {
    platform = await testPlatform();
    const { organizationId } = platform;
    const { username, password } = await platform.credential();
    const made = await platform.api('POST', `/api/v1/organizations/${organizationId}/api-keys`, {
      name: 'readme',
      role: 'member',
    });
    const { key } = (await made.json()) as { key: string };
    const posted = await platform.api('POST', `/api/v1/organizations/${organizationId}/integrations`, {
      name: 'readme',
      mode: 'webhook',
      expected_topics: ['devices/{device}/telemetry'],
    });
    const { token, webhook_url: url } = (await posted.json()) as { token: string; webhook_url: string };
    values = {
      username,
      password,
      'organization id': organizationId,
      'api key': key,
      token,
      'webhook url': url,
    };
  });
  afterAll(() => platform?.close());

  /** The command that begins so, with what a reader fills in, run by a shell. */
  async function shell(beginning: string, change = (command: string) => command): Promise<string> {
    const written = commands.find((command) => command.startsWith(beginning));
    const filled = written!.replace(/<([a-z ]+)>/g, (_, name: string) => values[name]!);
    const { port } = new URL(platform.mqttUrl);
    const here = change(filled).replace('localhost -p 1883', `127.0.0.1 -p ${port}`);
    const { stdout } = await run('sh', ['-c', here.replace('http://localhost:8080', platform.url)], {
      cwd: root,
      env: { ...process.env, MQTT_URL: platform.mqttUrl },
    });
    return stdout;
  }

  test('are all tried here, or are what runs this', () => {
    expect(commands.map((command) => command.replace(/^(npm run \S+|\S+).*/, '$1')).toSorted()).toEqual([
      'curl',
      'curl',
      'curl',
      'mosquitto_pub',
      'npm',
      'npm',
      'npm',
      'npm run bench',
      'npm run bench',
      'npm run bench',
      'npm run bench',
      'npm run bench',
      'npm run bench',
      'npm run bench',
      'npm run bench',
      'npm run bench',
      'npm run check',
      'npm run simulate',
    ]);
    expect(commands.filter((command) => /^npm (?!run)/.test(command))).toEqual([
      'npm start',
      'npm test',
      'npm start -- --demo',
    ]);
  });

  test('of npm are scripts', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap((path) => [...read(path).matchAll(/(?:^|`)npm (?:run )?([\w:]+)/gm)]);
    expect(named.length).toBeGreaterThan(commands.length);
    // One of npm's own.
    const known = new Set([...Object.keys(scripts), 'ci']);
    expect(named.map(([, name]) => name!).filter((name) => !known.has(name))).toEqual([]);
  });

  test('bring a first message in, and out of the API', async () => {
    await shell('mosquitto_pub');
    expect(
      JSON.parse(await shell('curl -H', (command) => command.replace('curl', 'curl --silent --fail'))),
    ).toMatchObject({
      items: [{ external_device_id: 'thermometer-1', latest: { temperature: { value: 21.5 } } }],
    });
  });

  test('ask something of a device', async () => {
    const { organizationId } = platform;
    const devices = await platform.api('GET', `/api/v1/organizations/${organizationId}/devices`);
    const { items } = (await devices.json()) as { items: { id: string; external_device_id: string }[] };
    const { id } = items.find((device) => device.external_device_id === 'thermometer-1')!;
    values['device id'] = id;
    const { username, password } = values;
    const topic = `org_${organizationId}/devices/thermometer-1`;
    const device = await connectAsync(platform.mqttUrl, { username, password, protocolVersion: 4 });
    device.on('message', (_, payload) => {
      const { id, params } = JSON.parse(payload.toString());
      const answer = { id, status: 'succeeded', result: { interval: params.seconds } };
      device.publish(`${topic}/responses`, JSON.stringify(answer), { qos: 1 });
    });
    await device.subscribeAsync(`${topic}/commands`, { qos: 1 });
    const said = await shell(`curl -X POST -H 'Authorization: Bearer <api key>'`, (command) =>
      command.replace('curl', 'curl --silent --fail'),
    );
    expect(JSON.parse(said)).toMatchObject({ state: 'succeeded', result: { interval: 30 } });
    await device.endAsync();
  });

  test('post a message from a broker of one’s own', async () => {
    const said = await shell(`curl -X POST -H 'Authorization: Bearer <token>'`, (command) =>
      command.replace('curl', 'curl --silent --fail'),
    );
    expect(said).toBe('{"receipts":[{"outcome":"stored"}]}');
  });

  test('simulate a fleet', async () => {
    const said = await shell('npm run simulate', (command) =>
      command.replace('--duration 60', '--duration 2'),
    );
    expect(said).toMatch(/^Sent (\d+) messages in .* s; \1 were acknowledged\.$/m);
  });

  test('show the platform with a fleet that plays by itself', async () => {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'netneural-readme-')));
    // Else PostgreSQL's account could not enter, and the database would be placed elsewhere.
    await chmod(directory, 0o755);
    const ports = { HTTP_PORT: '0', MQTT_PORT: '0', MQTT_WS_PORT: '0' };
    const demo = start('src/main/main.ts', { DATA_DIR: directory, LOG_LEVEL: 'warn', ...ports }, ['--demo']);
    try {
      const [, url, email, password] = await demo.printed(
        /Sign in at (\S+) as (\S+) with the password (\S+)/,
      );
      const response = await fetch(`${url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      });
      expect(response.status).toBe(200);
      expect(demo.output()).toContain('24 simulated devices');
      const headers = { cookie: response.headers.getSetCookie().join('; ') };
      const ask = async (path: string) => (await fetch(`${url}/api/v1/${path}`, { headers })).json();
      const { organizations } = (await ask('me')) as { organizations: { id: string }[] };
      const tagged = await ask(`organizations/${organizations[0]!.id}/devices?tag=cold%20chain`);
      expect(tagged).toMatchObject({ items: Array(5).fill({ device_type_id: expect.any(String) }) });
    } finally {
      await demo.stop();
      await rm(directory, { recursive: true });
    }
  });

  test.skipIf(process.platform !== 'linux')('measure', { timeout: 240_000 }, async () => {
    const said = await shell('npm run bench -- ingest', (command) => `${command} --short`);
    expect(said).toMatch(/^platform, stored, acknowledged +[\d,]+\/s/m);
    const fleet = await shell('npm run bench -- fleet', (command) => `${command} --short`);
    expect(fleet).toMatch(
      /^20,000 devices +[\d,]+\/s stored and acknowledged; CPU per message [\d.]+ µs in Node/m,
    );
  });

  test.skipIf(process.platform !== 'linux')('measure engines', { timeout: 240_000 }, async () => {
    const passed = await shell('npm run bench -- gateway', (command) => `${command} --short`);
    expect(passed).toMatch(/^gateway → Mosquitto, stored and acknowledged:\n {2}one process +[\d,]+\/s/m);
    const connected = await shell('npm run bench -- connections', (command) => `${command} --short`);
    expect(connected.match(/: 1000 of 1000 in after .*, 0 refused/g)).toHaveLength(2);
    expect(connected.match(/: 0 of \d+ messages lost/g)).toHaveLength(2);
  });

  test.skipIf(process.platform !== 'linux')('measure history', { timeout: 60_000 }, async () => {
    const asked = await shell('npm run bench -- history', (command) => `${command} --short`);
    expect(asked).toMatch(/^1 year of one device, auto +p95 [\d.]+ ms, then [\d.]+ ms/m);
  });

  test.skipIf(process.platform !== 'linux')('measure alerts', { timeout: 60_000 }, async () => {
    const asked = await shell('npm run bench -- alerts', (command) => `${command} --short`);
    expect(asked).toMatch(/^with rules and roll-ups [\d.]+ of the rate without/m);
  });

  test.skipIf(process.platform !== 'linux')('measure customers’ brokers', { timeout: 240_000 }, async () => {
    const posted = await shell('npm run bench -- webhook', (command) => `${command} --short`);
    expect(posted).toMatch(/^the same, committed before it is answered +[\d,]+\/s/m);
    const taken = await shell('npm run bench -- subscriber', (command) => `${command} --short`);
    expect(taken).toMatch(/^MQTT 5: .*committed [\d,]+\/s/m);
    const sent = await shell('npm run bench -- commands', (command) => `${command} --short`);
    expect(sent).toMatch(/^round 1: 500\/s .*: (\d+) of \1 succeeded, 0 sent twice/m);
  });
});

describe('the settings', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\| (.*) \|$/gm)].map(
    ([, name, fallback = '', meaning]) => ({ name: name!, fallback, meaning: meaning! }),
  );

  test('are those that are read, with their defaults', () => {
    const fallbacks = Object.entries(settings.shape).map(([name, setting]) => {
      const parsed = setting.safeParse(undefined);
      return [name, String(parsed.data ?? '')];
    });
    expect(Object.fromEntries(rows.map(({ name, fallback }) => [name, fallback]))).toEqual(
      Object.fromEntries(fallbacks),
    );
  });

  test('said to be without effect are', () => {
    const idle = rows.filter(({ meaning }) => meaning.includes('without effect yet'));
    const product = filesBelow('src')
      .filter((path) => !/config(\.test)?\.ts$/.test(path))
      .map(read);
    const used = idle.filter(({ name }) => {
      const field = name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      return product.some((text) => new RegExp(`\\b${field}\\b`).test(text));
    });
    expect(used).toEqual([]);
  });
});

test('the limits are the code’s', () => {
  const said = readme.replace(/\s+/g, ' ');
  const figure = (value: number) => value.toLocaleString('en');
  for (const limit of [
    `${figure(gatewayLimits.connections)} connections for the process`,
    `${figure(engineLimits.sessionsPerOrganization)} kept sessions`,
    `${figure(engineLimits.retainedPerOrganization)} retained messages`,
    `${engineLimits.organizationBytes / 1024 / 1024} MiB queued`,
    `${figure(engineLimits.sessionMessages)} messages queued for a session`,
  ]) {
    expect(said).toContain(limit);
  }
});

describe('what the pages point at', () => {
  test('is there: links and images', () => {
    const broken = pages.flatMap((page) => linksOf(page).filter((link) => !resolves(page, link)));
    expect(broken).toEqual([]);
  });

  test('is all there is: every page is found from the README', () => {
    const found = new Set(['README.md']);
    for (const page of found) {
      for (const link of linksOf(page)) {
        if (link.startsWith('#')) continue;
        const path = join(dirname(page), link.split('#')[0]!);
        const isFolder = existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();
        for (const next of isFolder ? filesBelow(path) : [path]) if (pages.includes(next)) found.add(next);
      }
    }
    expect([...found].toSorted()).toEqual(pages.toSorted());
  });

  test('is there: files and folders of the source', () => {
    const all = ['src', 'test', 'web/src', 'supabase', 'bench', 'scripts'].flatMap(filesBelow);
    all.push('openapi.json', 'package.json');
    const isThere = (name: string) =>
      all.includes(name) || all.some((path) => path.endsWith(`/${name}`)) || existsSync(join(root, name));
    const missing = pages.flatMap((page) => {
      const files = [...read(page).matchAll(/`([\w./-]+\.(?:tsx?|mjs|sql|json))`/g)];
      const folders = [...read(page).matchAll(/`((?:src|test|web|supabase|bench|docs|scripts)\/[\w/-]+)`/g)];
      return [...files, ...folders].map(([, name]) => name!).filter((name) => !isThere(name));
    });
    expect(missing).toEqual([]);
  });
});

/** Of this repository; as written. */
function linksOf(page: string): string[] {
  return [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function resolves(page: string, link: string): boolean {
  const [path, anchor] = link.split('#');
  const target = path ? join(dirname(page), path) : page;
  if (!existsSync(join(root, target))) return false;
  if (anchor === undefined) return true;
  const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  return headings.includes(anchor);
}

function filesBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
