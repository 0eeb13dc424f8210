import { createServer, type NetConnectOpts, type Socket, connect as to } from 'node:net';

/** A network of our own between a client and a server, which can be taken away. */
export interface Relay {
  /** Of 127.0.0.1. */
  port: number;
  /** Breaks every connection and refuses new ones, as a server that went away does. */
  sever(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function startRelay(server: NetConnectOpts): Promise<Relay> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const relay = createServer((client) => {
    const upstream = keep(to(server));
    keep(client);
    client.pipe(upstream).pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      relay.listen(port, '127.0.0.1', () => resolve((relay.address() as { port: number }).port));
    });
  const port = await listen(0);
  const sever = async () => {
    const closed = new Promise((resolve) => relay.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port,
    sever,
    restore: async () => void (await listen(port)),
    close: async () => {
      if (relay.listening) await sever();
    },
  };
}
