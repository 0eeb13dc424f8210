import { type Grant, maySubscribe } from '../domain/grant.ts';
import { isSubscription } from '../domain/topic.ts';
import type { Dialect } from '../mqtt/dialect.ts';
import { MalformedPacket } from '../mqtt/packet.ts';
import { reasonCode } from '../mqtt/reasons.ts';
import { encodeSuback, encodeSubscribe, type SubackPacket } from '../mqtt/subscribe.ts';

/** SUBACK's failure code, MQTT 3.1.1 section 3.9.3; all that says yes is below it in MQTT 5 too. */
const FAILURE = 0x80;
/** SUBSCRIBEs that the engine has not answered yet. */
const MOST_UNANSWERED = 1000;

/** A SUBSCRIBE of which the engine knows what is granted, or, without that, its answer. */
export type BegunSubscribe =
  | { forward: Buffer; answer?: undefined; refused: string[] }
  | { forward?: undefined; answer: Buffer; refused: string[] };

export interface SubscribesOptions {
  grant: Grant;
  /** The client's. */
  dialect: Dialect;
  protocolLevel: number;
  /** Whether the engine has shared subscriptions. */
  shared: boolean;
}

/**
 * One client's SUBSCRIBEs until they are answered. Refused filters never reach the engine: one that persists
 * them would deliver after a reconnect.
 */
export class SubscribesUnderWay {
  readonly #options: SubscribesOptions;
  /** The codes of the refused among the filters as sent, by packet id; of those that the engine saw a part of. */
  readonly #partial = new Map<number, (number | undefined)[]>();
  /** What the engine was asked for, by packet id. */
  readonly #asked = new Map<number, string[]>();
  #count = 0;

  constructor(options: SubscribesOptions) {
    this.#options = options;
  }

  /** How many the engine has not answered. */
  get count(): number {
    return this.#count;
  }

  /**
   * @param packet the whole SUBSCRIBE
   * @param body where its body begins
   * @throws MalformedPacket
   */
  begin(packet: Buffer, body: number): BegunSubscribe {
    const { dialect } = this.#options;
    const { packetId, properties, subscriptions } = dialect.readSubscribe(packet, body, packet.length);
    if (this.#partial.has(packetId)) throw new MalformedPacket('SUBSCRIBE with a packet id in use');
    if (this.#count >= MOST_UNANSWERED) throw new MalformedPacket('too many SUBSCRIBEs without an answer');
    const refusals = subscriptions.map(({ filter }) => this.#refusalOf(filter));
    const allowed = subscriptions.filter((_, index) => refusals[index] === undefined);
    const refused = subscriptions.filter((_, index) => refusals[index] !== undefined);
    const filters = refused.map(({ filter }) => filter);
    if (allowed.length === 0) {
      const none = { packetId, properties: dialect.noProperties, codes: new Uint8Array() };
      return { answer: suback(refusals, none), refused: filters };
    }
    this.#count += 1;
    this.#asked.set(
      packetId,
      allowed.map(({ filter }) => filter),
    );
    if (refused.length === 0) return { forward: packet, refused: filters };
    this.#partial.set(packetId, refusals);
    return { forward: encodeSubscribe({ packetId, properties, subscriptions: allowed }), refused: filters };
  }

  /** The engine's SUBACK. @returns the one for all filters as sent, where it differs; and what is subscribed now */
  complete(buffer: Buffer, body: number, end: number): { answer: Buffer | undefined; subscribed: string[] } {
    this.#count -= 1;
    const engines = this.#options.dialect.readSuback(buffer, body, end);
    const { packetId, codes } = engines;
    const asked = this.#asked.get(packetId) ?? [];
    const subscribed = asked.filter((_, index) => (codes[index] ?? FAILURE) < FAILURE);
    this.#asked.delete(packetId);
    const refusals = this.#partial.get(packetId);
    this.#partial.delete(packetId);
    return { answer: refusals && suback(refusals, engines), subscribed };
  }

  /** SUBACK's code for a filter that the engine is not to see. */
  #refusalOf(filter: string): number | undefined {
    const { grant, shared, protocolLevel } = this.#options;
    if (maySubscribe(grant, filter) && (shared || !filter.startsWith('$share/'))) return undefined;
    if (protocolLevel < 5) return FAILURE;
    return isSubscription(filter) ? reasonCode.not_authorized : reasonCode.topic_filter_invalid;
  }
}

/** The engine's answers, and those that it was not asked for. */
function suback(refusals: readonly (number | undefined)[], engines: SubackPacket): Buffer {
  let next = 0;
  const codes = refusals.map((refusal) => refusal ?? engines.codes[next++] ?? FAILURE);
  return encodeSuback({ ...engines, codes: Uint8Array.from(codes) });
}
