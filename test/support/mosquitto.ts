import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { hashPassword } from '../../src/service/password.ts';
import { eventually } from './eventually.ts';

export interface MosquittoOptions {
  /** Further lines of its configuration; `listener` begins another listener. */
  settings?: string[];
  /** Password by user name; without any, anybody may connect. */
  passwords?: Record<string, string>;
  /** Sessions, queues and retained messages survive `end` and `restart`, and `kill` as they were at the last `save`. */
  persistent?: boolean;
}

export interface TestMosquitto {
  url: string;
  port: number;
  /** Of its own, removed by `stop`; readable and writable to its user. */
  directory: string;
  /** What it has logged, over all its starts. */
  readonly log: readonly string[];
  /** Starts again on the same port; ended by SIGTERM if it runs. */
  restart(): Promise<void>;
  /** SIGTERM, until `restart`. */
  end(): Promise<void>;
  /** SIGKILL, until `restart`. */
  kill(): Promise<void>;
  /**
   * Has it write all it knows to disk (`persistent`). It has done so when it next answers anybody. Its
   * `autosave_on_changes` is no way to the same: it takes no notice of messages on their way to a client.
   */
  save(): Promise<void>;
  /** For good. */
  stop(): Promise<void>;
}

/** A real Mosquitto of a test's own, on a free port of 127.0.0.1. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<TestMosquitto> {
  const { settings = [], passwords, persistent = false } = options;
  const directory = await mkdtemp(join(tmpdir(), 'netneural-mosquitto-'));
  // As root it becomes a user of its own, who must be able to read and write here.
  await chmod(directory, 0o777);
  const configuration = join(directory, 'mosquitto.conf');
  const port = await freePort();
  const lines = [
    `listener ${port} 127.0.0.1`,
    `allow_anonymous ${passwords === undefined}`,
    'log_dest stderr',
    ...(passwords ? [`password_file ${await passwordFile(directory, passwords)}`] : []),
    ...(persistent ? ['persistence true', `persistence_location ${directory}/`] : []),
    ...settings,
  ];
  await writeFile(configuration, `${lines.join('\n')}\n`);

  const log: string[] = [];
  let broker = await run(configuration, log);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    directory,
    log,
    async restart() {
      await end(broker, 'SIGTERM');
      broker = await run(configuration, log);
    },
    end: () => end(broker, 'SIGTERM'),
    kill: () => end(broker, 'SIGKILL'),
    async save() {
      const saves = () => log.filter((line) => line.includes('Saving in-memory database')).length;
      const before = saves();
      broker.kill('SIGUSR1');
      await eventually(() => {
        if (saves() === before) throw new Error('mosquitto does not save');
      });
    },
    async stop() {
      await end(broker, 'SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function passwordFile(directory: string, passwords: Record<string, string>): Promise<string> {
  const lines = Object.entries(passwords).map(
    async ([username, password]) => `${username}:${await hashPassword(password)}\n`,
  );
  const file = join(directory, 'passwords');
  await writeFile(file, (await Promise.all(lines)).join(''));
  return file;
}

/** Resolves when it listens. */
async function run(configuration: string, log: string[]): Promise<ChildProcess> {
  const PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'].join(delimiter);
  const broker = spawn('mosquitto', ['-c', configuration], {
    env: { PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const before = log.length;
  const running = new Promise<void>((resolve, reject) => {
    createInterface(broker.stderr!).on('line', (line) => {
      log.push(line);
      if (/mosquitto version \S+ running/.test(line)) resolve();
    });
    broker.once('error', reject);
    broker.once('exit', () => reject(new Error(`mosquitto ended: ${log.slice(before).join('\n')}`)));
  });
  await running;
  return broker;
}

async function end(broker: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const ended = once(broker, 'exit');
  broker.kill(signal);
  // 2.0.11 says that it runs before it listens to SIGTERM.
  const again = setInterval(() => broker.kill(signal), 100);
  await ended;
  clearInterval(again);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
