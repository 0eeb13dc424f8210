import type { Client } from 'aedes';
import type { Connection } from './connection.ts';

/** The connections that there are, found by Aedes' client and, once they have said it, by client id. */
export class Connections {
  readonly #byClient = new Map<Client, Connection>();
  readonly #byClientId = new Map<string, Set<Connection>>();

  /** Client ids that have a connection. */
  get clients(): number {
    return this.#byClientId.size;
  }

  get(client: Client): Connection | undefined {
    return this.#byClient.get(client);
  }

  /** More than one for the moment in which one takes over from another. */
  of(clientId: string): Connection[] {
    return [...(this.#byClientId.get(clientId) ?? [])];
  }

  add(connection: Connection): void {
    this.#byClient.set(connection.client, connection);
  }

  /** A client has said who it is. */
  identify(client: Client, userName: string): void {
    const connection = this.#byClient.get(client);
    if (!connection) return;
    connection.userName = userName;
    const { id } = client;
    const known = this.#byClientId.get(id);
    if (known) known.add(connection);
    else this.#byClientId.set(id, new Set([connection]));
  }

  remove(connection: Connection): void {
    const { client } = connection;
    this.#byClient.delete(client);
    const others = this.#byClientId.get(client.id);
    if (!others) return;
    others.delete(connection);
    if (others.size === 0) this.#byClientId.delete(client.id);
  }

  [Symbol.iterator](): Iterator<Connection> {
    return [...this.#byClient.values()][Symbol.iterator]();
  }
}
