import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root, say } from './install.mjs';

/** Builds the dashboard if what it is built from has changed since; resolves with the exit code. */
export async function buildDashboard() {
  const stamp = join(root, 'dist/web-sources.sha256');
  const sources = digest(['web', 'src/contract', 'src/domain', 'package-lock.json']);
  const isBuilt = existsSync(join(root, 'dist/web/index.html'));
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return 0;
  say('Building the dashboard …');
  const code = await npm(['run', '--silent', 'build']);
  if (code !== 0) return code;
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, sources);
  return 0;
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
