import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { StartupError } from '../../service/startup-error.ts';

/**
 * Holds a directory for this process by listening on a Unix socket: unlike a file with a pid in it,
 * nobody listens on it any more once the process is gone, however it went.
 * @param path of the socket, under 100 characters
 * @param directory what is held, for the message
 * @returns what releases it
 * @throws StartupError when another process holds it
 */
export async function lockDirectory(path: string, directory: string): Promise<() => Promise<void>> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const server = await listen(path);
    if (server) return () => release(server);
    await refuseIfHeld(path, directory);
    // Whoever starts at the same moment may have replaced the stale socket by a live one since: what
    // was taken away is looked at again, and put back.
    const aside = `${path}.${process.pid}`;
    await rename(path, aside).catch(ignoreMissing);
    await refuseIfHeld(aside, directory).catch(async (error) => {
      await rename(aside, path);
      throw error;
    });
    await rm(aside, { force: true });
  }
  throw inUse(directory, 'that is starting');
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

async function refuseIfHeld(path: string, directory: string): Promise<void> {
  const socket = connect(path);
  let holder = '';
  try {
    await once(socket, 'connect');
    for await (const chunk of socket.setTimeout(1000, () => socket.destroy())) holder += chunk;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return;
    // Listening but too busy to answer, or somebody else's: held all the same.
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

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
