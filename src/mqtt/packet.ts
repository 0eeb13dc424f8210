import { reasonCode } from './reasons.ts';

/** Control packet types, MQTT 3.1.1 section 2.2.1: the upper four bits of the first byte. */
export const packetType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

/** Bytes that are not MQTT. The connection can only be closed. */
export class MalformedPacket extends Error {
  override readonly name = 'MalformedPacket';
  readonly code = reasonCode.malformed_packet;
}

/** A packet that is well-formed, and not allowed where it stands. The connection can only be closed. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
  /** MQTT 5's. */
  readonly code: number;

  constructor(message: string, code: number = reasonCode.protocol_error) {
    super(message);
    this.code = code;
  }
}

/** A packet whose fixed header announces more than the limit; its body is never buffered. */
export class PacketTooLarge extends Error {
  override readonly name = 'PacketTooLarge';
  readonly code = reasonCode.packet_too_large;
  readonly bytes: number;
  readonly limit: number;

  constructor(bytes: number, limit: number) {
    super(`packet of ${bytes} bytes, at most ${limit} are accepted`);
    this.bytes = bytes;
    this.limit = limit;
  }
}

/** The first byte behind the fixed header of the whole packet that begins at `start`. */
export function bodyOffset(buffer: Buffer, start: number): number {
  return behindLength(buffer, start + 1);
}

/** Where a PUBLISH's parts lie in the buffer that holds it; nothing is copied. */
export interface PublishView {
  qos: 0 | 1 | 2;
  retain: boolean;
  dup: boolean;
  topicStart: number;
  topicEnd: number;
  /** 0 for QoS 0. */
  packetId: number;
  payloadStart: number;
  payloadEnd: number;
  /** Of MQTT 5, from here up to `payloadStart`; undefined when there are none. */
  propertiesStart?: number;
  /** Of MQTT 5, once it was looked for. */
  topicAlias?: number;
}

/**
 * Reads the variable header of an MQTT 3.1 or 3.1.1 PUBLISH in place (3.1.1 section 3.3).
 * @param start first byte of the fixed header
 * @param body first byte behind the fixed header
 * @param end first byte behind the packet
 * @throws MalformedPacket
 */
export function readPublish(buffer: Buffer, start: number, body: number, end: number): PublishView {
  const flags = buffer[start]!;
  const qos = (flags >> 1) & 3;
  if (qos === 3) throw new MalformedPacket('QoS 3 in PUBLISH [MQTT-3.3.1-4]');
  const dup = (flags & 8) !== 0;
  if (dup && qos === 0) throw new MalformedPacket('DUP with QoS 0 [MQTT-3.3.1-2]');
  const topicStart = body + 2;
  if (topicStart > end) throw new MalformedPacket('PUBLISH without a topic');
  const topicEnd = topicStart + ((buffer[body]! << 8) | buffer[body + 1]!);
  const payloadStart = qos === 0 ? topicEnd : topicEnd + 2;
  if (payloadStart > end) throw new MalformedPacket('PUBLISH ends within its header');
  const packetId = qos === 0 ? 0 : (buffer[topicEnd]! << 8) | buffer[topicEnd + 1]!;
  if (qos > 0 && packetId === 0) throw new MalformedPacket('packet id 0 [MQTT-2.3.1-1]');
  return {
    qos: qos as 0 | 1 | 2,
    retain: (flags & 1) !== 0,
    dup,
    topicStart,
    topicEnd,
    packetId,
    payloadStart,
    payloadEnd: end,
  };
}

/**
 * The same for MQTT 5 (section 3.3), whose properties are only marked.
 * @throws MalformedPacket
 */
export function readPublish5(buffer: Buffer, start: number, body: number, end: number): PublishView {
  const view = readPublish(buffer, start, body, end);
  const length = view.payloadStart;
  view.payloadStart = endOfProperties(buffer, length, end);
  // None are one byte that says so.
  if (view.payloadStart > length + 1) view.propertiesStart = behindLength(buffer, length);
  return view;
}

