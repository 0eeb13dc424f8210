/** The programs that the system tests drive, and how to get them. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment, fail, npm, root, run, say } from './install.mjs';

/** Each with the names it goes by, its Debian package and what brings it on macOS; `proof` ends well if it is whole. */
const programs = [
  { names: ['mosquitto'], debian: 'mosquitto', macos: 'brew install mosquitto' },
  { names: ['mosquitto_pub'], debian: 'mosquitto-clients', macos: 'brew install mosquitto' },
  {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium',
    macos: 'brew install --cask chromium',
  },
  { names: ['nats-server'], debian: 'nats-server', macos: 'brew install nats-server' },
  { names: ['haproxy'], debian: 'haproxy', macos: 'brew install haproxy' },
  { names: ['curl'], debian: 'curl', macos: 'brew install curl' },
  { names: ['openssl'], debian: 'openssl', macos: 'brew install openssl' },
  { names: ['ps'], debian: 'procps' },
  {
    // Debian's packages are for Debian's own Python, before which another may be found.
    names: ['python3', '/usr/bin/python3'],
    title: 'python3 with paho-mqtt',
    proof: ['-c', 'import paho.mqtt.client'],
    debian: 'python3-paho-mqtt',
    macos: 'pip3 install paho-mqtt',
  },
];

/** Where Debian and macOS keep what an ordinary user's PATH leaves out. */
const elsewhere = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin'];

export async function installTestPrograms() {
  await installNpmPrograms();
  await installSystemPrograms();
}

/** On Debian as root installs what is missing; elsewhere says by name what to install, and ends. */
async function installSystemPrograms() {
  const missing = programs.filter(isMissing);
  if (missing.length === 0) return;
  const packages = missing.map((program) => program.debian);
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    const macos = [...new Set(missing.map((program) => program.macos))].filter(Boolean);
    fail(
      [
        `The tests need programs that are not here: ${titles(missing)}. Install them and run npm test again:`,
        `  Debian, Ubuntu:  sudo apt-get install ${packages.join(' ')}`,
        ...macos.map((command) => `  macOS:           ${command}`),
      ].join('\n'),
    );
  }
  say(`Installing what the tests need: ${packages.join(', ')} …`);
  await aptInstall(packages);
  const stillMissing = missing.filter(isMissing);
  if (stillMissing.length > 0) fail(`apt-get did not bring: ${titles(stillMissing)}. Install them by hand.`);
}

function titles(some) {
  return some.map(({ title, names }) => title ?? names[0]).join(', ');
}

/**
 * Deno and the Supabase CLI, which the platform has no use for. Without a lock: where a registry does not have their
 * builds for other machines, a lock that it wrote is refused as incomplete.
 */
async function installNpmPrograms() {
  const directory = join(root, 'test/programs');
  const { dependencies } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const isThere = ([name, version]) => {
    const manifest = join(directory, 'node_modules', name, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  };
  if (Object.entries(dependencies).every(isThere)) return;
  say('Installing Deno and the Supabase CLI, for the tests alone …');
  const code = await npm(['install', '--loglevel=error'], { cwd: directory, tick: true });
  if (code !== 0) fail('npm install in test/programs failed: see above.');
}

async function aptInstall(packages) {
  Object.assign(environment, { DEBIAN_FRONTEND: 'noninteractive' });
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  await run('apt-get', [...quiet, 'update'], { tick: true });
  await run('apt-get', [...quiet, 'install', '-y', '--no-install-recommends', ...packages], { tick: true });
  // Debian starts a broker once it is installed, on port 1883 or 4222; the tests start their own.
  for (const broker of ['mosquitto', 'nats-server'])
    if (packages.includes(broker)) await run('service', [broker, 'stop']);
}

function isMissing({ names, proof }) {
  if (proof) return !names.some((name) => spawnSync(name, proof).status === 0);
  const directories = [...(process.env.PATH ?? '').split(delimiter), ...elsewhere];
  return !names.some((name) => directories.some((directory) => isExecutable(join(directory, name))));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
