import { generate, type ISubscribePacket, parser } from 'mqtt-packet';
import { type Grant, maySubscribe } from '../domain/grant.ts';
import { MalformedPacket, readPacketId } from '../mqtt/packet.ts';

/** SUBACK's failure code, MQTT 3.1.1 section 3.9.3. */
const FAILURE = 0x80;
/** Subscriptions in one packet; a bound for what one packet can cost the engine. */
const MOST_FILTERS = 1000;

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
 * @throws MalformedPacket
 */
export function checkSubscribe(bytes: Buffer, grant: Grant, options: { shared: boolean }): CheckedSubscribe {
  const packet = readSubscribe(bytes);
  const granted = packet.subscriptions.map(
    ({ topic }) => maySubscribe(grant, topic) && (options.shared || !topic.startsWith('$share/')),
  );
  const allowed = packet.subscriptions.filter((_, index) => granted[index]);
  return {
    packetId: packet.messageId!,
    forward:
      allowed.length === 0
        ? undefined
        : allowed.length === granted.length
          ? bytes
          : generate({
              cmd: 'subscribe',
              messageId: packet.messageId!,
              qos: 1,
              subscriptions: allowed,
            } as ISubscribePacket),
    refused: packet.subscriptions.filter((_, index) => !granted[index]).map(({ topic }) => topic),
    granted,
  };
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

function readSubscribe(bytes: Buffer): ISubscribePacket {
  let found: ISubscribePacket | undefined;
  const decoder = parser();
  decoder.on('packet', (packet) => {
    if (packet.cmd === 'subscribe') found = packet;
  });
  decoder.on('error', (error: Error) => {
    throw new MalformedPacket(error.message);
  });
  decoder.parse(bytes);
  if (!found?.messageId || found.subscriptions.length === 0)
    throw new MalformedPacket('SUBSCRIBE without a filter');
  if (found.subscriptions.length > MOST_FILTERS) {
    throw new MalformedPacket(`more than ${MOST_FILTERS} filters in one SUBSCRIBE`);
  }
  return found;
}
