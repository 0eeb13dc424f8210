import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from '../../src/service/within.ts';
import { freePort } from './mosquitto.ts';

interface Ports {
  client: number;
  route: number;
  mqtt: number;
}

/** One server of the cluster. */
export class NatsNode {
  readonly port: number;
  readonly #configuration: string;
  readonly #leader = Promise.withResolvers<void>();
  #process: ChildProcess | undefined;

  constructor(configuration: string, port: number) {
    this.#configuration = configuration;
    this.port = port;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when it hears of a leader of the cluster for the first time; before that nobody is let in. */
  get leader(): Promise<void> {
    return this.#leader.promise;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const PATH = [process.env.PATH, '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'].join(delimiter);
    const server = spawn('nats-server', ['-c', this.#configuration], {
      env: { PATH },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = server;
    const log: string[] = [];
    await new Promise<void>((resolve, reject) => {
      createInterface(server.stderr).on('line', (line) => {
        log.push(line);
        if (line.includes('new metadata leader')) this.#leader.resolve();
        if (line.includes('Server is ready')) resolve();
      });
      server.once('error', reject);
      server.once('exit', () => reject(new Error(`nats-server ended: ${log.slice(-9).join('\n')}`)));
    });
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const server = this.#process;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }
}

export interface NatsCluster {
  /** For ENGINE. */
  url: string;
  nodes: readonly NatsNode[];
  /** For good. */
  stop(): Promise<void>;
}

/** Three NATS servers with JetStream on free ports of 127.0.0.1, with the settings of docs/engines.md. */
export async function startNatsCluster(): Promise<NatsCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-nats-'));
  const ports: Ports[] = [];
  while (ports.length < 3)
    ports.push({ client: await freePort(), route: await freePort(), mqtt: await freePort() });
  const nodes = await Promise.all(
    ports.map(async ({ mqtt }, index) => {
      const file = join(directory, `${index}.conf`);
      await writeFile(file, configuration(directory, ports, index));
      return new NatsNode(file, mqtt);
    }),
  );
  await Promise.all(nodes.map((node) => node.start()));
  await within(15_000, Promise.race(nodes.map(({ leader }) => leader)));
  return {
    url: `mqtt://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    async stop() {
      await Promise.all(nodes.map((node) => node.end('SIGKILL')));
      await rm(directory, { recursive: true });
    },
  };
}

function configuration(directory: string, ports: readonly Ports[], index: number): string {
  const { client, route, mqtt } = ports[index]!;
  const others = ports.filter((_, other) => other !== index);
  const routes = others.map((other) => `"nats://127.0.0.1:${other.route}"`);
  return `
server_name: "node-${index}"
listen: "127.0.0.1:${client}"
jetstream { store_dir: "${directory}/${index}" }
cluster { name: "engine", listen: "127.0.0.1:${route}", routes: [${routes}] }
mqtt { listen: "127.0.0.1:${mqtt}", stream_replicas: 3, ack_wait: "3s" }
`;
}
