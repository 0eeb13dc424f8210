import type { Duplex } from 'node:stream';
import type { Logger } from '../../service/log.ts';
import { Dialer } from './dialer.ts';
import { nameOf, type Whereabouts } from './endpoint.ts';
import { PlatformClient } from './platform-client.ts';

export interface NodeOptions {
  endpoint: Whereabouts;
  username: string | undefined;
  password: string | undefined;
  log: Logger;
}

/**
 * One broker of the engine's: clients' connections to it, and the platform's own, by whose fate it is known whether it is
 * there.
 */
export class EngineNode {
  readonly dialer: Dialer;
  readonly platform: PlatformClient;
  readonly #open = new Set<Duplex>();

  constructor({ endpoint, ...options }: NodeOptions) {
    this.dialer = new Dialer(endpoint);
    this.platform = new PlatformClient({
      dialer: this.dialer,
      ...options,
      // A machine that went without a word would be waited for by TCP for a quarter of an hour.
      onSilent: () => this.cut(),
    });
  }

  get name(): string {
    return nameOf(this.dialer.endpoint);
  }

  get isThere(): boolean {
    return this.platform.isConnected;
  }

  /** Clients' connections that stand. */
  get open(): ReadonlySet<Duplex> {
    return this.#open;
  }

  connect(): Duplex {
    const stream = this.dialer.dial();
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    return stream;
  }

  /** Ends all of them. */
  cut(): void {
    for (const stream of this.#open) stream.destroy();
  }

  /** Why it is away, in words. */
  get trouble(): string {
    return this.platform.problem ?? 'it has not answered yet';
  }
}
