import { generate, type IConnectPacket } from 'mqtt-packet';
import { organizationUser } from '../domain/hosted-topic.ts';
import type { ConnackPacket, ConnectPacket } from '../mqtt/connect.ts';
import { field, fourBytes, packetOf, twoBytes, withLength } from '../mqtt/encode.ts';
import { packetType } from '../mqtt/packet.ts';
import { property } from '../mqtt/properties.ts';
import { type GatewayLimits, PACKET_OVERHEAD_BYTES, type Session } from './context.ts';

/** Topics that one connection may give an alias; each can be of 64 kB, and is kept here and in the engine. */
const MOST_ALIASES = 32;
/** MQTT 5 section 3.2.2.3.3: what holds where CONNACK says nothing. */
const RECEIVE_MAXIMUM = 65_535;

/**
 * CONNECT as the engine gets it: the tenant's client id and user, a will of a QoS that the engine takes, and no keep-alive,
 * which the gateway keeps.
 */
export function upstreamConnect(connect: ConnectPacket, session: Session, maximumQoS: 1 | 2): Buffer {
  const { will } = connect;
  const lowered = will && { ...connect, will: { ...will, qos: Math.min(will.qos, maximumQoS) as 0 | 1 | 2 } };
  return connect.protocolLevel === 5
    ? upstreamConnect5(lowered ?? connect, session)
    : upstreamConnect4(lowered ?? connect, session);
}

function upstreamConnect4({ clean, bridge, will }: ConnectPacket, session: Session): Buffer {
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
    will: will && { topic: will.topic, payload: will.payload, qos: will.qos, retain: will.retain },
  };
  return generate(packet);
}

/**
 * Properties pass as they are, but for one: without Topic Alias Maximum the engine sends no aliases [MQTT-3.1.2-27], so
 * each PUBLISH on its way to the client says its topic, by which commands are known.
 */
function upstreamConnect5({ clean, will, properties }: ConnectPacket, session: Session): Buffer {
  const willFlags = will ? 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0) : 0;
  const flags = 0x80 | 0x40 | (clean ? 0x02 : 0) | willFlags;
  return packetOf(
    packetType.connect << 4,
    field('MQTT'),
    Buffer.from([5, flags]),
    twoBytes(0),
    withLength(properties.without(property.topicAliasMaximum)),
    field(session.engineClientId),
    ...(will ? [withLength(will.properties.without()), field(will.topic), field(will.payload)] : []),
    field(organizationUser(session.grant.organizationId)),
    field(''),
  );
}

/** What a client may do that is in, and the CONNACK that says so. */
export interface Admission {
  connack: Buffer;
  /** Its session at the engine goes on from an earlier connection. */
  isResumed: boolean;
  /** Publishes of QoS 1 and 2 that it may have under way. */
  receiveMaximum: number;
  topicAliasMaximum: number;
  /** Seconds within which the engine wants to hear something, though it was asked for 0: none. */
  engineKeepAlive: number;
}

/**
 * @param bytes the engine's CONNACK, which passes as it is in 3.1.1
 * @param connack the same, read
 */
export function admissionOf(
  bytes: Buffer,
  connack: ConnackPacket,
  session: Session,
  limits: GatewayLimits,
): Admission {
  const { sessionPresent: isResumed, properties } = connack;
  if (session.protocolLevel < 5)
    return {
      connack: bytes,
      isResumed,
      receiveMaximum: Number.POSITIVE_INFINITY,
      topicAliasMaximum: 0,
      engineKeepAlive: 0,
    };
  const receiveMaximum = Math.min(
    properties.number(property.receiveMaximum) ?? RECEIVE_MAXIMUM,
    limits.inFlight,
  );
  const maximumPacketSize = Math.min(
    properties.number(property.maximumPacketSize) ?? Number.POSITIVE_INFINITY,
    Math.min(limits.messageBytes, session.quota.limits.message_bytes) + PACKET_OVERHEAD_BYTES,
  );
  const topicAliasMaximum = Math.min(properties.number(property.topicAliasMaximum) ?? 0, MOST_ALIASES);
  return {
    connack: packetOf(
      packetType.connack << 4,
      Buffer.from([isResumed ? 1 : 0, 0]),
      withLength(
        properties.only(...ofTheEngine),
        ...(session.isNamedHere ? [one(property.assignedClientIdentifier, field(session.clientId))] : []),
        one(property.receiveMaximum, twoBytes(receiveMaximum)),
        one(property.maximumPacketSize, fourBytes(maximumPacketSize)),
        one(property.topicAliasMaximum, twoBytes(topicAliasMaximum)),
      ),
    ),
    isResumed,
    receiveMaximum,
    topicAliasMaximum,
    engineKeepAlive: properties.number(property.serverKeepAlive) ?? 0,
  };
}

/**
 * What holds for its clients and is not the gateway's. All else of it stays behind: its keep-alive is with the gateway,
 * and client ids, addresses and texts are of the inside.
 */
const ofTheEngine = [
  property.sessionExpiryInterval,
  property.maximumQoS,
  property.retainAvailable,
  property.wildcardSubscriptionAvailable,
  property.subscriptionIdentifierAvailable,
  property.sharedSubscriptionAvailable,
];

function one(id: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([id]), value]);
}
