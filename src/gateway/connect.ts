import { randomBytes } from 'node:crypto';
import { generate, type IConnectPacket, parser } from 'mqtt-packet';
import { uuidBytes } from '../database/binary-array.ts';
import type { ActivityReason } from '../domain/activity.ts';
import { engineClientId, type Grant, mayPublish } from '../domain/grant.ts';
import { organizationUser } from '../domain/hosted-topic.ts';
import { isTopicName } from '../domain/topic.ts';
import { fingerprint } from '../ingest/fingerprint.ts';
import { MalformedPacket } from '../mqtt/packet.ts';
import type { Authentication } from './authenticator.ts';
import type { GatewayContext, Session } from './context.ts';

/** CONNACK return codes, MQTT 3.1.1 table 3.1. */
export const returnCode = {
  accepted: 0,
  unacceptableProtocol: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;

/** MQTT 5, table 2-6: Unsupported Protocol Version. */
const UNSUPPORTED_PROTOCOL_VERSION = 0x84;
const MAX_CLIENT_ID = 128;

export class ConnectRefused extends Error {
  override readonly name = 'ConnectRefused';
  readonly code: number;
  readonly reason: ActivityReason;
  readonly authentication: Authentication | undefined;
  readonly clientId: string | undefined;

  constructor(
    code: number,
    reason: ActivityReason,
    connect?: IConnectPacket,
    authentication?: Authentication,
  ) {
    super(reason);
    this.code = code;
    this.reason = reason;
    this.authentication = authentication;
    this.clientId = connect?.clientId;
  }
}

/** @throws MalformedPacket, or ConnectRefused for a protocol version that the engine does not speak */
export function readConnect(bytes: Buffer, protocolLevel: 4 | 5): IConnectPacket {
  const level = protocolLevelOf(bytes);
  if (level !== undefined && level > protocolLevel) {
    throw new ConnectRefused(returnCode.unacceptableProtocol, 'unsupported_protocol');
  }
  let connect: IConnectPacket | undefined;
  const decoder = parser();
  decoder.on('packet', (packet) => {
    if (packet.cmd === 'connect') connect = packet;
  });
  decoder.on('error', (error: Error) => {
    throw new MalformedPacket(error.message);
  });
  decoder.parse(bytes);
  if (!connect) throw new MalformedPacket('CONNECT without all its parts');
  return connect;
}

/** The protocol level that stands behind the protocol name, if the packet holds one at all. */
function protocolLevelOf(bytes: Buffer): number | undefined {
  let at = 1;
  while (bytes[at]! >= 128) at += 1;
  const name = at + 1;
  if (name + 2 > bytes.length) return undefined;
  // The highest bit marks a bridge.
  const level = bytes[name + 2 + bytes.readUInt16BE(name)];
  return level === undefined ? undefined : level & 127;
}

/** The answer to a refused CONNECT, in the words of the client's own protocol version. */
export function refusalOf({ code, reason }: ConnectRefused): Buffer {
  if (reason !== 'unsupported_protocol') return Buffer.from([0x20, 2, 0, code]);
  return generate(
    {
      cmd: 'connack',
      sessionPresent: false,
      reasonCode: UNSUPPORTED_PROTOCOL_VERSION,
      properties: { reasonString: 'This broker speaks MQTT 3.1 and 3.1.1.' },
    },
    { protocolVersion: 5 },
  );
}

/**
 * Decides whether a client may come in, and as whom.
 * @throws ConnectRefused
 */
export async function admit(
  connect: IConnectPacket,
  context: GatewayContext,
  connectionId: string,
): Promise<Session> {
  const { username, password } = connect;
  if (!username) throw new ConnectRefused(returnCode.badUserNameOrPassword, 'unknown_user', connect);
  let authentication: Authentication;
  try {
    authentication = await context.authenticator.authenticate(username, Buffer.from(password ?? ''));
  } catch (error) {
    context.log.warn({ error: String(error) }, 'a client could not be authenticated');
    throw new ConnectRefused(returnCode.serverUnavailable, 'engine_unavailable', connect);
  }
  if (!authentication.ok) {
    const wrong = authentication.reason === 'bad_password' || authentication.reason === 'unknown_user';
    const code = wrong ? returnCode.badUserNameOrPassword : returnCode.notAuthorized;
    throw new ConnectRefused(code, authentication.reason, connect, authentication);
  }
  const { credential, integration } = authentication;
  const grant: Grant = {
    organizationId: credential.organizationId,
    externalDeviceId: credential.externalDeviceId,
  };
  const clientId = clientIdOf(connect, authentication);
  const { will } = connect;
  if (will && !(isTopicName(will.topic) && mayPublish(grant, will.topic))) {
    throw new ConnectRefused(returnCode.notAuthorized, 'will_not_granted', connect, authentication);
  }
  const inEngine = engineClientId(grant, clientId);
  return {
    credential,
    integration,
    grant,
    source: {
      integration,
      clientId,
      clientKey: fingerprint(Buffer.from(inEngine)),
      connectionId: uuidBytes(connectionId),
    },
    clientId,
    engineClientId: inEngine,
    protocolLevel: connect.protocolVersion ?? 4,
    keepAlive: connect.keepalive ?? 0,
    will: will && {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: (will.qos ?? 0) as 0 | 1 | 2,
      retain: will.retain ?? false,
    },
  };
}

/** A client without an id gets one, if it keeps no session [MQTT-3.1.3-6, 3.1.3-8]. */
function clientIdOf(connect: IConnectPacket, authentication: Authentication): string {
  const { clientId, clean } = connect;
  if (clientId === '' && clean) return `auto-${randomBytes(12).toString('hex')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (clientId === '' || clientId.length > MAX_CLIENT_ID || /[\u0000-\u001f\u007f+#]/.test(clientId)) {
    throw new ConnectRefused(returnCode.identifierRejected, 'invalid_client_id', connect, authentication);
  }
  return clientId;
}

/**
 * CONNECT as the engine gets it: the tenant's client id and user, and no keep-alive, which the gateway keeps.
 */
export function upstreamConnect(connect: IConnectPacket, session: Session): Buffer {
  return generate({
    ...connect,
    // 3.1.1 in any case: MQTT 3.1 allows 23 characters of client id, fewer than the organization's id has.
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: session.engineClientId,
    username: organizationUser(session.grant.organizationId),
    password: Buffer.alloc(0),
    keepalive: 0,
  });
}
