import { X509Certificate } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { isIP, type LookupFunction, type Socket, connect as tcpConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, connect as tlsConnect } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import { type BrokerEndpoint, brokerEndpoint, parseBrokerUrl } from '../domain/broker-url.ts';
import { bounded } from '../service/bounded.ts';
import { only, resolveHost } from '../service/guard.ts';
import { type Attempted, ConnectionError, KnownProblem } from './connection-error.ts';

/** A customer's broker. Its certificate is always verified. */
export interface BrokerTarget {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; user name and password in it are left out. */
  url: string;
  /** PEM, several certificates too. Trusted instead of the usual authorities. */
  ca?: string;
  clientCertificate?: string;
  clientKey?: string;
  /** The name that the certificate must be for, when it is not the URL's host. */
  serverName?: string;
}

export type TransportStep = 'resolve' | 'connect' | 'tls' | 'websocket';

export interface TransportOptions {
  /** The guard's. Asked about IP addresses as well; the connection goes to what it answers. */
  lookup: LookupFunction;
  /** Gives up while it opens; an open stream is the caller's. */
  signal: AbortSignal;
  /** Called after each step that succeeded. */
  onStep?: (step: TransportStep, milliseconds: number) => void;
  /** Most that one step may take, in milliseconds. */
  stepMs?: number;
  /** Largest message of a WebSocket, which may hold several packets. */
  messageBytes?: number;
}

const STEP_MS = 5000;
const MESSAGE_BYTES = 16 * 1024 * 1024;
/** Who vanished without a word is found out by TCP, should MQTT's keep-alive be long. */
const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

/**
 * Opens the byte stream that MQTT to this broker is spoken on.
 * @throws ConnectionError, for `problemOf`; KnownProblem for a URL that is none
 */
export async function openTransport(target: BrokerTarget, options: TransportOptions): Promise<Duplex> {
  const parsed = parseBrokerUrl(target.url);
  if ('problem' in parsed) throw invalidUrl(parsed.problem);
  const endpoint = brokerEndpoint(parsed.url);
  const run = stepRunner(target, endpoint, options);

  const addresses = await run('resolve', () => resolveHost(endpoint.host, options.lookup));
  const socket = await run('connect', (signal) => openTcp(endpoint, addresses, signal));
  try {
    const stream = endpoint.secure
      ? await run('tls', (signal) => openTls(socket, target, endpoint, signal))
      : socket;
    if (!endpoint.webSocket) return stream;
    return await run('websocket', (signal) => openWebSocket(stream, parsed.url, options, signal));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** What an attempt is remembered by, for the words on it. */
export function attempted(
  { ca, clientCertificate }: BrokerTarget,
  { scheme, host, port }: BrokerEndpoint,
): Omit<Attempted, 'step'> {
  const hasClientCertificate = clientCertificate !== undefined;
  return { scheme, host, port, hasCa: ca !== undefined, hasClientCertificate };
}

function invalidUrl(message: string): KnownProblem {
  return new KnownProblem({ code: 'url_invalid', message, advice: 'Correct the URL' });
}

type Run = <Value>(step: TransportStep, work: (signal: AbortSignal) => Promise<Value>) => Promise<Value>;

function stepRunner(target: BrokerTarget, endpoint: BrokerEndpoint, options: TransportOptions): Run {
  return async (step, work) => {
    const started = performance.now();
    try {
      const result = await bounded(options.stepMs ?? STEP_MS, options.signal, work);
      options.onStep?.(step, performance.now() - started);
      return result;
    } catch (cause) {
      throw new ConnectionError({ step, ...attempted(target, endpoint) }, cause);
    }
  };
}

async function openTcp(
  { host, port }: BrokerEndpoint,
  addresses: LookupAddress[],
  signal: AbortSignal,
): Promise<Socket> {
  const socket = tcpConnect({ host, port, lookup: only(addresses), ...tcp });
  await ready(socket, 'connect', signal);
  return socket;
}

async function openTls(
  socket: Socket,
  target: BrokerTarget,
  { host }: BrokerEndpoint,
  signal: AbortSignal,
): Promise<Duplex> {
  // An IP address is no server name (RFC 6066 section 3); the certificate is compared with `host` then.
  const servername = target.serverName ?? (isIP(host) ? '' : host);
  const secureContext = readCertificates(target);
  const stream = tlsConnect({ socket, host, servername, secureContext, rejectUnauthorized: true });
  await ready(stream, 'secureConnect', signal);
  return stream;
}

/** Resolves with `event`; from then on errors need no listener: the stream is closed, which is enough to know. */
async function ready(stream: Duplex, event: string, signal: AbortSignal): Promise<void> {
  stream.on('error', () => {});
  try {
    await once(stream, event, { signal });
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function readCertificates({ ca, clientCertificate: cert, clientKey: key }: BrokerTarget): SecureContext {
  // Node takes anything for a CA, and then trusts nobody.
  if (ca !== undefined) readable('CA', () => new X509Certificate(ca));
  if (cert !== undefined) readable('client certificate', () => new X509Certificate(cert));
  if (key !== undefined) readable('client key', () => createSecureContext({ key }));
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ['key', 'certificate'] : ['certificate', 'key'];
    throw new KnownProblem({
      code: 'client_certificate_incomplete',
      message: `There is a client ${there} without its ${missing}`,
      advice: `Upload the client ${missing} too`,
    });
  }
  try {
    // With a partial chain an intermediate CA that was uploaded on purpose is enough.
    return createSecureContext({ ca, cert, key, allowPartialTrustChain: ca !== undefined });
  } catch {
    throw new KnownProblem({
      code: 'client_key_mismatch',
      message: 'The client key does not belong to the client certificate',
      advice: 'Upload the pair that was made together',
    });
  }
}

function readable(what: string, read: () => unknown): void {
  try {
    read();
  } catch {
    throw new KnownProblem({
      code: `${what.toLowerCase().replaceAll(' ', '_')}_unreadable`,
      message: `The ${what} can't be read`,
      advice: 'Upload it in PEM format: text that begins with -----BEGIN, a key without a passphrase',
    });
  }
}

async function openWebSocket(
  stream: Duplex,
  url: string,
  { messageBytes = MESSAGE_BYTES }: TransportOptions,
  signal: AbortSignal,
): Promise<Duplex> {
  const address = new URL(url);
  // The path that brokers agree on; no standard names one.
  if (address.pathname === '/') address.pathname = '/mqtt';
  // MQTT 3.1.1 section 6: the subprotocol is `mqtt`.
  const socket = new WebSocket(address, 'mqtt', {
    createConnection: () => stream as Socket,
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: messageBytes,
  });
  socket.on('error', () => {});
  const opened = Promise.withResolvers<Duplex>();
  socket.once('error', opened.reject);
  socket.once('unexpected-response', (_request, response) => {
    opened.reject(upgradeRefused(response.statusCode ?? 0));
  });
  socket.once('open', () => {
    // At once, or messages that come in the same read are lost.
    const duplex = createWebSocketStream(socket);
    duplex.on('error', () => {});
    opened.resolve(duplex);
  });
  signal.addEventListener('abort', () => socket.terminate());
  return opened.promise;
}

function upgradeRefused(status: number): KnownProblem {
  const isLogin = status === 401 || status === 403;
  return new KnownProblem({
    code: 'websocket_refused',
    message: `The server answered HTTP ${status} to the request for a WebSocket`,
    advice: isLogin
      ? 'Check whether a proxy in front of the broker lets us in'
      : 'Check the path in the URL: /mqtt is usual, /ws on some',
  });
}
