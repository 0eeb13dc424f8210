import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnedBy } from '../../service/program/account.ts';
import { StartupError } from '../../service/startup-error.ts';
import type { Binaries } from './binaries.ts';
import type { Placement } from './placement.ts';
import { configurationFile, type Settings } from './settings.ts';

export interface ClusterOptions {
  placement: Placement;
  /** What is run, whose major version the data must have. */
  version: Binaries['version'];
  socketDirectory: string;
  settings: Settings;
}

/**
 * Makes the data directory if there is none and writes its configuration. initdb works under another
 * name that becomes `data` when it is done, so what a kill leaves half-made is never taken for data.
 * @returns the data directory
 */
export async function prepareCluster(options: ClusterOptions): Promise<string> {
  const { placement, settings, socketDirectory } = options;
  const data = join(placement.home, 'data');
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (found === undefined) await createData(placement, data, settings.fsync === 'off');
  else refuseOtherVersion(found.trim(), options.version, data);

  await mkdir(join(placement.home, 'log'), { mode: 0o700 }).catch(ignoreExisting);
  await ownedBy(placement, join(placement.home, 'log'));
  await write(placement, join(data, 'postgresql.conf'), configurationFile(socketDirectory, settings));
  // Whoever may enter the socket's directory is us.
  await write(placement, join(data, 'pg_hba.conf'), 'local all all trust\n');
  return data;
}

function refuseOtherVersion(found: string, running: string, data: string): void {
  const major = running.split('.')[0];
  if (found === major) return;
  throw new StartupError(
    `${data} was made by PostgreSQL ${found}, this is ${major}: dump it with the release that made it, or set DATA_DIR`,
  );
}

async function createData(placement: Placement, data: string, isDisposable: boolean): Promise<void> {
  for (const name of await readdir(placement.home)) {
    if (!name.startsWith('data.new')) continue;
    // An initdb whose parent was killed may still be writing there.
    await rm(join(placement.home, name), { recursive: true, force: true, maxRetries: 5 });
  }
  const unfinished = `${data}.new-${randomBytes(4).toString('hex')}`;
  await initdb(placement, unfinished, isDisposable);
  await rename(unfinished, data);
}

async function initdb(placement: Placement, data: string, isDisposable: boolean): Promise<void> {
  const options = [
    ...['--pgdata', data, '--username', 'postgres', '--no-instructions'],
    ...['--auth-local', 'trust', '--auth-host', 'reject'],
    // Ordered by code point, so that indexes serve prefixes and never depend on the system's locale;
    // the built-in provider adds upper and lower case of all of Unicode.
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ...(isDisposable ? ['--no-sync'] : []),
  ];
  const child = spawn(join(placement.binaries, 'bin/initdb'), options, {
    ...asAccount(placement),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const [code] = await once(child, 'close').catch((cause) => {
    throw new StartupError(`PostgreSQL can't run here (${cause.code}); set DATABASE_URL`, { cause });
  });
  if (code !== 0) throw new StartupError(`PostgreSQL could not make its data directory: ${complaint.trim()}`);
}

/** How a program of PostgreSQL's is run: as its account, in a directory it may enter, deaf to PGDATA and its like. */
export function asAccount({ account }: Placement) {
  return { ...spawnedBy(account), env: { LC_ALL: 'C' } };
}

async function write(placement: Placement, path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await ownedBy(placement, path);
}

async function ownedBy({ account }: Placement, path: string): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
