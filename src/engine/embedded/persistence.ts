import { Readable } from 'node:stream';
import type { Client } from 'aedes';
import type { Journal } from './journal.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

interface PersistenceOptions {
  sessions: Sessions;
  journal: Journal;
  sessionOf: (client: Client) => Session | undefined;
}

interface AcknowledgementPacket {
  cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
  messageId: number;
}

/**
 * Stands for a session's subscriptions when Aedes asks for them: we have them already, but Aedes says
 * `session present` only when there are some [MQTT-3.2.2-2].
 */
export const resumed = { topic: 'session', qos: 0 } as const;

/**
 * What Aedes asks of its persistence, answered from our sessions. Routing, queues, retained messages and wills
 * never get here: they are dealt with where a message comes in, so those answers are "nothing".
 */
export class Persistence {
  readonly #options: PersistenceOptions;

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  /** Aedes insists on an async function. */
  async setup(): Promise<void> {}

  async subscriptionsByClient({ id }: { id: string }): Promise<readonly { topic: string; qos: number }[]> {
    return this.#options.sessions.stored(id) ? [resumed] : [];
  }

  /** A client wants a clean session: the one it left is forgotten before it is told so. */
  async cleanSubscriptions(client: Client): Promise<void> {
    const session = this.#options.sessions.stored(client.id);
    if (!session) return;
    this.#options.sessions.end(session);
    await this.#options.journal.pending()?.promise;
    // Going on would let a connection that has ended take over from the one that the client made since.
    if (client.closed) throw new Error('connection closed');
  }

  async removeSubscriptions(client: Client, filters: readonly string[]): Promise<void> {
    const session = this.#options.sessionOf(client);
    if (!session) return;
    for (const filter of filters) this.#options.sessions.unsubscribe(session, filter);
    await this.#options.journal.pending()?.promise;
  }

  /** PUBREL: rejecting means that the packet id is not known, and PUBCOMP goes out at once. */
  async incomingGetPacket(client: Client, { messageId }: AcknowledgementPacket): Promise<object> {
    const row = this.#options.sessionOf(client)?.incoming.get(messageId);
    if (!row) throw new Error('no such packet');
    return row;
  }

  /** Before PUBCOMP: from then on the client may use the packet id for another message, which must not be taken for this one. */
  async incomingDelPacket(client: Client, { messageId }: AcknowledgementPacket): Promise<void> {
    const session = this.#options.sessionOf(client);
    if (!session) return;
    this.#options.sessions.forget(session, messageId);
    if (session.isPersistent) await this.#options.journal.pending()?.promise;
  }

  /** PUBREC of a client with a persistent session; Aedes sends PUBREL when this resolves. */
  async outgoingUpdate(client: Client, { messageId }: AcknowledgementPacket): Promise<void> {
    await this.#options.sessionOf(client)?.outbox.received(messageId);
  }

  /** PUBACK or PUBCOMP. Need not be on disk: at worst the message is sent once more, with DUP. */
  async outgoingClearMessageId(client: Client, { cmd, messageId }: AcknowledgementPacket): Promise<void> {
    if (cmd === 'puback' || cmd === 'pubcomp')
      this.#options.sessionOf(client)?.outbox.acknowledge(messageId, cmd);
  }

  async addSubscriptions(): Promise<void> {}
  async cleanIncoming(): Promise<void> {}
  async putWill(): Promise<void> {}
  async delWill(): Promise<void> {}

  outgoingStream(): Readable {
    return Readable.from([]);
  }

  createRetainedStreamCombi(): Readable {
    return Readable.from([]);
  }

  streamWill(): Readable {
    return Readable.from([]);
  }
}
