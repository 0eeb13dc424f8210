import { randomBytes } from 'node:crypto';
import { generate, type IConnectPacket, parser } from 'mqtt-packet';
import { uuidBytes } from '../database/binary-array.ts';
import type { GatewayCredential } from '../database/gateway.ts';
import type { ActivityReason } from '../domain/activity.ts';
import { engineClientId, type Grant, mayPublish } from '../domain/grant.ts';
import { organizationUser } from '../domain/hosted-topic.ts';
import { isTopicName } from '../domain/topic.ts';
import { fingerprint } from '../ingest/fingerprint.ts';
import type { IntegrationRules } from '../ingest/integration-rules.ts';
import { type ConnectPacket, readConnect, UnsupportedProtocol } from '../mqtt/connect.ts';
import { bodyOffset } from '../mqtt/packet.ts';
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

/** What is known of a client that is not let in. */
export interface Refusal {
  code: number;
  reason: ActivityReason;
  clientId?: string;
  /** The will's, where it is at fault. */
  topic?: string;
  /** Whose credential it named, if anybody's. */
  credential?: GatewayCredential;
  integration?: IntegrationRules;
}

export class ConnectRefused extends Error {
  override readonly name = 'ConnectRefused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** The answer to a refused CONNECT, in the words of the client's own protocol version. */
export function refusalOf({ code }: Refusal): Buffer {
  if (code !== UNSUPPORTED_PROTOCOL_VERSION) return Buffer.from([0x20, 2, 0, code]);
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
 * Reads the CONNECT of a client and decides whether it may come in, and as whom.
 * @param bytes the whole packet
 * @throws MalformedPacket, ConnectRefused
 */
export async function admit(
  bytes: Buffer,
  context: GatewayContext,
  connectionId: string,
): Promise<Admission> {
  let connect: ConnectPacket;
  try {
    connect = readConnect(bytes, bodyOffset(bytes, 0), bytes.length);
  } catch (error) {
    if (error instanceof UnsupportedProtocol) throw await refusedProtocol(error.level, bytes, context);
    throw error;
  }
  const session = await sessionOf(connect, context, connectionId);
  return { session, upstream: upstreamConnect(connect, session) };
}

/** A client that may come in, and the CONNECT by which the engine gets it. */
export interface Admission {
  session: Session;
  upstream: Buffer;
}

/** Whoever set a client to MQTT 5 will look for it in vain, so its owner is told by its user name. */
async function refusedProtocol(
  level: number,
  bytes: Buffer,
  { authenticator }: GatewayContext,
): Promise<ConnectRefused> {
  const reason = 'unsupported_protocol';
  if (level < 5) return new ConnectRefused({ code: returnCode.unacceptableProtocol, reason });
  const { username, clientId } = readNewerConnect(bytes);
  const owner = await authenticator.ownerOf(username ?? '').catch(() => undefined);
  return new ConnectRefused({ code: UNSUPPORTED_PROTOCOL_VERSION, reason, clientId, ...owner });
}

function readNewerConnect(bytes: Buffer): { username?: string; clientId?: string } {
  let connect: IConnectPacket | undefined;
  const decoder = parser();
  decoder.on('packet', (packet) => {
    if (packet.cmd === 'connect') connect = packet;
  });
  decoder.on('error', () => {});
  try {
    decoder.parse(bytes);
  } catch {
    // It is refused in any case.
  }
  return { username: connect?.username, clientId: connect?.clientId };
}

async function sessionOf(
  connect: ConnectPacket,
  context: GatewayContext,
  connectionId: string,
): Promise<Session> {
  const { username, password, will, clientId: given } = connect;
  if (!username) {
    throw new ConnectRefused({
      code: returnCode.badUserNameOrPassword,
      reason: 'unknown_user',
      clientId: given,
    });
  }
  let authentication: Authentication;
  try {
    authentication = await context.authenticator.authenticate(username, password ?? Buffer.alloc(0));
  } catch (error) {
    context.log.warn({ error: String(error) }, 'a client could not be authenticated');
    throw new ConnectRefused({
      code: returnCode.serverUnavailable,
      reason: 'engine_unavailable',
      clientId: given,
    });
  }
  const { credential, integration } = authentication;
  const who = { clientId: given, credential, integration };
  if (!authentication.ok) {
    const { reason } = authentication;
    const isWrong = reason === 'bad_password' || reason === 'unknown_user';
    const code = isWrong ? returnCode.badUserNameOrPassword : returnCode.notAuthorized;
    throw new ConnectRefused({ code, reason, ...who });
  }
  const grant: Grant = {
    organizationId: authentication.credential.organizationId,
    externalDeviceId: authentication.credential.externalDeviceId,
  };
  const clientId = clientIdOf(connect);
  if (clientId === undefined) {
    throw new ConnectRefused({ code: returnCode.identifierRejected, reason: 'invalid_client_id', ...who });
  }
  if (will && !(isTopicName(will.topic) && mayPublish(grant, will.topic))) {
    const { topic } = will;
    throw new ConnectRefused({ code: returnCode.notAuthorized, reason: 'will_not_granted', topic, ...who });
  }
  if (will && will.payload.length > context.limits.messageBytes) {
    throw new ConnectRefused({ code: returnCode.notAuthorized, reason: 'packet_too_large', ...who });
  }
  const inEngine = engineClientId(grant, clientId);
  return {
    credential: authentication.credential,
    integration: authentication.integration,
    grant,
    source: {
      integration: authentication.integration,
      clientId,
      clientKey: fingerprint(Buffer.from(inEngine)),
      connectionId: uuidBytes(connectionId),
    },
    clientId,
    engineClientId: inEngine,
    protocolLevel: connect.protocolLevel,
    keepAlive: connect.keepAlive,
    will,
  };
}

/** A client without an id gets one, if it keeps no session [MQTT-3.1.3-6, 3.1.3-8]. @returns undefined for a bad one */
function clientIdOf({ clientId, clean }: ConnectPacket): string | undefined {
  if (clientId === '' && clean) return `auto-${randomBytes(12).toString('hex')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (clientId === '' || clientId.length > MAX_CLIENT_ID || /[\u0001-\u001f\u007f+#]/.test(clientId)) {
    return undefined;
  }
  return clientId;
}

/**
 * CONNECT as the engine gets it: the tenant's client id and user, and no keep-alive, which the gateway keeps.
 */
function upstreamConnect({ clean, bridge, will }: ConnectPacket, session: Session): Buffer {
  const packet: IConnectPacket & { bridgeMode: boolean } = {
    cmd: 'connect',
    // 3.1.1 in any case: MQTT 3.1 allows 23 characters of client id, fewer than the organization's id has.
    protocolId: 'MQTT',
    protocolVersion: 4,
    bridgeMode: bridge,
    clean,
    clientId: session.engineClientId,
    username: organizationUser(session.grant.organizationId),
    password: Buffer.alloc(0),
    keepalive: 0,
    will,
  };
  return generate(packet);
}
