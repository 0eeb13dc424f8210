import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StartupError } from '../../service/startup-error.ts';

/** Debian and Homebrew put it where only root's PATH leads. */
const BESIDE_PATH = '/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin';
/** The first that listens on Unix sockets and lets anybody in there by `allow_anonymous`. */
const OLDEST = 2;

/**
 * Where Mosquitto is.
 * @param beside directories to look in after those of PATH
 * @throws StartupError when it is not installed, or too old
 */
export async function findMosquitto(beside = BESIDE_PATH): Promise<string> {
  // The shell knows PATH; which of the environment is ours to read stands elsewhere.
  const found = await run('/bin/sh', ['-c', `PATH="$PATH:$0"; command -v mosquitto`, beside]);
  const path = found.trim();
  if (!path) {
    throw new StartupError(
      'ENGINE=mosquitto: there is no mosquitto here: install it (Debian: apt install mosquitto) or set ENGINE=embedded',
    );
  }
  const version = /mosquitto version (\S+)/.exec(await run(path, ['-h']))?.[1];
  if (Number.parseInt(version ?? '', 10) < OLDEST)
    throw new StartupError(`ENGINE=mosquitto: ${path} is version ${version}, expected ${OLDEST} or newer`);
  return path;
}

/** @returns what it prints, however it ends */
async function run(program: string, options: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, options).catch((error) => error);
  return stdout ?? '';
}
