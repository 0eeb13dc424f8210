import type { Packet } from 'mqtt-packet';
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
