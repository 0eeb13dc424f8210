import { FieldReader } from './field-reader.ts';
import { MalformedPacket } from './packet.ts';

/** Filters in one packet; a bound for what one packet can cost the engine. */
const MOST_FILTERS = 1000;

export interface SubscribePacket {
  packetId: number;
  subscriptions: { filter: string; qos: 0 | 1 | 2 }[];
}

/**
 * Reads the body of a SUBSCRIBE of MQTT 3.1 or 3.1.1 (3.1.1 section 3.8). Whether its filters are valid is not asked.
 * @throws MalformedPacket
 */
export function readSubscribe(buffer: Buffer, body: number, end: number): SubscribePacket {
  const fields = new FieldReader(buffer, body, end);
  const packetId = fields.packetId();
  const subscriptions: SubscribePacket['subscriptions'] = [];
  do {
    if (fields.atEnd) throw new MalformedPacket('SUBSCRIBE without a filter [MQTT-3.8.3-3]');
    const filter = fields.text();
    const qos = fields.byte();
    if (qos > 2) throw new MalformedPacket('SUBSCRIBE with other options than a QoS [MQTT-3-8.3-4]');
    subscriptions.push({ filter, qos: qos as 0 | 1 | 2 });
    checkCount(subscriptions.length);
  } while (!fields.atEnd);
  return { packetId, subscriptions };
}

/** Sees that an UNSUBSCRIBE is well-formed (MQTT 3.1.1 section 3.10). @throws MalformedPacket */
export function checkUnsubscribe(buffer: Buffer, body: number, end: number): void {
  const fields = new FieldReader(buffer, body, end);
  fields.packetId();
  let count = 0;
  do {
    if (fields.atEnd) throw new MalformedPacket('UNSUBSCRIBE without a filter [MQTT-3.10.3-2]');
    fields.text();
    count += 1;
    checkCount(count);
  } while (!fields.atEnd);
}

function checkCount(count: number): void {
  if (count > MOST_FILTERS) throw new MalformedPacket(`more than ${MOST_FILTERS} filters in one packet`);
}
