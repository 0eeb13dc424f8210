import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { roleNames } from '../../src/contract/processes.ts';
import { organizationUser } from '../../src/domain/hosted-topic.ts';
import { readConfig, settings } from '../../src/main/config.ts';
import { deploy, ownServices, readCompose } from '../support/compose.ts';

/** What can be said of the files for deployment without the clouds that they are for. */

const text = (name: string) => readFileSync(join(deploy, name), 'utf8');
const isRole = (word: string) => (roleNames as readonly string[]).includes(word);
const isSetting = (name: string) => name in settings.shape;

const compose = readCompose({ POSTGRES_PASSWORD: 'p', SECRET_KEY: 's'.repeat(32), DOMAIN: 'example.com' });

/** A process as a file has it: its roles, and its settings by name. */
interface Described {
  roles: string[];
  environment: Record<string, string>;
}

function inCompose(): Record<string, Described> {
  const described = ownServices(compose).map(
    ([name, { command = [], environment = {} }]) => [name, { roles: command, environment }] as const,
  );
  return Object.fromEntries(described);
}

interface TaskDefinition {
  family: string;
  containerDefinitions: {
    name: string;
    command: string[];
    environment: { name: string; value: string }[];
    secrets: { name: string }[];
    portMappings: { containerPort: number }[];
    mountPoints: { sourceVolume: string }[];
  }[];
  volumes: { name: string }[];
}
const tasks = readdirSync(join(deploy, 'aws')).map((file) => ({
  file,
  task: JSON.parse(text(`aws/${file}`)) as TaskDefinition,
}));

function onAws(): Record<string, Described> {
  const described = tasks.map(({ file, task }) => {
    const { command, environment, secrets } = task.containerDefinitions[0]!;
    const all = [...environment, ...secrets.map(({ name }) => ({ name, value: secretValues[name] ?? '' }))];
    const values = Object.fromEntries(all.map(({ name, value }) => [name, value]));
    return [file, { roles: command, environment: values }] as const;
  });
  return Object.fromEntries(described);
}

interface Fly {
  env: Record<string, string>;
  processes: Record<string, string>;
  services: { internal_port: number; processes: string[] }[];
  mounts: { destination: string }[];
  files: { guest_path: string }[];
  build: { dockerfile: string; 'build-target': string };
}
/** Node reads no TOML; Python does. */
const fly = JSON.parse(
  execFileSync(
    'python3',
    ['-c', 'import json, sys, tomllib; print(json.dumps(tomllib.load(sys.stdin.buffer)))'],
    { input: text('fly.toml'), encoding: 'utf8' },
  ),
) as Fly;

function onFly(): Record<string, Described> {
  const described = Object.entries(fly.processes).map(
    ([name, command]) =>
      [name, { roles: command.split(' '), environment: { ...fly.env, ...secretValues } }] as const,
  );
  return Object.fromEntries(described);
}

/** In the place of what is secret. */
const secretValues: Record<string, string> = {
  DATABASE_URL: 'postgresql://netneural:secret@db.example.com/netneural',
  SECRET_KEY: 's'.repeat(32),
  ADMIN_EMAIL: 'ada@example.com',
  ADMIN_PASSWORD: 'correct horse',
};

describe.each([
  ['compose.yaml', inCompose()],
  ['the task definitions for AWS', onAws()],
  ['fly.toml', onFly()],
])('%s', (_name, described) => {
  test('starts every role', () => {
    const roles = Object.values(described).flatMap((process) => process.roles);
    expect(roles.filter((role) => !isRole(role))).toEqual([]);
    expect(new Set(roles)).toEqual(new Set(roleNames));
  });

  test.each(Object.keys(described))('%s has settings that there are, with values that are taken', (name) => {
    const { environment } = described[name]!;
    expect(Object.keys(environment).filter((key) => !isSetting(key))).toEqual([]);
    // Certificates are on the machines that it is for.
    const { TLS_CERT: _cert, TLS_KEY: _key, ...others } = environment;
    expect(() => readConfig({ ...others, NODE_ENV: 'production' })).not.toThrow();
  });

  test('a gateway knows its proxy, and all have one database, one engine and one key', () => {
    const all = Object.values(described);
    const gateways = all.filter(({ roles }) => roles.includes('gateway'));
    for (const { environment } of gateways) {
      expect(environment).toMatchObject({ PROXY_PROTOCOL: 'on', TLS_CERT: '/certs/tls.crt' });
      expect(environment.TRUSTED_PROXIES).toBeTruthy();
    }
    for (const { roles, environment } of all) {
      expect(environment.DATABASE_URL).toBe(all[0]!.environment.DATABASE_URL);
      expect(environment.ENGINE).toBe('mosquitto');
      const needsKey = roles.some((role) => ['api', 'worker', 'subscriber'].includes(role));
      if (needsKey) expect(environment.SECRET_KEY).toBe('s'.repeat(32));
    }
  });
});

