import { spawnSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';

/** The system account that a program of ours runs under; undefined means our own. */
export type Account = { name: string; uid: number; gid: number } | undefined;

/**
 * Root doesn't lend its rights to what it starts: that runs as whoever owns its data already, else as the first of
 * `candidates` that there is.
 * @param data the directory that holds the data, which may not exist yet
 * @returns `nobody-there` when we are root and none of the candidates is
 */
export async function chooseAccount(
  data: string,
  candidates: readonly string[],
): Promise<Account | 'nobody-there'> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(data).catch(() => undefined);
  if (owner && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const accounts = parsePasswd(await readFile('/etc/passwd', 'utf8'));
  const name = candidates.find((candidate) => accounts.has(candidate));
  return name === undefined ? 'nobody-there' : accounts.get(name);
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

/** Options of `spawn`: under that account, in a directory that it may enter. */
export function spawnedBy(account: Account) {
  return { ...(account && { uid: account.uid, gid: account.gid }), cwd: '/' };
}

/**
 * Asks the kernel, as that account, whether every path is within its reach.
 * @param test `-x` to enter or run, `-r` to read: test(1)
 */
export function canReach(account: Account, test: '-x' | '-r', path: string): boolean {
  const check = spawnSync('/bin/sh', ['-c', `test ${test} "$0"`, path], {
    ...spawnedBy(account),
    stdio: 'ignore',
  });
  return check.status === 0;
}
