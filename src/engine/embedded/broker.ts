import { type Duplex, duplexPair } from 'node:stream';
import {
  Aedes,
  type AedesOptions,
  type AuthenticateError,
  type Client,
  type PublishPacket,
  type Subscription,
} from 'aedes';
import { MAX_TOPIC_LEVELS } from '../../domain/topic.ts';
import type { Clock } from '../../service/clock.ts';
import type { Logger } from '../../service/log.ts';
import { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import type { Journal } from './journal.ts';
import type { EmbeddedLimits } from './limits.ts';
import { Message } from './message.ts';
import { Persistence, resumed } from './persistence.ts';
import type { RetainedMessages } from './retained.ts';
import type { Router } from './router.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { mayConnect, mayPublish, maySubscribe } from './wall.ts';

interface BrokerOptions {
  sessions: Sessions;
  router: Router;
  retained: RetainedMessages;
  journal: Journal;
  limits: EmbeddedLimits;
  clock: Clock;
  log: Logger;
}

/** Return codes of CONNACK (MQTT 3.1.1 section 3.2.2.3). */
const returnCode = { serverUnavailable: 3, notAuthorized: 5 } as const;

/**
 * Aedes speaks MQTT 3.1 and 3.1.1 with each client; what the packets do is decided here, in the hooks it offers.
 *
 * Left to itself Aedes acknowledges QoS 1 before anything is stored, drops a message that a slower one was stored
 * ahead of (its check for duplicates takes an older number for one), lets a slow subscriber hold up everybody
 * through its emitter, and has neither bounds nor order across a reconnect. So a message is taken over in
 * `authorizePublish`, before Aedes does any of that, and nothing ever reaches its emitter.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #aedes: Aedes;
  readonly #connections = new Connections();
  #isOpen = false;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#aedes = new Aedes({
      ...this.#hooks(),
      mq: noEmitter,
      persistence: new Persistence({
        sessions: options.sessions,
        journal: options.journal,
        sessionOf: (client) => this.#sessionOf(client),
      }),
      // The gateway puts 37 characters before an MQTT 3.1 client's id of up to 23.
      maxClientsIdLength: 65_535,
      maxTopicLevels: MAX_TOPIC_LEVELS,
      // Packets that a client may send behind CONNECT without waiting for the answer [MQTT-3.1.4-5].
      queueLimit: options.limits.unacknowledged,
    });
    this.#listen();
  }

  /** Client ids that are connected. */
  get clients(): number {
    return this.#connections.clients;
  }

  get version(): string {
    return (this.#aedes as Aedes & { version: string }).version;
  }

  async start(): Promise<void> {
    await this.#aedes.listen();
    this.#isOpen = true;
  }

  /** One end of a transport whose other end Aedes serves. It ends at once when the broker is closed. */
  connect(): Duplex {
    const [near, far] = duplexPair();
    // A pair is half-open by nature; the transport of a connection that has ended is of no use.
    near.once('end', () => near.destroy());
    if (!this.#isOpen) {
      far.destroy();
      return near;
    }
    const client = this.#aedes.handle(far);
    const connection = new Connection(client, this.#options.limits);
    this.#connections.add(connection);
    far.once('close', () => this.#left(connection));
    return near;
  }

  /** Ends a client's connections without its will. */
  drop(clientId: string): void {
    for (const connection of this.#connections.of(clientId)) {
      connection.isSilent = true;
      connection.close();
    }
  }

  /** Ends all connections without their wills and takes no more. */
  async close(): Promise<void> {
    this.#isOpen = false;
    for (const connection of this.#connections) connection.isSilent = true;
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    // Those that were still connecting Aedes does not know.
    for (const connection of this.#connections) connection.client.conn.destroy();
  }

  #hooks(): Partial<AedesOptions> {
    return {
      authenticate: (client, userName, _password, done) => {
        const refusal = this.#refusal(client, userName);
        if (refusal) done(refusal, null);
        else {
          this.#connections.identify(client, userName!);
          done(null, true);
        }
      },
      authorizePublish: (client, packet, done) => {
        const connection = client ? this.#connections.get(client) : undefined;
        const refusal = connection ? this.#receive(connection, packet) : new Error('nobody publishes this');
        // It is dealt with: as QoS 0 Aedes neither acknowledges nor keeps it.
        packet.qos = 0;
        packet.retain = false;
        if (refusal) done(refusal);
        else connection?.whenReady(done);
      },
      authorizeSubscribe: (client, subscription, done) => {
        // A subscription of the session that is gone on with is in force already; Aedes need not know it.
        if (subscription === resumed) done(null, null);
        else
          this.#subscribe(client, subscription).then(
            (granted) => done(null, granted ? subscription : null),
            done,
          );
      },
    };
  }

  #listen(): void {
    const { log, sessions, retained } = this.#options;
    const aedes = this.#aedes;
    // Aedes closes the connection it has in its list, from which one that died while connecting takes another out.
    aedes.on('client', (client) => {
      for (const connection of this.#connections.of(client.id)) {
        if (connection.client !== client) connection.close();
      }
    });
    aedes.on('connackSent', ({ returnCode }, client) => {
      if (returnCode === 0 && !client.closed) this.#joined(client);
    });
    aedes.on('subscribe', (subscriptions, client) => {
      const session = this.#sessionOf(client);
      for (const { topic, qos } of subscriptions) {
        // 128 is a refusal; Aedes writes it into the subscription (MQTT 3.1.1 section 3.9.3).
        if (Number(qos) <= 2) session?.outbox.replay(topic, qos, retained.match(topic));
      }
    });
    // Persistent ones are gone already, from disk too, before UNSUBACK.
    aedes.on('unsubscribe', (filters, client) => {
      const session = this.#sessionOf(client);
      if (!session || session.isPersistent) return;
      for (const filter of filters) sessions.unsubscribe(session, filter);
    });
    aedes.on('clientError', (client, error) =>
      log.debug({ clientId: client.id, error }, 'engine closed a connection'),
    );
    aedes.on('connectionError', (_client, error) => log.debug({ error }, 'engine refused a connection'));
    (aedes as NodeJS.EventEmitter).on('error', (error) => log.error({ error }, 'Aedes failed'));
  }

  /** Whether a client may have a session. @returns why not, as CONNACK says it */
  #refusal(client: Client, userName: string | undefined): AuthenticateError | undefined {
    const { sessions, log } = this.#options;
    const { id: clientId, clean } = client;
    if (userName === undefined || !mayConnect(userName, clientId)) {
      return refused(returnCode.notAuthorized, 'client id or user name is not one of the platform');
    }
    if (sessions.hasRoomFor({ clientId, userName, clean })) return undefined;
    const limit = 'sessionsPerOrganization';
    log.warn({ clientId, limit }, 'no room for one more persistent session of this organization');
    return refused(returnCode.serverUnavailable, 'too many persistent sessions');
  }

  /** CONNACK is out: from here on the session's messages may follow it. */
  #joined(client: Client): void {
    const connection = this.#connections.get(client);
    if (!connection) return;
    const { sessions, log } = this.#options;
    const { id: clientId, clean } = client;
    const session = sessions.open({ clientId, userName: connection.userName, clean });
    if (session.dropped > 0) {
      log.warn(
        { clientId, dropped: session.dropped },
        'a client has returned to a session that had no room for all',
      );
    }
    connection.session = session;
    session.attach(connection);
  }

  #left(connection: Connection): void {
    this.#connections.remove(connection);
    const { session } = connection;
    if (session?.detach(connection, this.#options.clock.now())) this.#options.sessions.leave(session);
  }

  #sessionOf(client: Client): Session | undefined {
    return this.#connections.get(client)?.session;
  }

  /**
   * A PUBLISH, or the will of a client whose connection has ended without DISCONNECT.
   * @returns why it is refused
   */
  #receive(connection: Connection, packet: PublishPacket): Error | undefined {
    const isWill = packet.cmd !== 'publish';
    if (isWill && connection.isSilent) return new Error('this will is not to be published');
    const { topic, qos, retain, messageId = 0 } = packet;
    if (!mayPublish(connection.userName, topic)) {
      this.#breach(connection.client, topic, 'PUBLISH');
      return new Error('topic is not granted');
    }
    if (!isWill && qos > 0 && messageId === 0) return new Error('packet id 0 [MQTT-2.3.1-1]');
    const { router } = this.#options;
    const message = new Message({ topic, qos, retain, payload: packet.payload as Buffer });
    if (isWill || qos === 0) router.route(message);
    else if (qos === 1) connection.acknowledge('puback', messageId, router.route(message));
    else return this.#receiveOnce(connection, message, messageId);
    return undefined;
  }

  /** QoS 2: routed when its packet id is new, and both on disk together before PUBREC [MQTT-4.3.3-2]. */
  #receiveOnce(connection: Connection, message: Message, packetId: number): Error | undefined {
    const { session } = connection;
    const { sessions, router, journal, limits } = this.#options;
    if (!session) return new Error('not connected');
    if (!session.incoming.has(packetId)) {
      if (session.incoming.size >= limits.unacknowledged) {
        return new Error('too many QoS 2 messages that the client has not released');
      }
      sessions.remember(session, packetId);
      router.route(message);
    }
    connection.acknowledge('pubrec', packetId, journal.pending());
    return undefined;
  }

  /** @returns false for a subscription that SUBACK refuses; else it is in force, and on disk where it must be */
  async #subscribe(client: Client, { topic, qos }: Subscription): Promise<boolean> {
    const connection = this.#connections.get(client);
    const session = connection?.session;
    if (!session) return false;
    if (!maySubscribe(connection.userName, topic)) {
      this.#breach(client, topic, 'SUBSCRIBE');
      return false;
    }
    if (!this.#options.sessions.subscribe(session, topic, qos)) return false;
    if (session.isPersistent) await this.#options.journal.pending()?.promise;
    return true;
  }

  #breach(client: Client, topic: string, packet: string): void {
    this.#options.log.error(
      { clientId: client.id, topic, packet },
      'the gateway let a forbidden packet through',
    );
  }
}

function refused(returnCode: 3 | 5, reason: string): AuthenticateError {
  return Object.assign(new Error(reason), { returnCode });
}

/**
 * Aedes routes through an emitter; our router has done that already. Its `$SYS` messages go nowhere.
 * Answering at once would have Aedes read the next chunk from within the one before, and overflow the stack.
 */
const noEmitter = {
  on: (_topic: string, _listener: unknown, done?: () => void) => done?.(),
  removeListener: (_topic: string, _listener: unknown, done?: () => void) => done?.(),
  emit: (_packet: unknown, done: () => void) => queueMicrotask(done),
  close: (done: () => void) => done(),
};
