import mqttPacket, { type IConnackPacket, type IConnectPacket, type Packet } from 'mqtt-packet';
import type { ConsumerOptions } from './consumer-options.ts';
import { MalformedPacket } from './packet.ts';
import { MqttFailure, reasonOf } from './reasons.ts';

export type ProtocolVersion = 4 | 5;

/** AWS IoT takes no more in one SUBSCRIBE, and closes the connection otherwise. */
const FILTERS_IN_PACKET = 8;
/** Refusals that pass by themselves; any other needs somebody to change something. */
const temporary: readonly string[] = ['server_unavailable', 'server_busy', 'connection_rate_exceeded'];

/** What a broker grants in CONNACK, or what holds where it says nothing (MQTT 5 section 3.2.2.3). */
export interface BrokerLimits {
  /** PUBLISH packets of ours unacknowledged at a time. */
  receiveMaximum: number;
  maximumPacketSize: number;
  maximumQoS: number;
}

/** @throws Error for what may not be sent, as an empty client id in 3.1.1 */
export function encode(packet: Packet, protocolVersion: ProtocolVersion): Buffer {
  return mqttPacket.generate(packet, { protocolVersion });
}

/** @returns a function that decodes one whole packet, or throws MalformedPacket; it is not to be used any more then */
export function packetDecoder(protocolVersion: ProtocolVersion): (bytes: Buffer) => Packet {
  const parser = mqttPacket.parser({ protocolVersion });
  let packet: Packet | undefined;
  let problem: Error | undefined;
  parser.on('packet', (decoded) => {
    packet = decoded;
  });
  parser.on('error', (error: Error) => {
    problem ??= error;
  });
  return (bytes) => {
    packet = problem = undefined;
    try {
      parser.parse(bytes);
    } catch (error) {
      // It reads beyond the end of some packets that are cut short.
      problem ??= error as Error;
    }
    if (problem) throw new MalformedPacket(problem.message);
    const decoded = packet as Packet | undefined;
    // A packet id that is missing is -1 to it.
    if (!decoded || decoded.messageId === 0 || decoded.messageId === -1)
      throw new MalformedPacket('a packet without what it must hold');
    return decoded;
  };
}

/** CONNECT: without a will and topic aliases. */
export function connectPacket(options: ConsumerOptions, maxPacketBytes: number): IConnectPacket {
  const { protocolVersion, clientId, keepAliveSeconds, username, password } = options;
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion,
    clean: options.clean ?? false,
    clientId,
    keepalive: keepAliveSeconds,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: Buffer.from(password as string) }),
    ...(protocolVersion === 5 && {
      properties: {
        sessionExpiryInterval: options.sessionExpirySeconds,
        receiveMaximum: Math.min(options.receiveMaximum, 65_535),
        maximumPacketSize: maxPacketBytes,
        topicAliasMaximum: 0,
      },
    }),
  };
}

/** What CONNACK grants. @throws MqttFailure when it refuses, MalformedPacket */
export function grantedBy(connack: IConnackPacket): BrokerLimits {
  const code = connack.reasonCode ?? connack.returnCode;
  if (code === undefined) throw new MalformedPacket('CONNACK without a code');
  const { properties = {} } = connack;
  if (code !== 0)
    throw new MqttFailure(reasonOf(code), {
      code,
      packet: 'connack',
      detail: textOf(properties.reasonString),
    });
  return {
    receiveMaximum: properties.receiveMaximum ?? 65_535,
    maximumPacketSize: properties.maximumPacketSize ?? 268_435_460,
    maximumQoS: properties.maximumQoS ?? 2,
  };
}

/** Whether to say `refused`, and not only `retrying`, when CONNACK answers this. */
export function isRefusal({ reason }: MqttFailure): boolean {
  return !temporary.includes(reason);
}

/** What a broker writes as its reason; a property that came twice is a list. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Filters, as many together as any broker takes in one packet. */
export function inPackets(filters: readonly string[]): string[][] {
  const packets: string[][] = [];
  for (let at = 0; at < filters.length; at += FILTERS_IN_PACKET)
    packets.push(filters.slice(at, at + FILTERS_IN_PACKET));
  return packets;
}
