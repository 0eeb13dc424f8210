import type { ISubackPacket, Packet } from 'mqtt-packet';
import { inPackets } from './consumer-packets.ts';
import { MalformedPacket } from './packet.ts';
import type { Requests } from './requests.ts';
import type { SubscriptionChange } from './subscriptions.ts';

export interface SubscribingOptions {
  requests: Requests;
  /** Sends packets in one write. */
  send(packets: Packet[]): void;
  /** All filters asked for so far are answered. */
  answered(): void;
}

/** SUBSCRIBE and UNSUBSCRIBE on one connection, and what became of them. */
export class Subscribing {
  readonly #options: SubscribingOptions;
  #unanswered = 0;
  /** SUBACK's code for each filter that is subscribed. */
  readonly codes = new Map<string, number>();

  constructor(options: SubscribingOptions) {
    this.#options = options;
  }

  /** What goes is told first. `answered` is called when the last is answered, at once if nothing is to be said. */
  change({ subscribe, unsubscribe }: SubscriptionChange): void {
    const packets = [
      ...inPackets(unsubscribe).map((filters) => this.#unsubscribe(filters)),
      ...inPackets(subscribe).map((filters) => this.#subscribe(filters)),
    ];
    if (packets.length > 0) this.#options.send(packets);
    else if (this.#unanswered === 0) this.#options.answered();
  }

  #subscribe(filters: string[]): Packet {
    const messageId = this.#ask('suback', (packet) => {
      const { granted } = packet as ISubackPacket;
      if (granted.length !== filters.length)
        throw new MalformedPacket(`SUBACK of ${granted.length} codes for ${filters.length} filters`);
      for (const [at, filter] of filters.entries()) this.codes.set(filter, Number(granted[at]));
    });
    return { cmd: 'subscribe', messageId, subscriptions: filters.map((topic) => ({ topic, qos: 1 })) };
  }

  #unsubscribe(filters: string[]): Packet {
    const messageId = this.#ask('unsuback', () => {
      for (const filter of filters) this.codes.delete(filter);
    });
    return { cmd: 'unsubscribe', messageId, unsubscriptions: filters };
  }

  #ask(answer: 'suback' | 'unsuback', take: (packet: Packet) => void): number {
    this.#unanswered += 1;
    return this.#options.requests.add({
      answer,
      answered: (packet) => {
        take(packet);
        this.#unanswered -= 1;
        if (this.#unanswered === 0) this.#options.answered();
      },
      // The end of the connection is told elsewhere.
      failed() {},
    });
  }
}
