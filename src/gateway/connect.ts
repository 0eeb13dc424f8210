import { randomBytes } from 'node:crypto';
import { uuidBytes } from '../database/binary-array.ts';
import { engineClientId, type Grant, mayPublish } from '../domain/grant.ts';
import { isTopicName } from '../domain/topic.ts';
import { fingerprint } from '../ingest/fingerprint.ts';
import {
  type ConnectPacket,
  levelOf,
  readConnect,
  sessionSeconds,
  UnsupportedProtocol,
} from '../mqtt/connect.ts';
import { dialect3, dialect5 } from '../mqtt/dialect.ts';
import { bodyOffset, type MalformedPacket, type ProtocolViolation } from '../mqtt/packet.ts';
import { property } from '../mqtt/properties.ts';
import type { Authentication } from './authenticator.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { GatewayContext, Session } from './context.ts';
import { ConnectRefused } from './refusals.ts';
import { upstreamConnect } from './upstream.ts';

const MAX_CLIENT_ID = 128;

/** A connection that has said nothing but CONNECT. */
interface Newcomer {
  id: string;
  certificate: ClientCertificate | undefined;
}

/**
 * Reads the CONNECT of a client and decides whether it may come in, and as whom.
 * @param bytes the whole packet
 * @param from the connection that it came over
 * @throws MalformedPacket, ConnectRefused
 */
export async function admit(
  bytes: Buffer,
  context: GatewayContext,
  from: Newcomer,
): Promise<{ session: Session; upstream: Buffer }> {
  const connect = readable(bytes);
  if (connect.protocolLevel === 5 && context.engine.protocolLevel === 4) {
    // Whoever set a client to MQTT 5 will look for it in vain, so its owner is told by its user name.
    const owner = await context.authenticator.ownerOf(connect.username ?? '').catch(() => undefined);
    const { protocolLevel, clientId } = connect;
    throw new ConnectRefused({ reason: 'unsupported_protocol', protocolLevel, clientId, ...owner });
  }
  const session = await sessionOf(connect, context, from);
  return { session, upstream: upstreamConnect(connect, session, context.engine.maximumQoS) };
}

/** @throws MalformedPacket, ProtocolViolation where older versions have no answer to it; ConnectRefused */
function readable(bytes: Buffer): ConnectPacket {
  const body = bodyOffset(bytes, 0);
  try {
    return readConnect(bytes, body, bytes.length);
  } catch (error) {
    if (error instanceof UnsupportedProtocol)
      throw new ConnectRefused({ reason: 'unsupported_protocol', protocolLevel: error.level });
    const protocolLevel = levelOf(bytes, body, bytes.length);
    if (protocolLevel !== 5) throw error;
    const { code } = error as MalformedPacket | ProtocolViolation;
    throw new ConnectRefused({ reason: 'malformed_packet', protocolLevel, code });
  }
}

async function sessionOf(connect: ConnectPacket, context: GatewayContext, from: Newcomer): Promise<Session> {
  const { clientId: given, protocolLevel, will } = connect;
  const { credential, integration } = await authenticated(connect, context, from.certificate);
  const who = { clientId: given, protocolLevel, credential, integration };
  const grant: Grant = {
    organizationId: credential.organizationId,
    externalDeviceId: credential.externalDeviceId,
  };
  if (connect.properties.has(property.authenticationMethod))
    throw new ConnectRefused({ reason: 'unsupported_authentication', ...who });
  const clientId = clientIdOf(connect);
  if (clientId === undefined) throw new ConnectRefused({ reason: 'invalid_client_id', ...who });
  if (will && !(isTopicName(will.topic) && mayPublish(grant, will.topic)))
    throw new ConnectRefused({ reason: 'will_not_granted', topic: will.topic, ...who });
  if (will && will.payload.length > context.limits.messageBytes)
    throw new ConnectRefused({ reason: 'packet_too_large', ...who });
  const quota = await context.quotas.of(grant.organizationId);
  if (will && will.payload.length > quota.limits.message_bytes)
    throw new ConnectRefused({ reason: 'message_bytes_limit', ...who });
  const inEngine = engineClientId(grant, clientId);
  return {
    credential,
    integration,
    grant,
    quota,
    source: {
      integration,
      clientId,
      clientKey: fingerprint(Buffer.from(inEngine)),
      connectionId: uuidBytes(from.id),
    },
    clientId,
    engineClientId: inEngine,
    isNamedHere: given === '',
    isClean: connect.clean,
    protocolLevel,
    dialect: protocolLevel === 5 ? dialect5 : dialect3,
    keepAlive: connect.keepAlive,
    maximumPacketSize: connect.properties.number(property.maximumPacketSize) ?? Number.POSITIVE_INFINITY,
    will: will && {
      topic: will.topic,
      payload: will.payload,
      retain: will.retain,
      delaySeconds: Math.min(
        will.properties.number(property.willDelayInterval) ?? 0,
        sessionSeconds(connect),
      ),
    },
  };
}

/** @throws ConnectRefused */
async function authenticated(
  connect: ConnectPacket,
  context: GatewayContext,
  certificate: ClientCertificate | undefined,
): Promise<Extract<Authentication, { ok: true }>> {
  const { clientId, protocolLevel, password } = connect;
  const who = { clientId, protocolLevel };
  let authentication: Authentication;
  try {
    if (certificate) authentication = await certified(connect, certificate, context);
    else if (!connect.username) authentication = { ok: false, reason: 'unknown_user' };
    else
      authentication = await context.authenticator.authenticate(
        connect.username,
        password ?? Buffer.alloc(0),
      );
  } catch (error) {
    context.log.warn({ error: String(error) }, 'a client could not be authenticated');
    throw new ConnectRefused({ reason: 'engine_unavailable', ...who });
  }
  if (authentication.ok) return authentication;
  throw new ConnectRefused({ ...authentication, ...who });
}

/** A certificate lets in whom it names and nobody else, whatever password comes with it. */
async function certified(
  { username }: ConnectPacket,
  certificate: ClientCertificate,
  { authenticator }: GatewayContext,
): Promise<Authentication> {
  const { username: named, problem } = certificate;
  // Of one that nobody we trust has signed the name means nothing.
  if (problem?.reason === 'certificate_untrusted') return { ok: false, ...problem };
  if (named === undefined) return { ok: false, reason: 'unknown_user' };
  if (problem) return { ok: false, ...problem, ...(await authenticator.ownerOf(named)) };
  if (username && username !== named)
    return { ok: false, reason: 'certificate_mismatch', ...(await authenticator.ownerOf(named)) };
  return authenticator.vouchedFor(named);
}

/**
 * A client without an id gets one, if it keeps no session [MQTT-3.1.3-6, 3.1.3-8]; MQTT 5 tells it which, so it may keep
 * one [MQTT-3.1.3-6, 3.1.3-7 there].
 * @returns undefined for a bad one
 */
function clientIdOf({ clientId, clean, protocolLevel }: ConnectPacket): string | undefined {
  if (clientId === '' && (clean || protocolLevel === 5)) return `auto-${randomBytes(12).toString('hex')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (clientId === '' || clientId.length > MAX_CLIENT_ID || /[\u0001-\u001f\u007f+#]/.test(clientId)) {
    return undefined;
  }
  return clientId;
}
