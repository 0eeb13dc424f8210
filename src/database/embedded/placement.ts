import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../service/log.ts';
import { type Account, canReach, chooseAccount } from '../../service/program/account.ts';
import { homeOf, SHARED_ROOT } from '../../service/program/home.ts';
import { StartupError } from '../../service/startup-error.ts';
import type { Binaries } from './binaries.ts';

/** Where one embedded PostgreSQL lives and as whom. */
export interface Placement {
  account: Account;
  /** Holds `data/`, `log/` and, where its path is short enough, `run/`. A real path, owned by the account. */
  home: string;
  binaries: string;
}

/**
 * Decides where data and binaries are, and makes both reachable for the account.
 * @throws StartupError when there is no account that it may run under, or one that can't get there
 */
export async function place(directory: string, binaries: Binaries, log: Logger): Promise<Placement> {
  const link = join(directory, 'postgres');
  const account = await chooseAccount(link, ['postgres', 'nobody']);
  if (account === 'nobody-there') {
    throw new StartupError(
      'PostgreSQL refuses to run as root and there is no user "postgres" or "nobody": start as another user or set DATABASE_URL',
    );
  }
  const home = await homeOf('database', link, account, log);
  return { account, home, binaries: await reachableBinaries(account, binaries, log) };
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
