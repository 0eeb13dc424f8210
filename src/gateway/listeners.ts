import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from 'node:tls';
import type { Logger } from '../service/log.ts';
import type { Networks } from '../service/networks.ts';
import { StartupError } from '../service/startup-error.ts';
import { type CertificateStatus, Certificates } from './certificates.ts';
import { type ClientCertificate, clientCertificate } from './client-certificate.ts';
import type { Transport } from './connection.ts';
import { takeProxyHeader } from './proxy-header.ts';
import type { TlsPaths } from './tls-files.ts';
import { webSockets } from './web-sockets.ts';

/** For all that comes before MQTT: a proxy's header, a TLS handshake, a request for a WebSocket. */
const HANDSHAKE_MS = 10_000;
/** A proxy that is set up in another way is complained of this often. */
const COMPLAINT_MS = 60_000;

/**
 * Keep-alives of TCP find out who vanished without a word; MQTT's own may be switched off [MQTT-3.1.2.10].
 */
const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

export interface ListenerOptions {
  host: string;
  /** 0 takes any free port. */
  mqttPort: number;
  mqttWsPort: number;
  tls: (TlsPaths & { port: number; wssPort: number }) | undefined;
  /** Who puts the client's address before each connection, by PROXY protocol v2; undefined for nobody. */
  proxies: Networks | undefined;
  packetBytes: number;
  log: Logger;
}

/** The ports that are really listened on; those with TLS if there is a certificate. */
export interface ListeningPorts {
  mqtt: number;
  ws: number;
  mqtts: number | undefined;
  wss: number | undefined;
}

/** Where a client comes from. */
export interface From {
  transport: Transport;
  remoteAddress: string;
  /** If it has shown one. */
  certificate: ClientCertificate | undefined;
}

/** Takes a connection that has got so far, and takes it further. */
type Stage = (socket: Socket) => void;

interface Arrival {
  socket: Socket;
  /** Ends it if it does not get to MQTT in time. */
  timer: NodeJS.Timeout;
  remoteAddress: string;
}

export type OnSocket = (socket: Duplex, from: From) => void;

/** MQTT on TCP and WebSocket, and both with TLS if there is a certificate. */
export class Listeners {
  readonly #options: ListenerOptions;
  readonly #onSocket: OnSocket;
  readonly #servers: Server[] = [];
  readonly #tlsServers: TlsServer[] = [];
  /** What is connected, by its ends. */
  readonly #arrivals = new Map<string, Arrival>();
  #certificates: Certificates | undefined;
  #complainedAt = Number.NEGATIVE_INFINITY;

  readonly #onRenewed: () => void;

  /** @param onRenewed certificates, and with them perhaps the list of those that are revoked, are new */
  constructor(options: ListenerOptions, onSocket: OnSocket, onRenewed: () => void) {
    this.#options = options;
    this.#onSocket = onSocket;
    this.#onRenewed = onRenewed;
  }

  /** Undefined without TLS. */
  get certificate(): CertificateStatus | undefined {
    return this.#certificates?.status;
  }

  /** Whether a client's certificate has been revoked since it came in with it. */
  isRevoked({ key }: ClientCertificate): boolean {
    return this.#certificates?.isRevoked(key) ?? false;
  }

  /** @throws StartupError naming the setting, when a port can't be had or a certificate can't be used */
  async open(): Promise<ListeningPorts> {
    const { mqttPort, mqttWsPort, tls, log } = this.#options;
    try {
      const mqtt = await this.#listen(this.#mqtt('tcp'), mqttPort, 'MQTT_PORT');
      const ws = await this.#listen(this.#webSocket('ws'), mqttWsPort, 'MQTT_WS_PORT');
      if (!tls) return { mqtt, ws, mqtts: undefined, wss: undefined };
      const { port, wssPort, ...paths } = tls;
      const certificates = new Certificates({ paths, log, onRenewed: () => this.#renewed() });
      this.#certificates = certificates;
      const secure = (stage: Stage) => this.#tls(certificates, stage);
      const mqtts = await this.#listen(secure(this.#mqtt('tls')), port, 'MQTTS_PORT');
      const wss = await this.#listen(secure(this.#webSocket('wss')), wssPort, 'MQTT_WSS_PORT');
      return { mqtt, ws, mqtts, wss };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Accepts no more; connections that are open stay. */
  async close(): Promise<void> {
    this.#certificates?.stop();
    await Promise.all(
      this.#servers.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  /** Ends whatever is connected, also what got no further than half a handshake and was never handed over. */
  cutOff(): void {
    for (const { socket } of this.#arrivals.values()) socket.destroy();
  }

  #mqtt(transport: Transport): Stage {
    return (socket) => this.#handOver(socket, socket, transport);
  }

  #webSocket(transport: Transport): Stage {
    return webSockets(this.#options.packetBytes, (stream, over) =>
      this.#handOver(stream, over as Socket, transport),
    );
  }

  /** Puts TLS before a stage, with the certificate that is in use at the time. */
  #tls(certificates: Certificates, next: Stage): Stage {
    // Who shows none comes in with a password, and who shows a bad one is told so by MQTT: the handshake refuses neither.
    const clients = { requestCert: certificates.context.ca !== undefined, rejectUnauthorized: false };
    const server = createTlsServer({ ...certificates.context, ...clients }, next);
    // A handshake that fails concerns nobody else.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#tlsServers.push(server);
    return (socket) => server.emit('connection', socket);
  }

  #renewed(): void {
    for (const server of this.#tlsServers) server.setSecureContext(this.#certificates!.context);
    this.#onRenewed();
  }

  #accept(socket: Socket, next: Stage): void {
    const key = endsOf(socket);
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
    const arrival = { socket, timer, remoteAddress: socket.remoteAddress ?? '' };
    this.#arrivals.set(key, arrival);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#arrivals.delete(key);
    });
    // Between two stages nobody else listens.
    socket.on('error', () => {});
    const isProxy = this.#options.proxies?.(arrival.remoteAddress) ?? false;
    if (!isProxy) {
      next(socket);
      return;
    }
    const taken = (address = arrival.remoteAddress) => {
      arrival.remoteAddress = address;
      if (!socket.destroyed) next(socket);
    };
    takeProxyHeader(socket, taken, (error) => {
      socket.destroy();
      this.#complain(arrival.remoteAddress, error.message);
    });
  }

  #complain(address: string, problem: string): void {
    const now = performance.now();
    if (now - this.#complainedAt < COMPLAINT_MS) return;
    this.#complainedAt = now;
    this.#options.log.warn({ address, problem }, 'a connection through a proxy was refused');
  }

  #handOver(stream: Duplex, over: Socket, transport: Transport): void {
    const arrival = this.#arrivals.get(endsOf(over));
    // It has gone meanwhile.
    if (!arrival) return void stream.on('error', () => {}).destroy();
    clearTimeout(arrival.timer);
    const certificate =
      over instanceof TLSSocket
        ? clientCertificate(over, (key) => this.#certificates!.isRevoked(key))
        : undefined;
    this.#onSocket(stream, { transport, remoteAddress: arrival.remoteAddress, certificate });
  }

  async #listen(stage: Stage, port: number, setting: string): Promise<number> {
    const { host } = this.#options;
    const server = createServer(tcp, (socket) => this.#accept(socket, stage));
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

/** Both ends of a connection. What TLS has made of a socket has the same, and by them is known which it was. */
function endsOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`;
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
