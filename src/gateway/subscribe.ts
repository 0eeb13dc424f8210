import { generate, type ISubscribePacket } from 'mqtt-packet';
import { type Grant, maySubscribe } from '../domain/grant.ts';
import { MalformedPacket, readPacketId } from '../mqtt/packet.ts';
import { readSubscribe, type SubscribePacket } from '../mqtt/subscribe.ts';

/** SUBACK's failure code, MQTT 3.1.1 section 3.9.3. */
const FAILURE = 0x80;
/** SUBSCRIBEs that the engine has not answered yet. */
const MOST_UNANSWERED = 1000;

/** A SUBSCRIBE of which the engine knows what is granted, or, without that, its answer. */
export type BegunSubscribe =
  | { forward: Buffer; answer?: undefined; refused: string[] }
  | { forward?: undefined; answer: Buffer; refused: string[] };

/**
 * One client's SUBSCRIBEs until they are answered. Refused filters never reach the engine: one that persists
 * them would deliver after a reconnect.
 */
export class SubscribesUnderWay {
  readonly #grant: Grant;
  readonly #shared: boolean;
  /** For each filter as sent whether the engine answers for it, by packet id; of those that it saw a part of. */
  readonly #partial = new Map<number, boolean[]>();
  /** What the engine was asked for, by packet id. */
  readonly #asked = new Map<number, string[]>();
  #count = 0;

  /** @param shared whether the engine has shared subscriptions */
  constructor(grant: Grant, shared: boolean) {
    this.#grant = grant;
    this.#shared = shared;
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
    const { packetId, subscriptions } = readSubscribe(packet, body, packet.length);
    if (this.#partial.has(packetId)) throw new MalformedPacket('SUBSCRIBE with a packet id in use');
    if (this.#count >= MOST_UNANSWERED) throw new MalformedPacket('too many SUBSCRIBEs without an answer');
    const granted = subscriptions.map(({ filter }) => this.#isGranted(filter));
    const allowed = subscriptions.filter((_, index) => granted[index]);
    const refused = subscriptions.filter((_, index) => !granted[index]).map(({ filter }) => filter);
    if (allowed.length === 0) return { answer: suback(packetId, granted, new Uint8Array()), refused };
    this.#count += 1;
    this.#asked.set(
      packetId,
      allowed.map(({ filter }) => filter),
    );
    if (refused.length === 0) return { forward: packet, refused };
    this.#partial.set(packetId, granted);
    return { forward: encode({ packetId, subscriptions: allowed }), refused };
  }

  /** The engine's SUBACK. @returns the one for all filters as sent, where it differs; and what is subscribed now */
  complete(buffer: Buffer, body: number, end: number): { answer: Buffer | undefined; subscribed: string[] } {
    this.#count -= 1;
    const packetId = readPacketId(buffer, body, end);
    const codes = buffer.subarray(body + 2, end);
    const asked = this.#asked.get(packetId) ?? [];
    const subscribed = asked.filter((_, index) => (codes[index] ?? FAILURE) < FAILURE);
    this.#asked.delete(packetId);
    const granted = this.#partial.get(packetId);
    this.#partial.delete(packetId);
    return { answer: granted && suback(packetId, granted, codes), subscribed };
  }

  #isGranted(filter: string): boolean {
    return maySubscribe(this.#grant, filter) && (this.#shared || !filter.startsWith('$share/'));
  }
}

function encode({ packetId, subscriptions }: SubscribePacket): Buffer {
  const named = subscriptions.map(({ filter, qos }) => ({ topic: filter, qos }));
  return generate({ cmd: 'subscribe', messageId: packetId, subscriptions: named } as ISubscribePacket);
}

function suback(messageId: number, granted: readonly boolean[], engineCodes: Uint8Array): Buffer {
  let next = 0;
  const codes = granted.map((isGranted) => (isGranted ? (engineCodes[next++] ?? FAILURE) : FAILURE));
  return generate({ cmd: 'suback', messageId, granted: codes });
}
