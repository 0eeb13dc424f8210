import type { Duplex } from 'node:stream';
import { connectPublisher } from '../../mqtt/publisher.ts';
import type { Service } from '../../service/lifecycle.ts';
import type { Logger } from '../../service/log.ts';
import { within } from '../../service/within.ts';
import type { Engine, EngineStatus, PlatformMessage } from '../engine.ts';
import { Dialer } from './dialer.ts';
import { type Endpoint, nameOf, readEngineUrl } from './endpoint.ts';
import { PlatformClient } from './platform-client.ts';

/** A session is forgotten within this, or its purge fails. */
const PURGE_MS = 5000;
/** How long a stop waits for the engine to close what has said DISCONNECT. */
const GOODBYE_MS = 2000;

export interface RemoteEngineOptions {
  name: 'mosquitto' | 'remote';
  /** Where it is; a function, where that is found out and may change. */
  endpoint: Endpoint | (() => Endpoint | undefined);
  /** The platform's own account at the engine: it publishes and subscribes to everything there. */
  username?: string | undefined;
  password?: string | undefined;
  log: Logger;
}

/**
 * A broker in another process, by its URL. Only gateways may reach it: it believes them who a client is, by user name and
 * without a password, and lets `org_{organization}` have `org_{organization}/devices/#` and nothing else.
 * @throws StartupError when the URL is none
 */
export function remoteEngine({ url, log }: { url: string; log: Logger }): Engine & Service {
  return new RemoteEngine({ name: 'remote', ...readEngineUrl(url), log });
}

/** Connections of the gateway's go to the engine as they are; the platform's own goes beside them. */
export class RemoteEngine implements Engine, Service {
  readonly name: 'mosquitto' | 'remote';
  readonly #options: RemoteEngineOptions;
  readonly #platform: PlatformClient;
  readonly #dialer: Dialer;
  readonly #open = new Set<Duplex>();

  constructor(options: RemoteEngineOptions) {
    const { name, endpoint, username, password, log } = options;
    this.name = name;
    this.#options = options;
    this.#dialer = new Dialer(endpoint);
    this.#platform = new PlatformClient({ dialer: this.#dialer, username, password, log });
  }

  /** Whether or not the engine is there: one that starts later, or comes back, is found. */
  async start(): Promise<void> {
    await this.#platform.start();
  }

  /** Waits for what has said DISCONNECT: an engine that is stopped before it has read that publishes wills. */
  async stop(): Promise<void> {
    const closed = [...this.#open].map(
      (stream) => new Promise<void>((resolve) => stream.once('close', () => resolve())),
    );
    await within(GOODBYE_MS, Promise.all(closed)).catch(() => {});
    for (const stream of this.#open) stream.destroy();
    await this.#platform.stop();
  }

  get protocolLevel(): 4 | 5 | undefined {
    return this.#platform.protocolLevel;
  }

  connect(): Duplex {
    const stream = this.#dialer.dial();
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    return stream;
  }

  /** Who is subscribed is known there alone. */
  wants(_topic: string): boolean {
    return true;
  }

  reaches(_topic: string): undefined {
    return undefined;
  }

  publish(message: PlatformMessage): Promise<boolean> {
    return this.#platform.publish(message);
  }

  /** Takes the client id over with a clean session, and leaves. @throws MqttFailure */
  async purge(clientId: string): Promise<void> {
    const { username, password } = this.#options;
    const signal = AbortSignal.timeout(PURGE_MS);
    const successor = await connectPublisher(
      {
        open: (aborted) => this.#dialer.dialed(aborted),
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

  answers(): Promise<boolean> {
    return this.#platform.answers();
  }

  status(): EngineStatus {
    const { isConnected, report, problem } = this.#platform;
    const { version, ...figures } = report.figures;
    return {
      healthy: isConnected,
      version: version.replace(/^mosquitto version /, ''),
      ...figures,
      ...(!isConnected && { detail: this.trouble(problem) }),
    };
  }

  /** Why it is away, in words. */
  protected trouble(problem = 'it has not answered yet'): string {
    return `The engine at ${nameOf(this.#dialer.endpoint)} is away (${problem}).`;
  }
}
