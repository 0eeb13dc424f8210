import type { ConnectionProblem } from '../contract/connection-test.ts';
import { MalformedPacket, PacketTooLarge } from '../mqtt/packet.ts';
import { NoAnswer } from '../service/bounded.ts';
import { RefusedAddress } from '../service/guard.ts';
import { certificateProblems } from './certificate-problems.ts';
import { type Attempted, ConnectionError, KnownProblem, NotMqtt } from './connection-error.ts';

/** What went wrong with a customer's broker, in plain words and with what to do. */

/** What is known besides the error; nothing of it when the error came from elsewhere. */
export type Circumstances = Partial<Attempted>;

/** @param error what carries the code, with whatever its maker hung on it */
export type Words = (at: Circumstances, error: object) => ConnectionProblem;

export function words(code: string, message: string, advice: string): ConnectionProblem {
  return { code, message, advice };
}

/** The scheme with TLS, and the one without, that go with the one in use. */
const withTls = ({ scheme }: Circumstances) => (scheme?.startsWith('ws') ? 'wss://' : 'mqtts://');
const withoutTls = ({ scheme }: Circumstances) => (scheme?.startsWith('ws') ? 'ws://' : 'mqtt://');
const thePort = ({ port }: Circumstances) => (port === undefined ? 'that port' : `port ${port}`);

const hostNotFound: Words = () =>
  words('host_not_found', 'The host name does not exist', 'Check its spelling, or use the IP address');

const unreachable: Words = () =>
  words(
    'unreachable',
    'There is no way through the network to this host',
    'Check the address, and whether the broker is on a network of its own',
  );

export const speaksTls: Words = (at) =>
  words('speaks_tls', `This port speaks TLS: use ${withTls(at)}`, `Change the URL to ${withTls(at)}`);

const notTls: Words = (at) =>
  words(
    'not_tls',
    `This port does not speak TLS: use ${withoutTls(at)}`,
    `Change the URL to ${withoutTls(at)}, or to the port that has TLS: ${at.scheme === 'wss' ? '443' : '8883'} is usual`,
  );

export const speaksMqtt: Words = (at) =>
  words(
    'speaks_mqtt',
    `This port speaks MQTT without ${at.scheme === 'ws' ? 'WebSocket' : 'TLS'}: use mqtt://`,
    'Change the URL to mqtt://, or to the port that you meant',
  );

function noAnswer(at: Circumstances, seconds?: number): ConnectionProblem {
  const message = seconds === undefined ? 'No answer' : `No answer within ${seconds} s`;
  const rights = 'Check that this user may publish to this topic and read it';
  switch (at.step) {
    case undefined:
    case 'connect':
      return words(
        'no_answer',
        `${message}: is a firewall in between?`,
        'Open the port for us, or use a bridge, a webhook or the forwarder',
      );
    case 'resolve':
      return words('no_answer', `${message} from the name server`, 'Try again shortly');
    case 'subscribe':
      return words('no_answer', `${message} to the subscription`, 'See the broker’s log');
    case 'round_trip':
      return words('no_answer', `${message}: the message that was published did not come back`, rights);
    default: {
      const spoken = { tls: 'TLS', websocket: 'WebSocket', mqtt: 'MQTT' }[at.step];
      return words(
        'no_answer',
        `${message}: something listens on ${thePort(at)}, but does not answer to ${spoken}`,
        'Check whether it is the broker’s port, and the scheme of the URL',
      );
    }
  }
}

/** The other side hung up; what that most likely means depends on where it did. */
const connectionClosed: Words = (at) => {
  const likely = {
    resolve: 'Try again shortly',
    connect: 'Try again; a firewall may be cutting connections off',
    tls: `Most likely this port has no TLS: try ${withoutTls(at)}`,
    websocket: 'Most likely this port has no WebSocket: check port and scheme',
    mqtt: `Check whether the port wants TLS (${withTls(at)}), whether the broker speaks this version of MQTT, and its log`,
    subscribe: 'Most likely it does not allow this topic: see the broker’s log',
    round_trip: 'Most likely it does not allow this topic: see the broker’s log',
  };
  const advice = at.step ? likely[at.step] : 'See the broker’s log';
  return words('connection_closed', 'The broker ended the connection without a reason', advice);
};

