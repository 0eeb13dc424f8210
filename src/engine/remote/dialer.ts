import { once } from 'node:events';
import { isIP, connect as tcpConnect } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Endpoint, Whereabouts } from './endpoint.ts';
import { Turnstile } from './turnstile.ts';

/** Keep-alives of TCP find out that the machine on the other end has gone without a word. */
const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 };

/** Opens transports to one engine. */
export class Dialer {
  readonly #whereabouts: () => Endpoint | undefined;
  readonly #turnstile: Turnstile | undefined;

  constructor(endpoint: Whereabouts) {
    this.#whereabouts = typeof endpoint === 'function' ? endpoint : () => endpoint;
    if ('path' in endpoint) this.#turnstile = new Turnstile(endpoint.path);
  }

  /** Undefined while nobody has said where it is. */
  get endpoint(): Endpoint | undefined {
    return this.#whereabouts();
  }

  /** One on which may be written at once. It closes when the engine can't be reached, and needs no listener for errors. */
  dial(): Duplex {
    const stream = this.#turnstile?.dial() ?? connectTo(this.endpoint as TcpEndpoint | undefined);
    return stream.on('error', () => {});
  }

  /** The same, resolved once it is connected. @throws what the system says, or that `signal` is aborted */
  async dialed(signal: AbortSignal): Promise<Duplex> {
    const stream = this.dial();
    const isSecure = stream instanceof TLSSocket;
    try {
      await once(stream, isSecure ? 'secureConnect' : 'connect', { signal });
    } catch (error) {
      stream.destroy();
      throw error;
    }
    return stream;
  }
}

type TcpEndpoint = Exclude<Endpoint, { path: string }>;

function connectTo(endpoint: TcpEndpoint | undefined): Duplex {
  if (!endpoint) return new Duplex({ read() {} }).destroy(new Error('nobody has said where the engine is'));
  const { host, port, secure } = endpoint;
  if (!secure) return tcpConnect({ host, port, ...tcp });
  // An IP address is no server name (RFC 6066 section 3); the certificate is compared with `host` then.
  const socket = tlsConnect({ host, port, servername: isIP(host) ? '' : host, rejectUnauthorized: true });
  return socket.setNoDelay(true).setKeepAlive(true, tcp.keepAliveInitialDelay);
}