/** The first byte behind properties whose length stands at `at`. @throws MalformedPacket */
function endOfProperties(buffer: Buffer, at: number, end: number): number {
  let length = 0;
  for (let index = 0; index < 4 && at + index < end; index += 1) {
    const byte = buffer[at + index]!;
    length += (byte & 127) * 2 ** (7 * index);
    if (byte >= 128) continue;
    if (at + index + 1 + length > end) break;
    return at + index + 1 + length;
  }
  throw new MalformedPacket('a packet ends within its properties');
}

/** The first byte behind a variable byte integer that is there. */
function behindLength(buffer: Buffer, at: number): number {
  let behind = at;
  while (buffer[behind]! >= 128) behind += 1;
  return behind + 1;
}

/** The packet id that stands first in the body of PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, …. */
export function readPacketId(buffer: Buffer, body: number, end: number): number {
  if (body + 2 > end) throw new MalformedPacket('packet without its packet id');
  return (buffer[body]! << 8) | buffer[body + 1]!;
}

/** Bytes of the body of the packets that hold nothing but a packet id, or nothing at all. */
const shortBodies: readonly (number | undefined)[] = Object.assign(new Array(16).fill(undefined), {
  [packetType.puback]: 2,
  [packetType.pubrec]: 2,
  [packetType.pubrel]: 2,
  [packetType.pubcomp]: 2,
  [packetType.pingreq]: 0,
  [packetType.disconnect]: 0,
});
/** PUBREL, SUBSCRIBE and UNSUBSCRIBE; all others but PUBLISH have no flag set. */
const withFlag2 = [packetType.pubrel, packetType.subscribe, packetType.unsubscribe] as readonly number[];

/**
 * Sees that a packet other than PUBLISH has the flags that are laid down [MQTT-2.2.2-2], and that one of those that
 * hold a packet id or nothing holds just that.
 * @throws MalformedPacket
 */
export function checkPacket(buffer: Buffer, start: number, body: number, end: number): void {
  const type = checkFlags(buffer[start]!);
  const length = shortBodies[type];
  if (length === undefined) return;
  if (end - body !== length) throw new MalformedPacket(`packet type ${type} of ${end - body} bytes`);
  if (length === 2 && readPacketId(buffer, body, end) === 0)
    throw new MalformedPacket('packet id 0 [MQTT-2.3.1-1]');
}

/**
 * The same for MQTT 5, where a reason and properties may follow (sections 3.4 to 3.7, 3.14). Both may be left out from the
 * end, and what the properties are is not asked.
 * @throws MalformedPacket
 */
export function checkPacket5(buffer: Buffer, start: number, body: number, end: number): void {
  const type = checkFlags(buffer[start]!);
  const length = shortBodies[type];
  if (length === undefined) return;
  if (end - body < length) throw new MalformedPacket(`packet type ${type} of ${end - body} bytes`);
  if (length === 2 && readPacketId(buffer, body, end) === 0)
    throw new MalformedPacket('packet id 0 [MQTT-2.2.1-3]');
  if (type === packetType.pingreq && end > body) throw new MalformedPacket('PINGREQ with a body');
  const properties = body + length + 1;
  if (properties < end && endOfProperties(buffer, properties, end) !== end)
    throw new MalformedPacket(`packet type ${type} that does not end with its properties`);
}

/** The reason in a PUBACK, PUBREC, PUBREL or PUBCOMP: 0, success, where there is none, as in 3.1.1. */
export function readReason(buffer: Buffer, body: number, end: number): number {
  return end - body > 2 ? buffer[body + 2]! : 0;
}

/** The packet's type. @throws MalformedPacket */
function checkFlags(first: number): number {
  const type = first >> 4;
  if ((first & 15) !== (withFlag2.includes(type) ? 2 : 0))
    throw new MalformedPacket(`flags ${first & 15} in packet type ${type} [MQTT-2.2.2-2]`);
  return type;
}
