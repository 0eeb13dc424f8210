import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { eventually } from './eventually.ts';

/** Where a program is, also in the directories that an ordinary user's PATH leaves out. */
export function findProgram(name: string): string {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const directory = directories.find((candidate) => existsSync(join(candidate, name)));
  if (!directory) throw new Error(`${name} is not installed`);
  return join(directory, name);
}

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
  const haproxy = spawn(findProgram('haproxy'), ['-db', '-f', path], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  haproxy.stderr.on('data', (chunk) => (said += chunk));
  const ended = once(haproxy, 'exit');
  await Promise.race([
    eventually(() => canConnect(port, host), 10_000),
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

async function canConnect(port: number, host: string): Promise<void> {
  const socket = connect({ port, host });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
