import type { InboundMessage, MessageSource } from '../ingest/message.ts';
import type { ReceivedMessage } from '../mqtt/consumer-options.ts';
import type { ExternalRoute } from './directory.ts';

/** Reports of V-Mark hubs: a hub sends no more until it is answered on the topic with `_reply` behind it. */
const V_MARK_REPORT = /^\$sys\/.+\/properties\/up$/;
const V_MARK_ANSWER = '{"result":0}';

/** A message of a customer's broker on its way into the database. */
export class SubscribedMessage implements InboundMessage {
  readonly source: MessageSource;
  readonly device: InboundMessage['device'];
  readonly channel: InboundMessage['channel'];
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly packetId: number;
  readonly receivedAt: number;
  readonly decoding: InboundMessage['decoding'];
  readonly refusal: InboundMessage['refusal'];
  readonly isRetainedCopy: boolean;
  readonly correlation: InboundMessage['correlation'];
  readonly #received: ReceivedMessage;
  readonly #isOurs: () => boolean;
  readonly #reply: (topic: string, payload: string) => void;

  constructor(parts: {
    received: ReceivedMessage;
    route: ExternalRoute;
    source: MessageSource;
    at: number;
    /** Whether the connection is surely this process's. */
    isOurs: () => boolean;
    reply: (topic: string, payload: string) => void;
  }) {
    const { received, route } = parts;
    this.source = parts.source;
    this.device = route.device;
    this.channel = route.channel;
    this.topic = received.topic;
    this.payload = received.payload;
    this.qos = received.qos;
    this.retain = received.retain;
    this.dup = received.dup;
    this.packetId = received.packetId;
    this.receivedAt = parts.at;
    this.decoding = route.decoding;
    this.refusal = route.device ? undefined : { reason: 'topic_not_expected', detail: '' };
    // Whatever is published while we are subscribed comes without the flag [MQTT-3.3.1-9].
    this.isRetainedCopy = received.retain;
    this.correlation = received.correlation;
    this.#received = received;
    this.#isOurs = parts.isOurs;
    this.#reply = parts.reply;
  }

  /** Another process may have got it from the broker by now, and have stored it. */
  get withdrawn(): boolean {
    return this.#received.isOrphan && !this.#isOurs();
  }

  dropped(): void {
    this.#received.acknowledge();
  }

  settled(): void {
    this.#received.acknowledge();
    if (V_MARK_REPORT.test(this.topic)) this.#reply(`${this.topic}_reply`, V_MARK_ANSWER);
  }
}
