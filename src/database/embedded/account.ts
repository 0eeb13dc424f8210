import { spawnSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { StartupError } from '../../service/startup-error.ts';

/** The system account that PostgreSQL runs under; undefined means our own. */
export type Account = { name: string; uid: number; gid: number } | undefined;

/**
 * PostgreSQL refuses to run as root. Started by root, it runs as whoever owns the data already, else as
 * `postgres`, else as `nobody`.
 * @param data the directory that holds the data, which may not exist yet
 */
export async function chooseAccount(data: string): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(data).catch(() => undefined);
  if (owner && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const accounts = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  const account = accounts.get('postgres') ?? accounts.get('nobody');
  if (!account) {
    throw new StartupError(
      'PostgreSQL refuses to run as root and there is no user "postgres" or "nobody": start as another user or set DATABASE_URL',
    );
  }
  return account;
}

/** Reads `name:password:uid:gid:…` lines, passwd(5). */
export function parsePasswd(text: string): Map<string, NonNullable<Account>> {
  const accounts = new Map<string, NonNullable<Account>>();
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name && uid && gid) accounts.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  return accounts;
}

/**
 * Asks the kernel, as that account, whether every path is within its reach.
 * @param test `-x` to enter or run, `-r` to read: test(1)
 */
export function canReach(account: Account, test: '-x' | '-r', path: string): boolean {
  const check = spawnSync('/bin/sh', ['-c', `test ${test} "$0"`, path], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: '/',
    stdio: 'ignore',
  });
  return check.status === 0;
}
