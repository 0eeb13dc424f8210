import { packetType } from '../../mqtt/packet.ts';
import type { QoS } from './message.ts';

export interface OutgoingPublish {
  topic: string;
  payload: Buffer;
  qos: QoS;
  /** 1 to 65535; ignored for QoS 0. */
  packetId: number;
  retain: boolean;
  dup: boolean;
}

/** A PUBLISH in one buffer (MQTT 3.1.1 section 3.3). */
export function encodePublish(publish: OutgoingPublish): Buffer {
  const topicBytes = Buffer.byteLength(publish.topic);
  const body = 2 + topicBytes + (publish.qos > 0 ? 2 : 0) + publish.payload.length;
  const buffer = Buffer.allocUnsafe(1 + lengthBytes(body) + body);
  const flags = (publish.dup ? 8 : 0) | (publish.qos << 1) | (publish.retain ? 1 : 0);
  buffer[0] = (packetType.publish << 4) | flags;
  let at = writeLength(buffer, 1, body);
  at = buffer.writeUInt16BE(topicBytes, at);
  at += buffer.write(publish.topic, at);
  if (publish.qos > 0) at = buffer.writeUInt16BE(publish.packetId, at);
  publish.payload.copy(buffer, at);
  return buffer;
}

/** PUBACK, PUBREC or PUBREL, whose reserved flags are 0010 [MQTT-3.6.1-1]. */
export function encodeAcknowledgement(type: 'puback' | 'pubrec' | 'pubrel', packetId: number): Buffer {
  const flags = type === 'pubrel' ? 2 : 0;
  return Buffer.of((packetType[type] << 4) | flags, 2, packetId >> 8, packetId & 255);
}

/** The remaining length's own length (section 2.2.3). */
function lengthBytes(length: number): number {
  if (length < 128) return 1;
  if (length < 16_384) return 2;
  return length < 2_097_152 ? 3 : 4;
}

function writeLength(buffer: Buffer, start: number, length: number): number {
  let at = start;
  let rest = length;
  while (rest > 127) {
    buffer[at] = (rest & 127) | 128;
    rest >>>= 7;
    at += 1;
  }
  buffer[at] = rest;
  return at + 1;
}
