import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where Debian keeps it, beside an ordinary user's PATH. */
const environment = {
  ...process.env,
  PATH: [process.env.PATH, '/usr/sbin', '/usr/local/sbin'].join(delimiter),
};

export interface TestHaproxy {
  stop(): Promise<void>;
}

/**
 * A real HAProxy.
 * @param configuration of which `port` of `host` is one that it listens on
 */
export async function startHaproxy(
  configuration: string,
  port: number,
  host = '127.0.0.1',
): Promise<TestHaproxy> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-haproxy-'));
  const path = join(directory, 'haproxy.cfg');
  await writeFile(path, configuration);
  const haproxy = spawn('haproxy', ['-db', '-f', path], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  haproxy.stderr.on('data', (chunk) => (said += chunk));
  const ended = once(haproxy, 'exit');
  await Promise.race([
    isListening(port, host),
    ended.then(() => Promise.reject(new Error(`haproxy ended:\n${said}`))),
  ]);
  return {
    async stop() {
      haproxy.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

async function isListening(port: number, host: string): Promise<void> {
  const socket = connect({ port, host });
  try {
    await once(socket, 'connect');
  } catch {
    await delay(20);
    return isListening(port, host);
  } finally {
    socket.destroy();
  }
}
