import { connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import type { TestDatabase } from './database.ts';

export interface SeverableDatabase {
  pool: pg.Pool;
  /** Breaks every connection and refuses new ones, as a server that went away does. */
  sever(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** A database whose network can be taken away: a pool through a relay of our own to the real server. */
export async function severable({ connection }: TestDatabase): Promise<SeverableDatabase> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const relay = createServer((client) => {
    const server = keep(connect(`${connection.host}/.s.PGSQL.${connection.port ?? 5432}`));
    keep(client);
    client.pipe(server).pipe(client);
    client.once('close', () => server.destroy());
    server.once('close', () => client.destroy());
  });
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      relay.listen(port, '127.0.0.1', () => resolve((relay.address() as { port: number }).port));
    });
  const port = await listen(0);
  const pool = new pg.Pool({ ...connection, host: '127.0.0.1', port });
  pool.on('error', () => {});
  const sever = async () => {
    const closed = new Promise((resolve) => relay.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    pool,
    sever,
    restore: async () => void (await listen(port)),
    async close() {
      await pool.end();
      if (relay.listening) await sever();
    },
  };
}
