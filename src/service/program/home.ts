import { randomBytes } from 'node:crypto';
import { chown, lstat, mkdir, realpath, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '../log.ts';
import { StartupError } from '../startup-error.ts';
import { type Account, canReach } from './account.ts';

/** What root starts lives here when the account that it runs under can't reach the data directory. */
export const SHARED_ROOT = '/var/lib/netneural-mqtt';

/**
 * The directory that a program of ours has for its own, made if missing and owned by its account: `link` is a plain
 * directory, or below a directory that only root may enter a symlink to one that is not. Deleting the directory of
 * `link` starts afresh either way.
 * @param what lives there, in a word for people
 * @returns its real path
 * @throws StartupError when the account can't get there
 */
export async function homeOf(what: string, link: string, account: Account, log: Logger): Promise<string> {
  const exists = await lstat(link).then(
    () => true,
    () => false,
  );
  if (!exists) {
    if (canReach(account, '-x', dirname(link))) await mkdir(link, { mode: 0o700 });
    else await placeElsewhere(what, link, log);
  }
  const home = await realpath(link).catch((cause) => {
    throw new StartupError(`${link} points nowhere: put its target back, or delete it to start afresh`, {
      cause,
    });
  });
  if (account) await chown(home, account.uid, account.gid);
  if (!canReach(account, '-x', home)) {
    throw new StartupError(
      `the ${what} in ${home} is out of reach for ${account?.name ?? 'this user'}; set DATA_DIR`,
    );
  }
  return home;
}

async function placeElsewhere(what: string, link: string, log: Logger): Promise<void> {
  await mkdir(SHARED_ROOT, { recursive: true, mode: 0o755 });
  const elsewhere = join(SHARED_ROOT, randomBytes(8).toString('hex'));
  await mkdir(elsewhere, { mode: 0o700 });
  await symlink(elsewhere, link);
  log.info({ path: elsewhere }, `only root may enter the data directory, so the ${what} is kept elsewhere`);
}
