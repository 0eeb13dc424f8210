import { once } from 'node:events';
import { mkdir, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { StartupError } from '../startup-error.ts';

/** How long the removal of a stale socket may take; its guard is older only if its holder was killed. */
const GUARD_MS = 5_000;
/** Long enough to outlast such a guard. */
const PATIENCE_MS = 10_000;

/**
 * Holds a directory for this process by listening on a Unix socket: unlike a file with a pid in it,
 * nobody listens on it any more once the process is gone, however it went.
 * @param path of the socket, under 100 characters
 * @param directory what is held, for the message
 * @returns what releases it
 * @throws StartupError when another process holds it
 */
export async function lockDirectory(path: string, directory: string): Promise<() => Promise<void>> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const server = await listen(path);
    if (server) return () => release(server);
    await refuseIfHeld(path, directory);
    await removeStale(path, directory);
  }
  throw inUse(directory, 'that is starting');
}

/**
 * Takes a dead process's socket away. One at a time, and looking again first: whoever starts at the
 * same moment may have replaced it by a live one.
 */
async function removeStale(path: string, directory: string): Promise<void> {
  const guard = `${path}.stale`;
  try {
    await mkdir(guard);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const since = await stat(guard).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.NaN,
    );
    if (Date.now() - since > GUARD_MS) await rm(guard, { recursive: true, force: true });
    else await delay(20);
    return;
  }
  try {
    // Where nothing is, somebody may be about to listen.
    if ((await refuseIfHeld(path, directory)) === 'stale') await rm(path, { force: true });
  } finally {
    await rm(guard, { recursive: true, force: true });
  }
}

/** @returns undefined when the path is taken, by a living process or a dead one */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(`${process.pid}`);
  });
  try {
    server.listen(path);
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  server.unref();
  return server;
}

/** @returns whether a dead process has left a socket there, or nothing is there */
async function refuseIfHeld(path: string, directory: string): Promise<'stale' | 'absent'> {
  const socket = connect(path);
  let holder = '';
  try {
    await once(socket, 'connect');
    for await (const chunk of socket.setTimeout(1000, () => socket.destroy())) holder += chunk;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED') return 'stale';
    if (code === 'ENOENT') return 'absent';
    if (code === 'EACCES') {
      throw new StartupError(
        `the data directory ${directory} was last used by another user: remove ${path} if nobody uses it now, or set DATA_DIR`,
      );
    }
    // Listening but too busy to answer: held all the same.
  } finally {
    socket.destroy();
  }
  throw inUse(directory, holder && `(pid ${holder})`);
}

function inUse(directory: string, who: string): StartupError {
  const process = ['another process', who].filter(Boolean).join(' ');
  return new StartupError(`the data directory ${directory} is in use by ${process}: stop it or set DATA_DIR`);
}

async function release(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}
