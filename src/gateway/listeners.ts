import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { StartupError } from '../service/startup-error.ts';
import type { Transport } from './connection.ts';

/** Until a TLS handshake or a request for a WebSocket is complete. */
const HANDSHAKE_MS = 10_000;

/**
 * Keep-alives of TCP find out who vanished without a word; MQTT's own may be switched off [MQTT-3.1.2.10].
 */
const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

export interface ListenerOptions {
  host: string;
  /** 0 takes any free port. */
  mqttPort: number;
  mqttWsPort: number;
  tls: { port: number; certPath: string; keyPath: string } | undefined;
  packetBytes: number;
}

/** The ports that are really listened on. */
export interface ListeningPorts {
  mqtt: number;
  ws: number;
  mqtts: number | undefined;
}

export type OnSocket = (socket: Duplex, from: { transport: Transport; remoteAddress: string }) => void;

/** MQTT on TCP, WebSocket and, with a certificate, TLS. */
export class Listeners {
  readonly #options: ListenerOptions;
  readonly #onSocket: OnSocket;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(options: ListenerOptions, onSocket: OnSocket) {
    this.#options = options;
    this.#onSocket = onSocket;
  }

  /** @throws StartupError naming the setting, when a port can't be had */
  async open(): Promise<ListeningPorts> {
    const { mqttPort, mqttWsPort, tls } = this.#options;
    try {
      const mqtt = await this.#listen(createServer(tcp, this.#plain('tcp')), mqttPort, 'MQTT_PORT');
      const ws = await this.#listen(this.#webSocketServer(), mqttWsPort, 'MQTT_WS_PORT');
      const mqtts = tls && (await this.#listen(this.#tlsServer(tls), tls.port, 'MQTTS_PORT'));
      return { mqtt, ws, mqtts };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Accepts no more; connections that are open stay. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  /** Ends whatever is connected, also what got no further than half a handshake and was never handed over. */
  cutOff(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #plain(transport: Transport): (socket: Socket) => void {
    return (socket) => this.#onSocket(socket, { transport, remoteAddress: socket.remoteAddress ?? '' });
  }

  #tlsServer({ certPath, keyPath }: { certPath: string; keyPath: string }): Server {
    const server = createTlsServer(
      {
        cert: readFileSync(certPath),
        key: readFileSync(keyPath),
        minVersion: 'TLSv1.2',
        ...tcp,
        handshakeTimeout: HANDSHAKE_MS,
      },
      this.#plain('tls'),
    );
    // A handshake that fails concerns nobody else.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  #webSocketServer(): Server {
    const timeouts = { headersTimeout: HANDSHAKE_MS, requestTimeout: HANDSHAKE_MS };
    const http = createHttpServer(
      { ...tcp, ...timeouts, connectionsCheckingInterval: 1000 },
      (_request, response) => {
        response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket' });
        response.end('MQTT over WebSocket is spoken here.\n');
      },
    );
    const sockets = new WebSocketServer({
      server: http,
      maxPayload: this.#options.packetBytes,
      perMessageDeflate: false,
      // MQTT 3.1.1 section 6: the subprotocol is `mqtt`; `mqttv3.1` is what older clients say.
      handleProtocols: (offered) =>
        offered.has('mqtt') ? 'mqtt' : offered.has('mqttv3.1') ? 'mqttv3.1' : false,
    });
    sockets.on('connection', (socket, request) => {
      // In object mode a text message arrives as a text, which is not MQTT.
      const stream = createWebSocketStream(socket, { readableObjectMode: true });
      this.#onSocket(stream, { transport: 'ws', remoteAddress: request.socket.remoteAddress ?? '' });
    });
    sockets.on('error', () => {});
    return http;
  }

  async #listen(server: Server, port: number, setting: string): Promise<number> {
    const { host } = this.#options;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(listenError(error, { host, port, setting })),
      );
      server.listen({ host, port, backlog: 4096 }, resolve);
    });
    server.removeAllListeners('error');
    server.on('error', () => {});
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }
}

function listenError(
  error: NodeJS.ErrnoException,
  { host, port, setting }: { host: string; port: number; setting: string },
): StartupError {
  if (error.code === 'EADDRINUSE') {
    return new StartupError(`port ${port} is in use by another program: set ${setting} to another one`, {
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new StartupError(`port ${port} may not be used by this user: set ${setting} to another one`, {
      cause: error,
    });
  }
  return new StartupError(`can't listen on ${host}:${port} (${error.code}): check HOST and ${setting}`, {
    cause: error,
  });
}
