import { createHash } from 'node:crypto';
import { chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from '../startup-error.ts';
import type { Account } from './account.ts';

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS. */
const MAX_SOCKET_PATH = 100;

/**
 * A directory that only its owner may enter, for a socket of that name: `preferred` where the socket's
 * path fits a socket address, else one in the system's temporary directory that follows from it.
 * @throws StartupError when somebody else made it first
 */
export async function socketDirectory(preferred: string, socket: string, account: Account): Promise<string> {
  const fits = Buffer.byteLength(join(preferred, socket)) < MAX_SOCKET_PATH;
  const digest = createHash('sha256').update(preferred).digest('hex').slice(0, 16);
  const directory = fits ? preferred : join(tmpdir(), `netneural-${digest}`);
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(directory);
  const self = process.getuid?.();
  // Root may be starting what another user started before; in the temporary directory that is a stranger.
  const isOurs = found.uid === self || found.uid === account?.uid || (self === 0 && fits);
  if (!found.isDirectory() || !isOurs || (found.mode & 0o077) !== 0) {
    throw new StartupError(`${directory} is not a private directory of ours: remove it or set DATA_DIR`);
  }
  if (account) await chown(directory, account.uid, account.gid);
  return directory;
}
