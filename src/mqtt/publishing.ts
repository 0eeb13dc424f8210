import type { IPubackPacket, IPublishPacket, Packet } from 'mqtt-packet';
import type { BrokerLimits } from './consumer-packets.ts';
import { bodyOffset } from './packet.ts';
import { MqttFailure, reasonOf } from './reasons.ts';
import type { Requests } from './requests.ts';

/** Publishes unacknowledged at a time, whatever more the broker takes. */
const MOST_IN_FLIGHT = 1000;
/** Bytes that wait for one of those to be acknowledged, and bytes that wait for the broker to read them. */
const MOST_BYTES = 4 * 1024 * 1024;
/** MQTT 5, table 3-4. An offline session that is subscribed counts as somebody. */
const NO_MATCHING_SUBSCRIBERS = 0x10;
/** What a waiting publish weighs beside its bytes. */
const OVERHEAD_BYTES = 500;

/** What MQTT 5 carries beside the payload; 3.1.1 leaves it out. The expiry is in seconds. */
export type PublishProperties = Pick<
  NonNullable<IPublishPacket['properties']>,
  'messageExpiryInterval' | 'responseTopic' | 'correlationData'
>;

export interface PublishMore {
  properties?: PublishProperties;
  /** The broker keeps it for who subscribes later. Default false. */
  retain?: boolean;
  /** Keeps it from being sent when it is aborted while it waits for its turn. */
  signal?: AbortSignal;
}

export type PublishArguments = [topic: string, payload: string | Buffer, qos: 0 | 1, more?: PublishMore];

export interface PublishingOptions {
  requests: Requests;
  limits: BrokerLimits;
  encode(packet: Packet): Buffer;
  /** `done` hears when it has left this process, or that it could not. */
  write(bytes: Buffer, done?: (error?: Error | null) => void): void;
  /** Bytes written that have not left yet. */
  unsent(): number;
}

/** What is published on one connection, never more than the broker takes unacknowledged [MQTT-4.9.0-1]. */
export class Publishing {
  readonly #options: PublishingOptions;
  readonly #most: number;
  #inFlight = 0;
  #waiting: { resolve: () => void; reject: (failure: MqttFailure) => void; weight: number }[] = [];
  #waitingBytes = 0;
  #failure: MqttFailure | undefined;

  constructor(options: PublishingOptions) {
    this.#options = options;
    this.#most = Math.min(options.limits.receiveMaximum, MOST_IN_FLIGHT);
  }

  /**
   * Resolves when it has left (QoS 0) or with the broker's PUBACK (QoS 1), unless that says that nobody is to get it.
   * @throws MqttFailure when it may not be sent, the broker refuses it, or the connection ends before: then it may have
   * arrived or not, and is not sent again by itself
   */
  async publish(...[topic, payload, qos, more = {}]: PublishArguments): Promise<void> {
    const { limits, encode, unsent } = this.#options;
    const topicBytes = Buffer.byteLength(topic);
    if (topicBytes === 0 || topicBytes > 65_535 || /[+#\0]/.test(topic))
      throw new MqttFailure('topic_invalid');
    if (qos > limits.maximumQoS) throw new MqttFailure('qos_not_supported');
    const id = qos === 1 && { messageId: 1 };
    const { properties = {}, retain = false, signal } = more;
    const bytes = encode({
      cmd: 'publish',
      topic,
      payload,
      qos,
      dup: false,
      retain,
      properties,
      ...id,
    });
    if (bytes.length > limits.maximumPacketSize) throw new MqttFailure('packet_too_large');
    if (unsent() > MOST_BYTES) throw new MqttFailure('congested');
    if (qos === 0) return this.#send(bytes);
    await this.#place(bytes.length + OVERHEAD_BYTES);
    try {
      if (this.#failure) throw this.#failure;
      // Nobody waits for it any more, so nobody would hear that it was published.
      signal?.throwIfAborted();
      await this.#acknowledged(bytes, bodyOffset(bytes, 0) + 2 + topicBytes);
    } finally {
      this.#leave();
    }
  }

  close(failure: MqttFailure): void {
    this.#failure = failure;
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
  }

  #send(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#options.write(bytes, (error) => {
        if (error) reject(new MqttFailure('connection_lost', { detail: error.message }));
        else resolve();
      });
    });
  }

  /** Sends it with a packet id of its own, which stands at `idAt`. */
  #acknowledged(bytes: Buffer, idAt: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const packetId = this.#options.requests.add({
        answer: 'puback',
        answered(packet) {
          const { reasonCode: code = 0, properties } = packet as IPubackPacket;
          if (code < 0x80 && code !== NO_MATCHING_SUBSCRIBERS) resolve();
          else {
            const detail = properties?.reasonString;
            reject(new MqttFailure(reasonOf(code), { code, packet: 'puback', detail }));
          }
        },
        failed: reject,
      });
      bytes.writeUInt16BE(packetId, idAt);
      this.#options.write(bytes);
    });
  }

  /** Waits for its turn; in the order of the calls. */
  async #place(weight: number): Promise<void> {
    if (this.#inFlight < this.#most) {
      this.#inFlight += 1;
      return;
    }
    if (this.#waitingBytes > MOST_BYTES) throw new MqttFailure('congested');
    this.#waitingBytes += weight;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject, weight }));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (!next) {
      this.#inFlight -= 1;
      return;
    }
    this.#waitingBytes -= next.weight;
    next.resolve();
  }
}