const notHttp: Words = (at, error) => {
  const first =
    'rawPacket' in error && error.rawPacket instanceof Uint8Array ? error.rawPacket[0] : undefined;
  // A TLS record that carries an alert.
  if (first === 0x15) return speaksTls(at, error);
  return words(
    'not_websocket',
    'This port does not speak WebSocket',
    'Check port and scheme: mqtt:// is for MQTT without WebSocket',
  );
};

const tooLarge: Words = () =>
  words(
    'packet_too_large',
    'The broker sent a message that is larger than we take',
    'Choose topics that carry readings, not files',
  );

/** By the codes of Node, of libuv and OpenSSL beneath it, and of `ws`. */
const byCode: Record<string, Words> = {
  ENOTFOUND: hostNotFound,
  ENODATA: hostNotFound,
  EAI_NONAME: hostNotFound,
  EAI_NODATA: hostNotFound,
  EAI_AGAIN: () =>
    words('name_server_away', 'The name server did not answer', 'Try again shortly, or use the IP address'),
  EAI_FAIL: () =>
    words('name_server_away', 'The name server failed', 'Try again shortly, or use the IP address'),
  ECONNREFUSED: (at) =>
    words(
      'port_closed',
      `Nothing listens on ${thePort(at)} of this host`,
      'Check the port, and whether the broker runs and listens for more than its own machine',
    ),
  ETIMEDOUT: (at) => noAnswer(at),
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ENETDOWN: unreachable,
  EADDRNOTAVAIL: unreachable,
  ECONNRESET: connectionClosed,
  ECONNABORTED: connectionClosed,
  EPIPE: connectionClosed,
  ERR_STREAM_PREMATURE_CLOSE: connectionClosed,
  ERR_STREAM_DESTROYED: connectionClosed,
  EPROTO: notTls,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  ERR_SSL_HTTP_REQUEST: notTls,
  ERR_SSL_UNKNOWN_PROTOCOL: notTls,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: tooLarge,
  ...certificateProblems,
};

/**
 * Puts any error of a connection to a customer's broker in words. Never throws.
 * @returns `code` is stable; `unknown` for what nobody thought of
 */
export function problemOf(error: unknown): ConnectionProblem {
  if (error instanceof ConnectionError) return explain(error.cause, error.attempted);
  return explain(error, {});
}

function explain(error: unknown, at: Circumstances): ConnectionProblem {
  if (error instanceof KnownProblem) return error.problem;
  if (error instanceof RefusedAddress) {
    const advice = 'Use an address that the internet reaches, or a bridge, a webhook or the forwarder';
    return words('address_refused', error.message, advice);
  }
  if (error instanceof NoAnswer) return noAnswer(at, error.milliseconds / 1000);
  if (error instanceof PacketTooLarge) return tooLarge(at, error);
  if (error instanceof NotMqtt || error instanceof MalformedPacket) return notMqtt(error, at);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code.startsWith('HPE_')) return notHttp(at, error as object);
  // OpenSSL has changed what stands before an alert's name more than once.
  const name = code.replace(/^ERR_SSL_(SSL|TLS)[A-Z0-9/]*_ALERT_/, 'ALERT_');
  if (Object.hasOwn(byCode, name)) return byCode[name]!(at, error as object);
  if (at.step === 'websocket' && error instanceof Error) return notWebSocket(error);
  const what = code || (error instanceof Error ? error.name : typeof error);
  return words('unknown', `The connection failed: ${what.slice(0, 100)}`, 'See the broker’s log');
}

function notMqtt(error: NotMqtt | MalformedPacket, at: Circumstances): ConnectionProblem {
  const answered = error instanceof NotMqtt ? error.answered : 'other';
  if (answered === 'tls') return speaksTls(at, error);
  if (answered === 'http') {
    return words(
      'not_mqtt',
      'This is not an MQTT broker: it answered HTTP',
      `Check the port. For MQTT over WebSocket use ${at.scheme === 'mqtts' ? 'wss://' : 'ws://'}`,
    );
  }
  return words('not_mqtt', 'This is not an MQTT broker: its answer is not MQTT', 'Check host and port');
}

/** What `ws` finds amiss with the answer has no code. */
function notWebSocket(error: Error): ConnectionProblem {
  return words(
    'not_websocket',
    `The server's answer to the request for a WebSocket is not right: ${error.message.slice(0, 100)}`,
    'Check whether MQTT over WebSocket is what this path is for',
  );
}
