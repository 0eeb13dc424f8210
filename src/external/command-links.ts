import type { LookupFunction } from 'node:net';
import type { BrokerSettings } from '../contract/broker-settings.ts';
import { connectPublisher, type Publisher } from '../mqtt/publisher.ts';
import { MqttFailure } from '../mqtt/reasons.ts';
import type { Logger } from '../service/log.ts';
import { CommandLink } from './command-link.ts';
import type { KnownIntegration } from './directory.ts';
import { protocolVersionOf, targetOf } from './integration-broker.ts';
import { openTransport } from './transport.ts';

/** Connections at a time, of all integrations and of one organization's: one with many brokers keeps nobody out. */
const MOST_CONNECTIONS = 100;
const MOST_OF_ORGANIZATION = 20;
/** Links without a connection are remembered for what they last met with; beyond this the oldest are forgotten. */
const MOST_LINKS = 2000;
const IDLE_MS = 5000;
/** So short that a broker that went silent is found out before a command is given up. */
const KEEP_ALIVE_SECONDS = 8;

export interface CommandLinksOptions {
  /** The guard's. */
  lookup: LookupFunction;
  log: Logger;
  /** So long a connection is kept for what may follow; default 5 s. */
  idleMs?: number;
}

/** The connections for commands to customers' brokers where none is held: one for an integration at a time. */
export class CommandLinks {
  readonly #options: CommandLinksOptions;
  readonly #links = new Map<string, CommandLink>();

  constructor(options: CommandLinksOptions) {
    this.#options = options;
  }

  /** An integration whose settings have changed gets another one. */
  linkOf({ stored }: KnownIntegration, settings: BrokerSettings): CommandLink {
    const { id, organizationId } = stored;
    const known = this.#links.get(id);
    if (known?.isFor(settings)) return known;
    known?.retire();
    this.#links.delete(id);
    if (this.#links.size >= MOST_LINKS) this.#forgetOne();
    const link = new CommandLink({
      organizationId,
      settings,
      idleMs: this.#options.idleMs ?? IDLE_MS,
      connect: (signal) => this.#connect(id, settings, signal),
      makeRoom: () => this.#makeRoom(organizationId),
    });
    this.#links.set(id, link);
    return link;
  }

  /** Resolves when all are closed. */
  async stop(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.stop()));
  }

  async #connect(id: string, settings: BrokerSettings, signal: AbortSignal): Promise<Publisher> {
    const { lookup, log } = this.#options;
    // Ours in front, or what the customer has allowed there; behind it what makes several processes several clients.
    const name = settings.client_id ?? `netneural-${id.slice(0, 8)}`;
    const options = {
      open: (until: AbortSignal) => openTransport(targetOf(settings), { lookup, signal: until }),
      protocolVersion: protocolVersionOf(settings),
      clientId: `${name}-commands-${crypto.randomUUID().slice(0, 8)}`,
      username: settings.username,
      password: settings.password,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
    };
    try {
      return await connectPublisher(options, signal);
    } catch (error) {
      log.info({ integration: id, error: String(error) }, 'no connection for commands');
      throw error;
    }
  }

  /** Closes one that nobody uses where there are too many. @throws MqttFailure */
  #makeRoom(organizationId: string): void {
    const occupied = [...this.#links.values()].filter((link) => link.isOccupied);
    const own = occupied.filter((link) => link.organizationId === organizationId);
    const isFull = occupied.length >= MOST_CONNECTIONS;
    if (!isFull && own.length < MOST_OF_ORGANIZATION) return;
    const idle = (own.length < MOST_OF_ORGANIZATION ? occupied : own).find((link) => link.isIdle);
    if (!idle) throw new MqttFailure('congested');
    void idle.close();
  }

  #forgetOne(): void {
    for (const [id, link] of this.#links) {
      if (link.isOccupied) continue;
      this.#links.delete(id);
      return;
    }
  }
}
