import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, lstat, mkdir, readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../service/log.ts';
import { StartupError } from '../../service/startup-error.ts';
import { type Account, canReach, chooseAccount } from './account.ts';
import type { Binaries } from './binaries.ts';

/** Where one embedded PostgreSQL lives and as whom. */
export interface Placement {
  account: Account;
  /** Holds `data/`, `log/` and, where its path is short enough, `run/`. A real path, owned by the account. */
  home: string;
  binaries: string;
}

/** What root starts lives here when the account that PostgreSQL runs under can't reach the data directory. */
const SHARED_ROOT = '/var/lib/netneural-mqtt';

/**
 * Decides where data and binaries are, and makes both reachable for the account: `<directory>/postgres`
 * is a plain directory, or below a directory that only root may enter a symlink to one that is not.
 * Deleting `directory` starts afresh either way.
 */
export async function place(directory: string, binaries: Binaries, log: Logger): Promise<Placement> {
  const link = join(directory, 'postgres');
  const account = await chooseAccount(link);
  const exists = await lstat(link).then(
    () => true,
    () => false,
  );
  if (!exists) {
    if (canReach(account, '-x', directory)) await mkdir(link, { mode: 0o700 });
    else await placeElsewhere(link, log);
  }
  const home = await realpath(link).catch((cause) => {
    throw new StartupError(`${link} points nowhere: put its target back, or delete it to start afresh`, {
      cause,
    });
  });
  if (account) await chown(home, account.uid, account.gid);
  if (!canReach(account, '-x', home)) {
    throw new StartupError(
      `the database in ${home} is out of reach for ${account?.name ?? 'this user'}; set DATA_DIR`,
    );
  }
  return { account, home, binaries: await reachableBinaries(account, binaries, log) };
}

async function placeElsewhere(link: string, log: Logger): Promise<void> {
  await mkdir(SHARED_ROOT, { recursive: true, mode: 0o755 });
  const elsewhere = join(SHARED_ROOT, randomBytes(8).toString('hex'));
  await mkdir(elsewhere, { mode: 0o700 });
  await symlink(elsewhere, link);
  log.info({ path: elsewhere }, 'only root may enter the data directory, so the database is kept elsewhere');
}

/** The package's own directory where the account can run it, else one copy per version, made once. */
async function reachableBinaries(account: Account, binaries: Binaries, log: Logger): Promise<string> {
  const { directory, version } = binaries;
  const reachable =
    canReach(account, '-x', join(directory, 'bin/postgres')) &&
    canReach(account, '-r', join(directory, 'share/postgresql/postgres.bki'));
  if (reachable) return directory;
  const copy = join(SHARED_ROOT, `postgresql-${version}`);
  if (canReach(account, '-x', join(copy, 'bin/postgres'))) return copy;
  await mkdir(SHARED_ROOT, { recursive: true, mode: 0o755 });
  const unfinished = `${copy}.${randomBytes(4).toString('hex')}`;
  await cp(directory, unfinished, { recursive: true, verbatimSymlinks: true });
  await letEveryoneRead(unfinished);
  await rename(unfinished, copy).catch(async (error) => {
    // Another process may have finished its copy first.
    await rm(unfinished, { recursive: true, force: true });
    if (!canReach(account, '-x', join(copy, 'bin/postgres'))) throw error;
  });
  log.info({ path: copy }, 'only root may reach the PostgreSQL that npm installed, so it was copied');
  return copy;
}

/** npm run under a strict umask leaves files that only root may read. */
async function letEveryoneRead(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await letEveryoneRead(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}
