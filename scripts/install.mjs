/**
 * Installs what is missing, so that one command is enough in a fresh clone.
 * Plain JavaScript for any Node ≥ 20 with nothing installed.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** The Node 24 that npm installs; what we were started with may be older. */
export const node = join(root, 'node_modules/node/bin/node');

/** For child processes: programs that npm installed, Node 24 among them, come first. */
export const environment = {
  ...process.env,
  PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
};

/** Installs the locked packages unless exactly those are there. */
export async function install() {
  if (!isInstalled()) {
    say('Installing packages; the first time this takes about a minute …');
    // Warnings are about engines of tools that will run on Node 24 anyway.
    const code = await npm(['ci', '--include=dev', '--loglevel=error'], { tick: true });
    if (code !== 0) fail('npm ci failed: see above.');
  }
  if (!existsSync(node)) await installNode();
}

/** Compares what npm says it installed with what the lock asks for. */
function isInstalled() {
  const locked = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  if (!installed) return false;
  const isRight = ([path, { version, optional }]) =>
    path === '' || (installed[path] ? installed[path].version === version : optional === true);
  return Object.entries(locked).every(isRight) && Object.keys(installed).every((path) => path in locked);
}

function packagesOf(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined;
}

/** npm may have been told to refuse install scripts; the package `node` gets its binary by one. */
async function installNode() {
  say('Installing Node 24 …');
  const code = await run(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: join(root, 'node_modules/node'),
    tick: true,
  });
  if (code !== 0 || !existsSync(node)) fail('Node 24 could not be installed: see above.');
  const link = join(root, 'node_modules/.bin/node');
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  if (!existsSync(link)) symlinkSync('../node/bin/node', link);
}

/** Runs npm in the project; resolves with its exit code. */
export function npm(args, options) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js')
    ? run(process.execPath, [script, ...args], options)
    : run('npm', args, options);
}

/**
 * Runs a program in the project with our output; resolves with its exit code.
 * `tick` says every ten seconds that it is still at it, where no progress bar does.
 */
export function run(command, args, { cwd = root, tick = false } = {}) {
  const started = Date.now();
  const child = spawn(command, args, { cwd, env: environment, stdio: 'inherit' });
  const timer =
    tick && !process.stderr.isTTY
      ? setInterval(() => say(`  … ${Math.round((Date.now() - started) / 1000)} s`), 10_000)
      : undefined;
  return new Promise((done) => {
    const end = (code) => {
      clearInterval(timer);
      done(code);
    };
    child.once('error', (error) => {
      say(`${command}: ${error.message}`);
      end(127);
    });
    child.once('exit', (code, signal) => end(signal ? 1 : code));
  });
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

export function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
