import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TestMosquitto {
  url: string;
  port: number;
  /** SIGTERM, then starts again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A real Mosquitto of a test's own, on a free port of 127.0.0.1.
 * @param settings further lines of its configuration; anybody may connect unless they say otherwise
 */
export async function startMosquitto(settings: string[] = []): Promise<TestMosquitto> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-mosquitto-'));
  // As root it becomes a user of its own, who must be able to read this.
  await chmod(directory, 0o755);
  const configuration = join(directory, 'mosquitto.conf');
  const port = await freePort();
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'log_dest stderr', ...settings];
  await writeFile(configuration, `${lines.join('\n')}\n`);

  let broker = await run(configuration);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    async restart() {
      await end(broker);
      broker = await run(configuration);
    },
    async stop() {
      await end(broker);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Resolves when it listens. */
async function run(configuration: string): Promise<ChildProcess> {
  const PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'].join(delimiter);
  const broker = spawn('mosquitto', ['-c', configuration], {
    env: { PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  const running = new Promise<void>((resolve, reject) => {
    createInterface(broker.stderr!).on('line', (line) => {
      said.push(line);
      if (/mosquitto version \S+ running/.test(line)) resolve();
    });
    broker.once('error', reject);
    broker.once('exit', () => reject(new Error(`mosquitto ended: ${said.join('\n')}`)));
  });
  await running;
  return broker;
}

async function end(broker: ChildProcess): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const ended = once(broker, 'exit');
  broker.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
