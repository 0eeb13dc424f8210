/** The URL of a customer's broker: what may stand in it, and what it says. Pure. */

const schemes = {
  mqtt: { port: 1883, secure: false, webSocket: false },
  mqtts: { port: 8883, secure: true, webSocket: false },
  ws: { port: 80, secure: false, webSocket: true },
  wss: { port: 443, secure: true, webSocket: true },
} as const;
export type BrokerScheme = keyof typeof schemes;

/** What other programs call the same thing. */
const otherNames: Record<string, BrokerScheme> = {
  tcp: 'mqtt',
  ssl: 'mqtts',
  tls: 'mqtts',
  'mqtt+ssl': 'mqtts',
  http: 'ws',
  https: 'wss',
};

const LONGEST_URL = 2048;
/** RFC 1035 section 2.3.4. */
const LONGEST_HOST = 253;

export interface BrokerUrl {
  /** Without user name and password; a WebSocket's path and query are kept. */
  url: string;
  username?: string;
  password?: string;
}

export interface BrokerEndpoint {
  scheme: BrokerScheme;
  /** TLS. */
  secure: boolean;
  webSocket: boolean;
  /** A name or an IP address, an IPv6 one without its brackets. */
  host: string;
  port: number;
}

class BadUrl extends Error {}

/**
 * Splits user name and password off a broker's URL: `mqtt://`, `mqtts://`, `ws://` or `wss://`.
 * @returns `problem`, in words for whoever typed it, when it can't be one
 */
export function parseBrokerUrl(text: string): BrokerUrl | { problem: string } {
  try {
    return read(text.trim());
  } catch (error) {
    if (error instanceof BadUrl) return { problem: error.message };
    throw error;
  }
}

/** @param url as `parseBrokerUrl` returns it */
export function brokerEndpoint(url: string): BrokerEndpoint {
  const { protocol, hostname, port } = new URL(url);
  const scheme = protocol.slice(0, -1) as BrokerScheme;
  const { port: usual, secure, webSocket } = schemes[scheme];
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { scheme, secure, webSocket, host, port: port === '' ? usual : Number(port) };
}

function read(text: string): BrokerUrl {
  if (text.length > LONGEST_URL) throw new BadUrl(`The URL is longer than ${LONGEST_URL} characters.`);
  if (/[\s\p{Cc}]/u.test(text) || !text.isWellFormed()) {
    throw new BadUrl('The URL may not hold spaces or control characters.');
  }
  const scheme = readScheme(text);
  if (text.includes('#')) throw new BadUrl('The URL may not hold #. In a password write %23 for it.');
  const url = readUrl(text);
  const hasPath = !['', '/'].includes(url.pathname) || url.search !== '';
  if (hasPath && !schemes[scheme].webSocket) {
    throw new BadUrl(`${scheme}:// takes no path. Only ws:// and wss:// have one.`);
  }
  const port = url.port === '' ? '' : `:${url.port}`;
  const path = hasPath ? `${url.pathname}${url.search}` : '';
  const username = decoded(url.username, 'user name');
  const password = decoded(url.password, 'password');
  return {
    url: `${scheme}://${readHost(url.hostname)}${port}${path}`,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

function readScheme(text: string): BrokerScheme {
  const given = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (given === undefined) throw new BadUrl('Put mqtt://, mqtts://, ws:// or wss:// in front.');
  if (Object.hasOwn(schemes, given)) return given as BrokerScheme;
  const meant = Object.hasOwn(otherNames, given) ? otherNames[given] : undefined;
  throw new BadUrl(
    meant
      ? `Write ${meant}:// instead of ${given}://.`
      : `${given}:// is not known here: use mqtt://, mqtts://, ws:// or wss://.`,
  );
}

function readUrl(text: string): URL {
  const [, authority = ''] = /^[^/]*:\/\/([^/?]*)/.exec(text) ?? [];
  const port = /:([^:@\]]*)$/.exec(authority.slice(authority.lastIndexOf('@') + 1))?.[1];
  if (port && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw new BadUrl('The port must be a number from 1 to 65535.');
  }
  const url = URL.parse(text);
  if (!url || url.hostname === '') throw new BadUrl('The URL has no valid host name.');
  return url;
}

/** As a browser reads it: international names in ASCII, IPv4 addresses in four decimal parts. */
function readHost(given: string): string {
  const host = URL.parse(`http://${given}`)?.hostname ?? '';
  const isName = host !== '' && host.length <= LONGEST_HOST && !/^\.|\.\./.test(host);
  if (!isName) throw new BadUrl('The URL has no valid host name.');
  return host;
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadUrl(`The ${what} holds a % that is not an escape. Write %25 for it.`);
  }
}
