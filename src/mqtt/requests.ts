import type { IPubackPacket, Packet } from 'mqtt-packet';
import { MalformedPacket, readPacketId } from './packet.ts';
import { readReasonString } from './properties.ts';
import type { MqttFailure } from './reasons.ts';

type Answer = 'puback' | 'suback' | 'unsuback';

interface Request {
  answer: Answer;
  /** May throw MalformedPacket. */
  answered(packet: Packet): void;
  failed(failure: MqttFailure): void;
}

/** Packets of ours that carry a packet id and wait for their answer. Whoever sends them sees to how many there are. */
export class Requests {
  readonly #waiting = new Map<number, Request>();
  #lastId = 0;

  /** @returns the packet id to send it with */
  add(request: Request): number {
    do this.#lastId = (this.#lastId % 65_535) + 1;
    while (this.#waiting.has(this.#lastId));
    this.#waiting.set(this.#lastId, request);
    return this.#lastId;
  }

  /** An answer to what nobody has asked is passed over: it may be to a packet of a connection before. */
  answer(packet: Packet): void {
    const request = this.#waiting.get(packet.messageId!);
    if (request?.answer !== packet.cmd) return;
    this.#waiting.delete(packet.messageId!);
    request.answered(packet);
  }

  close(failure: MqttFailure): void {
    const requests = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const request of requests) request.failed(failure);
  }
}

/**
 * A PUBACK; parameters as in PacketSink. Read here and not by a library: brokers send codes that MQTT 5 does not list
 * for it, Mosquitto 0x95 for a message that is too large, and no such code may end the connection.
 * @throws MalformedPacket
 */
export function readPuback(buffer: Buffer, body: number, end: number): IPubackPacket {
  const messageId = readPacketId(buffer, body, end);
  if (messageId === 0) throw new MalformedPacket('packet id 0 [MQTT-2.2.1-3]');
  const reasonCode = end - body > 2 ? buffer[body + 2]! : 0;
  let properties = body + 3;
  while (properties < end && buffer[properties]! >= 128) properties += 1;
  const reasonString = readReasonString(buffer, properties + 1, end);
  return { cmd: 'puback', messageId, reasonCode, properties: { reasonString } };
}
