import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { brokerEndpoint, parseBrokerUrl } from '../../domain/broker-url.ts';
import { StartupError } from '../../service/startup-error.ts';

/** Where a broker listens: a Unix socket, or a port of a host. */
export type Endpoint = { path: string } | { host: string; port: number; secure: boolean };

/** Keep-alives of TCP find out that the machine on the other end has gone without a word. */
const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 };

/** A transport to it, on which may be written at once. It closes when the broker can't be reached. */
export function dial(endpoint: Endpoint): Duplex {
  if ('path' in endpoint) return connectTcp(endpoint.path);
  const { host, port, secure } = endpoint;
  if (!secure) return connectTcp({ host, port, ...tcp });
  // An IP address is no server name (RFC 6066 section 3); the certificate is compared with `host` then.
  const socket = connectTls({ host, port, servername: isIP(host) ? '' : host, rejectUnauthorized: true });
  return socket.setNoDelay(true).setKeepAlive(true, tcp.keepAliveInitialDelay);
}

/** The same, resolved once it is connected. @throws what the system says, when it can't be or `signal` is aborted */
export async function dialed(endpoint: Endpoint, signal: AbortSignal): Promise<Duplex> {
  const stream = dial(endpoint);
  const isSecure = 'secure' in endpoint && endpoint.secure;
  try {
    await once(stream, isSecure ? 'secureConnect' : 'connect', { signal });
  } catch (error) {
    stream.on('error', () => {});
    stream.destroy();
    throw error;
  }
  return stream;
}

/** An engine's URL, as the operator gives it. @throws StartupError naming the setting, without the password */
export function readEngineUrl(text: string): { endpoint: Endpoint; username?: string; password?: string } {
  const parsed = parseBrokerUrl(text);
  if ('problem' in parsed) throw new StartupError(`ENGINE: ${parsed.problem}`);
  const { url, ...account } = parsed;
  const { host, port, secure } = brokerEndpoint(url);
  return { endpoint: { host, port, secure }, ...account };
}

/** For people. */
export function nameOf(endpoint: Endpoint): string {
  return 'path' in endpoint ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
}
