/** The programs that the system tests drive, and how to get them. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment, fail, npm, root, run, say } from './install.mjs';

/** Each with the names it goes by, its Debian package and its Homebrew formula; `proof` ends well if it is whole. */
const programs = [
  { names: ['mosquitto'], debian: 'mosquitto', brew: 'mosquitto' },
  { names: ['mosquitto_pub'], debian: 'mosquitto-clients', brew: 'mosquitto' },
  { names: ['chromium', 'chromium-browser', 'google-chrome'], debian: 'chromium', brew: '--cask chromium' },
  { names: ['curl'], debian: 'curl', brew: 'curl' },
  { names: ['openssl'], debian: 'openssl', brew: 'openssl' },
  { names: ['ps'], debian: 'procps', brew: '' },
  { names: ['python3'], debian: 'python3-venv', brew: 'python', proof: ['-c', 'import ensurepip, venv'] },
];

/** Where Debian and macOS keep what an ordinary user's PATH leaves out. */
const elsewhere = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin'];

export async function installTestPrograms() {
  await installNpmPrograms();
  await installSystemPrograms();
  await installPythonPackages();
}

/** On Debian as root installs what is missing; elsewhere says by name what to install, and ends. */
async function installSystemPrograms() {
  const missing = programs.filter(isMissing);
  if (missing.length === 0) return;
  const packages = missing.map((program) => program.debian);
  const names = missing.map((program) => program.names[0]).join(', ');
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    const brew = [...new Set(missing.map((program) => program.brew))].filter(Boolean);
    fail(
      [
        `The tests need programs that are not here: ${names}. Install them and run npm test again:`,
        `  Debian, Ubuntu:  sudo apt-get install ${packages.join(' ')}`,
        ...brew.map((formula) => `  macOS:           brew install ${formula}`),
      ].join('\n'),
    );
  }
  say(`Installing what the tests need: ${packages.join(', ')} …`);
  await aptInstall(packages);
  const stillMissing = missing.filter(isMissing).map((program) => program.names[0]);
  if (stillMissing.length > 0)
    fail(`apt-get did not bring: ${stillMissing.join(', ')}. Install them by hand.`);
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

/** What devices written in Python need, in a Python of the tests' own. */
async function installPythonPackages() {
  const directory = join(root, 'test/programs');
  const requirements = join(directory, 'requirements.txt');
  const python = join(directory, 'python');
  const installed = join(python, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
  say(`Installing ${wanted.trim()}, for the tests alone …`);
  const code =
    (await run('python3', ['-m', 'venv', '--clear', python], { tick: true })) ||
    (await run(join(python, 'bin/pip'), ['install', '--quiet', '-r', requirements], { tick: true }));
  if (code !== 0) fail('The Python for the tests could not be made: see above.');
  writeFileSync(installed, wanted);
}

async function aptInstall(packages) {
  Object.assign(environment, { DEBIAN_FRONTEND: 'noninteractive' });
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  await run('apt-get', [...quiet, 'update'], { tick: true });
  await run('apt-get', [...quiet, 'install', '-y', '--no-install-recommends', ...packages], { tick: true });
  // Debian starts a broker on port 1883 once it is installed; the tests start their own.
  if (packages.includes('mosquitto')) await run('service', ['mosquitto', 'stop']);
}

function isMissing({ names, proof }) {
  const directories = [...(process.env.PATH ?? '').split(delimiter), ...elsewhere];
  const isThere = names.some((name) => directories.some((directory) => isExecutable(join(directory, name))));
  return !isThere || (proof !== undefined && spawnSync(names[0], proof).status !== 0);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
