/** `npm start`: installs what is missing, builds the dashboard if it changed, and runs the platform on Node 24. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, install, node, npm, root, say } from './install.mjs';

await install();
await buildDashboard();
runPlatform(process.argv.slice(2));

/** What the dashboard is built from, and where the digest of its last build is kept. */
async function buildDashboard() {
  const stamp = join(root, 'dist/web-sources.sha256');
  const sources = digest(['web', 'src/contract', 'src/domain', 'package-lock.json']);
  const isBuilt = existsSync(join(root, 'dist/web/index.html'));
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  say('Building the dashboard …');
  const code = await npm(['run', '--silent', 'build']);
  if (code !== 0) fail('The dashboard could not be built: see above.');
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, sources);
}

function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesBelow).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(path) {
  if (path.endsWith('.json')) return [path];
  return readdirSync(join(root, path), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
}

/**
 * The platform stops when its channel to us closes, so it stops as well when we are killed. Ctrl-C at a
 * terminal reaches it directly; the first signal that reaches us alone closes the channel, another one is
 * passed on.
 */
function runPlatform(args) {
  const child = spawn(node, [join(root, 'src/main/main.ts'), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => (child.connected ? child.disconnect() : child.kill(signal)));
  }
  child.once('error', (error) => fail(`Node 24 does not run here: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
