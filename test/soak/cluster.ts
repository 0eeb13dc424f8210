import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestHaproxy } from '../support/haproxy.ts';
import { startLoadBalancer } from './load-balancer.ts';
import { type Exit, freePorts, main, owner, type Place, type Run, run } from './standalone.ts';

export interface ClusterOptions {
  databaseUrl: string;
  gateways: number;
  /** Beyond what makes them one platform; with an ENGINE elsewhere there is none of their own. */
  settings?: Record<string, string>;
}

/** A process with a role, which keeps its ports over restarts. */
export class RoleProcess {
  readonly role: string;
  readonly httpUrl: string;
  readonly mqttPort: number;
  readonly #settings: Record<string, string>;
  #run: Run | undefined;

  constructor(
    role: string,
    ports: { http: number; mqtt: number; ws: number },
    settings: Record<string, string>,
  ) {
    this.role = role;
    this.httpUrl = `http://127.0.0.1:${ports.http}`;
    this.mqttPort = ports.mqtt;
    this.#settings = {
      ...settings,
      HTTP_PORT: String(ports.http),
      MQTT_PORT: String(ports.mqtt),
      MQTT_WS_PORT: String(ports.ws),
    };
  }

  /** Resolves when it says that it is ready. */
  async start(): Promise<void> {
    this.#run = run({ settings: this.#settings }, [process.execPath, main, this.role]);
    await this.#run.ready;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  get pid(): number {
    return this.#run!.pid;
  }

  /** Everything that its last run has printed. */
  get output(): string {
    return this.#run?.output() ?? '';
  }

  stop(): Promise<Exit | undefined> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<Exit | undefined> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<Exit | undefined> {
    const running = this.#run;
    this.#run = undefined;
    running?.child.kill(signal);
    return running?.exited;
  }
}

/** The platform as processes of their own: an engine, a worker, an API, and gateways behind HAProxy. */
export class Cluster {
  readonly engine: RoleProcess | undefined;
  readonly worker: RoleProcess;
  readonly api: RoleProcess;
  readonly gateways: readonly RoleProcess[];
  /** Its URL is the API's, its port that of HAProxy. */
  readonly place: Place;
  readonly #dataDir: string;
  #loadBalancer: TestHaproxy | undefined;

  static async start(options: ClusterOptions): Promise<Cluster> {
    const dataDir = await realpath(await mkdtemp(join(tmpdir(), 'netneural-roles-')));
    // Else Mosquitto's account could not enter.
    await chmod(dataDir, 0o755);
    const ports = await freePorts(2 + 3 * (options.gateways + 3));
    const cluster = new Cluster(options, dataDir, ports);
    try {
      cluster.#loadBalancer = await startLoadBalancer({
        port: cluster.place.mqttPort,
        servers: cluster.gateways.map(({ mqttPort, httpUrl }) => ({
          port: mqttPort,
          healthPort: Number(new URL(httpUrl).port),
        })),
      });
      // All at once, as an orchestrator would.
      await Promise.all(cluster.processes.map((each) => each.start()));
      await Promise.all(cluster.gateways.map((each) => isReady(each)));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  private constructor(options: ClusterOptions, dataDir: string, ports: number[]) {
    const { databaseUrl, gateways, settings } = options;
    const [balanced, listen] = ports.splice(0, 2);
    const shared = {
      DATABASE_URL: databaseUrl,
      DATA_DIR: dataDir,
      ENGINE: 'mosquitto',
      ENGINE_LISTEN: `127.0.0.1:${listen}`,
      SECRET_KEY: 'a secret key of more than thirty-two characters',
      ADMIN_EMAIL: owner.email,
      ADMIN_PASSWORD: owner.password,
      LOG_LEVEL: 'info',
      ...settings,
    };
    const process = (role: string) => {
      const [http, mqtt, ws] = ports.splice(0, 3);
      return new RoleProcess(role, { http: http!, mqtt: mqtt!, ws: ws! }, shared);
    };
    this.engine = settings?.ENGINE ? undefined : process('engine');
    this.worker = process('worker');
    this.api = process('api');
    this.gateways = Array.from({ length: gateways }, () => process('gateway'));
    this.#dataDir = dataDir;
    this.place = {
      dataDir,
      mqttPort: balanced!,
      url: this.api.httpUrl,
      settings: shared,
      remove: () => this.close(),
    };
  }

  get processes(): RoleProcess[] {
    return [...(this.engine ? [this.engine] : []), this.worker, this.api, ...this.gateways];
  }

  async close(): Promise<void> {
    // The engine last, so that goodbyes get there.
    const others = this.processes.filter((each) => each !== this.engine);
    await Promise.all(others.map((each) => each.stop()));
    await this.engine?.stop();
    await this.#loadBalancer?.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}

/** Resolves when it says that all that it needs is there. */
export async function isReady({ httpUrl, role }: RoleProcess): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const response = await fetch(`${httpUrl}/ready`).catch(() => undefined);
    if (response?.ok) return;
    if (performance.now() > deadline) throw new Error(`${role} is not ready: ${await response?.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
