import { activityReasons } from '../domain/activity.ts';
import { type Grant, maySubscribe } from '../domain/grant.ts';
import { isSubscription } from '../domain/topic.ts';
import type { Dialect } from '../mqtt/dialect.ts';
import { field, withLength } from '../mqtt/encode.ts';
import { MalformedPacket } from '../mqtt/packet.ts';
import { property } from '../mqtt/properties.ts';
import { reasonCode } from '../mqtt/reasons.ts';
import { encodeSuback, encodeSubscribe, type SubackPacket } from '../mqtt/subscribe.ts';
import type { OrganizationQuota } from '../quota/organization-quota.ts';

/** SUBACK's failure code, MQTT 3.1.1 section 3.9.3; all that says yes is below it in MQTT 5 too. */
const FAILURE = 0x80;
/** SUBSCRIBEs that the engine has not answered yet. */
const MOST_UNANSWERED = 1000;

/** A SUBSCRIBE of which the engine knows what is granted, or, without that, its answer. */
export type BegunSubscribe = Refused &
  ({ forward: Buffer; answer?: undefined } | { forward?: undefined; answer: Buffer });

interface Refused {
  /** Filters that are not granted. */
  refused: string[];
  /** The first that is one more than the organization may have. */
  beyond: string | undefined;
}

export interface SubscribesOptions {
  grant: Grant;
  /** The client's. */
  dialect: Dialect;
  protocolLevel: number;
  /** Whether the engine has shared subscriptions. */
  shared: boolean;
  /** Of the organization, which may have so many subscriptions. */
  quota: Pick<OrganizationQuota, 'subscribe' | 'unsubscribe'>;
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
  /** What it is subscribed to since it connected, or asks for: what is counted for the organization. */
  readonly #filters = new Set<string>();
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
    const notGranted = subscriptions.filter((_, index) => refusals[index] !== undefined);
    const refused = notGranted.map(({ filter }) => filter);
    const beyond = this.#take(subscriptions, refusals);
    const allowed = subscriptions.filter((_, index) => refusals[index] === undefined);
    if (allowed.length === 0) {
      const properties = beyond === undefined ? dialect.noProperties : this.#limitNamed(dialect.noProperties);
      const none = { packetId, properties, codes: new Uint8Array() };
      return { answer: suback(refusals, none), refused, beyond };
    }
    this.#count += 1;
    this.#asked.set(
      packetId,
      allowed.map(({ filter }) => filter),
    );
    if (allowed.length === subscriptions.length) return { forward: packet, refused, beyond };
    this.#partial.set(packetId, refusals);
    const forward = encodeSubscribe({ packetId, properties, subscriptions: allowed });
    return { forward, refused, beyond };
  }

  /** The client unsubscribes from these. */
  end(filters: readonly string[]): void {
    this.#uncount(filters);
  }

  /** The connection is over. */
  close(): void {
    this.#uncount([...this.#filters]);
  }

  /** Counts what is new, as far as there is room, and refuses the rest. @returns the first that is refused */
  #take(subscriptions: readonly { filter: string }[], refusals: (number | undefined)[]): string | undefined {
    let beyond: string | undefined;
    for (const [index, { filter }] of subscriptions.entries()) {
      if (refusals[index] !== undefined || this.#filters.has(filter)) continue;
      if (this.#options.quota.subscribe(1) === 1) {
        this.#filters.add(filter);
        continue;
      }
      refusals[index] = this.#options.protocolLevel < 5 ? FAILURE : reasonCode.quota_exceeded;
      beyond ??= filter;
    }
    return beyond;
  }

  #uncount(filters: readonly string[]): void {
    for (const filter of filters) if (this.#filters.delete(filter)) this.#options.quota.unsubscribe(1);
  }

  /** In a SUBACK of MQTT 5 that has nothing else to say. */
  #limitNamed(properties: Buffer): Buffer {
    if (properties.length !== 1) return properties;
    const sentence = field(activityReasons.subscriptions_limit);
    return withLength(Buffer.from([property.reasonString]), sentence);
  }

  /** The engine's SUBACK. @returns the one for all filters as sent, where it differs; and what is subscribed now */
  complete(buffer: Buffer, body: number, end: number): { answer: Buffer | undefined; subscribed: string[] } {
    this.#count -= 1;
    const engines = this.#options.dialect.readSuback(buffer, body, end);
    const { packetId, codes } = engines;
    const asked = this.#asked.get(packetId) ?? [];
    const subscribed = asked.filter((_, index) => (codes[index] ?? FAILURE) < FAILURE);
    this.#uncount(asked.filter((filter) => !subscribed.includes(filter)));
    this.#asked.delete(packetId);
    const refusals = this.#partial.get(packetId);
    this.#partial.delete(packetId);
    if (refusals?.includes(reasonCode.quota_exceeded)) {
      engines.properties = this.#limitNamed(engines.properties);
    }
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