describe('compose.yaml', () => {
  test('names networks, volumes and files that there are', () => {
    for (const [name, { networks, volumes = [] }] of Object.entries(compose.services)) {
      const used = Array.isArray(networks) ? networks : Object.keys(networks);
      expect(
        used.filter((network) => !(network in compose.networks)),
        name,
      ).toEqual([]);
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        const isThere = source.startsWith('./')
          ? source === './certs' || existsSync(join(deploy, source))
          : source in compose.volumes;
        expect(isThere, volume).toBe(true);
      }
    }
  });

  test('lets nobody but gateways and workers reach an engine', () => {
    const there = Object.entries(compose.services)
      .filter(([, { networks }]) =>
        (Array.isArray(networks) ? networks : Object.keys(networks)).includes('engine'),
      )
      .map(([name]) => name);
    expect(there.sort()).toEqual([
      'emqx-1',
      'emqx-2',
      'emqx-3',
      'engine',
      'gateway-1',
      'gateway-2',
      'worker',
    ]);
  });

  test('insists on secrets', () => {
    expect(() => readCompose({ POSTGRES_PASSWORD: 'p' })).toThrow('SECRET_KEY: set it in .env');
  });

  test('publishes what HAProxy listens on, and HAProxy leads to what is there', () => {
    const configuration = text('haproxy.cfg');
    const bound = [...configuration.matchAll(/^ {2}bind :(\d+)/gm)].map(([, port]) => port);
    const published = compose.services.haproxy!.ports!.map((port) => port.split(':')[1]);
    expect(new Set(published)).toEqual(new Set(bound));
    const servers = [...configuration.matchAll(/^ {2}server \w+ ([\w-]+):(\d+)/gm)];
    expect(servers).toHaveLength(9);
    for (const [, host] of servers) expect(Object.keys(compose.services)).toContain(host);
  });
});

describe('the task definitions for AWS', () => {
  test.each(tasks)(
    '$file mounts what it declares, one container with the role of its name',
    ({ file, task }) => {
      const [container, ...others] = task.containerDefinitions;
      expect(others).toEqual([]);
      const role = file.replace('.json', '');
      expect(task.family).toBe(`netneural-mqtt-${role}`);
      expect(container).toMatchObject({ name: role, command: [role] });
      const mounted = container!.mountPoints.map(({ sourceVolume }) => sourceVolume);
      expect(mounted).toEqual(task.volumes.map(({ name }) => name));
    },
  );
});

describe('the Dockerfile', () => {
  const dockerfile = text('Dockerfile');

  test('copies what there is, and what .dockerignore lets through', () => {
    const root = join(deploy, '..');
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8');
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from]) =>
      from!.split(' '),
    );
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(ignored).toContain(`\n!${source}\n`);
    }
  });

  test('sets what is set by that name, runs as nobody special, and starts Node itself', () => {
    const [, environment] = /^ENV (.+)$/m.exec(dockerfile)!;
    const names = environment!.split(' ').map((pair) => pair.split('=')[0]!);
    expect(names.filter((name) => !isSetting(name))).toEqual(['NODE_ENV']);
    const users = [...dockerfile.matchAll(/^USER (\w+)$/gm)].map(([, user]) => user);
    expect(users.at(-1)).toBe('node');
    expect(dockerfile).toContain('\nENTRYPOINT ["node", "src/main/main.ts"]\n');
  });

  test('has the targets that are asked for, and Node of the version that is tested', () => {
    const targets = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, target]) => target);
    expect(targets).toContain(fly.build['build-target']);
    expect(targets).toEqual(['dashboard', 'packages', 'platform', 'engine']);
    const images = new Set([...dockerfile.matchAll(/^FROM (\S+:\S+)/gm)].map(([, image]) => image));
    expect(images).toEqual(new Set([`node:${process.versions.node.split('.')[0]}-slim`]));
  });
});

describe('EMQX', () => {
  test('knows an organization’s clients by their user name, and the platform by ENGINE’s', () => {
    const rules = text('emqx/acl.conf');
    const [, expression] = /\{re, "([^"]+)"\}/.exec(rules)!;
    const organization = '0b0fd0b4-4bd3-4ba8-9f3a-5d1a2c3e4f50';
    expect(organizationUser(organization)).toMatch(new RegExp(expression!));
    expect(`${organizationUser(organization)}x`).not.toMatch(new RegExp(expression!));
    expect(rules.trim().endsWith('{deny, all}.')).toBe(true);
    expect(text('.env.example')).toContain('# ENGINE=mqtt://platform@');
    expect(rules).toContain('{username, "platform"}');
  });

  test('takes packets as large as the gateway lets through', () => {
    const [, kilobytes] = /max_packet_size = (\d+)KB/.exec(text('emqx/emqx.conf'))!;
    // A topic and its length, and properties.
    const largest = readConfig({}).maxMessageBytes + 65_540 + 1024;
    expect(Number(kilobytes) * 1024).toBeGreaterThanOrEqual(largest);
  });

  test('is found by gateways under the names that its nodes have', () => {
    const hosts = ['emqx-1.engine', 'emqx-2.engine', 'emqx-3.engine'];
    const nodes = hosts.map((host) => `emqx@${host}`);
    const named = hosts.map((_, at) => compose.services[`emqx-${at + 1}`]!.environment!.EMQX_NODE__NAME);
    expect(named).toEqual(nodes);
    expect(text('emqx/emqx.conf')).toContain(
      `static.seeds = [${nodes.map((node) => `"${node}"`).join(', ')}]`,
    );
    expect(text('.env.example')).toContain(`@${hosts.map((host) => `${host}:1883`).join(',')}`);
  });
});
