import { isUtf8 } from 'node:buffer';
import { Acknowledgements, Delivery } from './acknowledgements.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { MalformedPacket, type PublishView, packetType, readPublish, readPublish5 } from './packet.ts';
import { readCorrelation } from './properties.ts';
import { Slab } from './slab.ts';
import type { Window } from './window.ts';

const NOTHING = Buffer.alloc(0);

/** Messages that come in on one connection, from the bytes of PUBLISH to PUBACK. */
export class Inbound {
  readonly #options: ConsumerOptions;
  readonly #read: typeof readPublish;
  readonly #slab = new Slab();
  readonly acknowledgements: Acknowledgements;

  constructor(options: ConsumerOptions, window: Window, write: (bytes: Buffer) => void) {
    this.#options = options;
    this.#read = options.protocolVersion === 5 ? readPublish5 : readPublish;
    this.acknowledgements = new Acknowledgements(window, write);
  }

  /** Hands on the PUBLISH that lies there; parameters as in PacketSink. @throws MalformedPacket */
  deliver(buffer: Buffer, start: number, body: number, end: number): void {
    const view = this.#read(buffer, start, body, end);
    const delivery = this.#delivery(
      buffer,
      view,
      this.#slab.keep(buffer, view.payloadStart, view.payloadEnd),
    );
    try {
      this.#options.onMessage(delivery);
    } catch (error) {
      // Nobody will acknowledge it; without PUBACK it gives its place back, and comes again.
      this.acknowledgements.close();
      delivery.acknowledge();
      throw error;
    }
  }

  /** A packet above the limit has passed by; parameters as in OversizedSink. @throws MalformedPacket */
  passOver(buffer: Buffer, body: number, end: number, bytes: number): void {
    if (buffer[0]! >> 4 !== packetType.publish) throw new MalformedPacket(`${bytes} bytes and no PUBLISH`);
    const delivery = this.#delivery(buffer, readPublish(buffer, 0, body, end), NOTHING);
    delivery.acknowledge();
    this.#options.onOversized?.(delivery.topic, bytes);
  }

  #delivery(buffer: Buffer, view: PublishView, payload: Buffer): Delivery {
    const { qos } = view;
    if (qos === 2) throw new MalformedPacket('QoS 2, where QoS 1 was asked for [MQTT-3.8.4-6]');
    const topic = topicOf(buffer, view.topicStart, view.topicEnd);
    const { propertiesStart, payloadStart } = view;
    const correlation =
      propertiesStart === undefined ? undefined : readCorrelation(buffer, propertiesStart, payloadStart);
    const delivery = new Delivery(topic, payload, qos, view, correlation, this.acknowledgements);
    this.acknowledgements.add(delivery);
    return delivery;
  }
}

/** A topic name [MQTT-3.3.2-1, 3.3.2-2]. An empty one means an alias in MQTT 5, of which we have offered none. */
function topicOf(buffer: Buffer, start: number, end: number): string {
  const topic = buffer.toString('utf8', start, end);
  // U+FFFD stands for what is not UTF-8, unless it was sent as such.
  if (topic === '' || (/[+#\0\ufffd]/.test(topic) && !isTopic(topic, buffer.subarray(start, end))))
    throw new MalformedPacket('PUBLISH with what is no topic name [MQTT-3.3.2-1]');
  return topic;
}

function isTopic(topic: string, bytes: Buffer): boolean {
  return !/[+#\0]/.test(topic) && isUtf8(bytes);
}
