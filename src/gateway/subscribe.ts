import { generate, type ISubscribePacket } from 'mqtt-packet';
import { type Grant, maySubscribe } from '../domain/grant.ts';
import { readPacketId } from '../mqtt/packet.ts';
import { readSubscribe } from '../mqtt/subscribe.ts';

/** SUBACK's failure code, MQTT 3.1.1 section 3.9.3. */
const FAILURE = 0x80;

/** A SUBSCRIBE split into what the engine may know of and what it may not. */
export interface CheckedSubscribe {
  packetId: number;
  /** The packet with the granted filters only; undefined when there are none. */
  forward: Buffer | undefined;
  refused: string[];
  /** For each filter as sent: whether the engine answers for it. */
  granted: boolean[];
}

/**
 * Refused filters never reach the engine: one that persists them would deliver after a reconnect.
 * @param packet the whole SUBSCRIBE
 * @param body where its body begins
 * @throws MalformedPacket
 */
export function checkSubscribe(
  packet: Buffer,
  body: number,
  { grant, shared }: { grant: Grant; shared: boolean },
): CheckedSubscribe {
  const { packetId, subscriptions } = readSubscribe(packet, body, packet.length);
  const granted = subscriptions.map(
    ({ filter }) => maySubscribe(grant, filter) && (shared || !filter.startsWith('$share/')),
  );
  const allowed = subscriptions.filter((_, index) => granted[index]);
  const refused = subscriptions.filter((_, index) => !granted[index]).map(({ filter }) => filter);
  return { packetId, forward: refused.length === 0 ? packet : encode(packetId, allowed), refused, granted };
}

function encode(messageId: number, subscriptions: { filter: string; qos: 0 | 1 | 2 }[]): Buffer | undefined {
  if (subscriptions.length === 0) return undefined;
  const named = subscriptions.map(({ filter, qos }) => ({ topic: filter, qos }));
  return generate({ cmd: 'subscribe', messageId, subscriptions: named } as ISubscribePacket);
}

/** The SUBACK for all filters as sent, from the engine's for those that it saw. */
export function completeSuback(check: CheckedSubscribe, engineCodes: Uint8Array): Buffer {
  let next = 0;
  const codes = check.granted.map((granted) => (granted ? (engineCodes[next++] ?? FAILURE) : FAILURE));
  return generate({ cmd: 'suback', messageId: check.packetId, granted: codes });
}

/** The codes that a SUBACK carries behind its packet id. */
export function subackCodes(
  buffer: Buffer,
  body: number,
  end: number,
): { packetId: number; codes: Uint8Array } {
  return { packetId: readPacketId(buffer, body, end), codes: buffer.subarray(body + 2, end) };
}
