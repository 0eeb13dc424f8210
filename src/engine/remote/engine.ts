import type { Duplex } from 'node:stream';
import { connectPublisher } from '../../mqtt/publisher.ts';
import type { Service } from '../../service/lifecycle.ts';
import type { Logger } from '../../service/log.ts';
import type { EndedBy, Engine, EngineStatus, PlatformMessage } from '../engine.ts';
import { readEngineUrl, type Whereabouts } from './endpoint.ts';
import { Nodes } from './nodes.ts';

/** A session is forgotten within this, or its purge fails. */
const PURGE_MS = 5000;

export interface RemoteEngineOptions {
  name: 'mosquitto' | 'remote';
  /** At least one; several are one cluster. A function, where it is found out where it is, and may change. */
  nodes: readonly Whereabouts[];
  /** The platform's own account at the engine: it publishes and subscribes to everything there. */
  username?: string | undefined;
  password?: string | undefined;
  log: Logger;
}

/**
 * A broker in another process, or the nodes of a cluster, by its URL. Only gateways may reach it: it believes them who a
 * client is, by user name and without a password, and lets `org_{organization}` have `org_{organization}/devices/#` and
 * nothing else.
 * @throws StartupError when the URL is none
 */
export function remoteEngine({ url, log }: { url: string; log: Logger }): Engine & Service {
  return new RemoteEngine({ name: 'remote', ...readEngineUrl(url), log });
}

/** Connections of the gateway's go to the engine as they are; the platform's own go beside them. */
export class RemoteEngine implements Engine, Service {
  readonly name: 'mosquitto' | 'remote';
  readonly #options: RemoteEngineOptions;
  readonly #nodes: Nodes;

  constructor(options: RemoteEngineOptions) {
    const { name, nodes, username, password, log } = options;
    this.name = name;
    this.#options = options;
    this.#nodes = new Nodes(nodes.map((endpoint) => ({ endpoint, username, password, log })));
  }

  async start(): Promise<void> {
    await this.#nodes.start();
  }

  async stop(): Promise<void> {
    await this.#nodes.stop();
  }

  get protocolLevel(): 4 | 5 | undefined {
    return this.#nodes.protocolLevel;
  }

  get maximumQoS(): 1 | 2 {
    return this.#nodes.maximumQoS;
  }

  connect(): Duplex {
    return this.#nodes.connect();
  }

  /** Who is subscribed is known there alone. */
  wants(_topic: string): boolean {
    return true;
  }

  reaches(_topic: string): undefined {
    return undefined;
  }

  publish(message: PlatformMessage): Promise<boolean> {
    return this.#nodes.first.platform.publish(message);
  }

  /** Takes the client id over with a clean session, and leaves. @throws MqttFailure */
  async purge(clientId: string): Promise<void> {
    const { username, password } = this.#options;
    const signal = AbortSignal.timeout(PURGE_MS);
    const { dialer } = this.#nodes.next();
    const successor = await connectPublisher(
      {
        open: (aborted) => dialer.dialed(aborted),
        protocolVersion: 4,
        clientId,
        username,
        password,
        keepAliveSeconds: 0,
      },
      signal,
    );
    await successor.close(0);
  }

  whyEnded(connection: Duplex, isStopping: boolean): Promise<EndedBy> {
    return this.#nodes.whyEnded(connection, isStopping);
  }

  status(): EngineStatus {
    const { version, ...status } = this.#nodes.status();
    return { version: version.replace(/^mosquitto version /, ''), ...status };
  }
}
