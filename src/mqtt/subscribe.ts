import { field, packetOf, twoBytes } from './encode.ts';
import { FieldReader } from './field-reader.ts';
import { MalformedPacket, packetType } from './packet.ts';

/** Filters in one packet; a bound for what one packet can cost the engine. */
const MOST_FILTERS = 1000;
const NOTHING = Buffer.alloc(0);

export interface SubscribePacket {
  packetId: number;
  /** Of MQTT 5, as they came with their length; nothing in older versions. */
  properties: Buffer;
  /** `options` is what stands behind the filter: a QoS, in MQTT 5 with more. */
  subscriptions: { filter: string; options: number }[];
}

/** What a SUBACK says, of whichever version. */
export interface SubackPacket {
  packetId: number;
  /** As in SubscribePacket. */
  properties: Buffer;
  codes: Uint8Array;
}

/**
 * Reads the body of a SUBSCRIBE of MQTT 3.1 or 3.1.1 (3.1.1 section 3.8). Whether its filters are valid is not asked.
 * @throws MalformedPacket
 */
export function readSubscribe(buffer: Buffer, body: number, end: number): SubscribePacket {
  const fields = new FieldReader(buffer, body, end);
  return { packetId: fields.packetId(), properties: NOTHING, subscriptions: readFilters(fields, isQoS) };
}

/** The same for MQTT 5 (section 3.8). @throws MalformedPacket */
export function readSubscribe5(buffer: Buffer, body: number, end: number): SubscribePacket {
  const fields = new FieldReader(buffer, body, end);
  return {
    packetId: fields.packetId(),
    properties: fields.variableBytes().withLength,
    subscriptions: readFilters(fields, areOptions5),
  };
}

function readFilters(
  fields: FieldReader,
  isAllowed: (options: number) => boolean,
): SubscribePacket['subscriptions'] {
  const subscriptions: SubscribePacket['subscriptions'] = [];
  do {
    if (fields.atEnd) throw new MalformedPacket('SUBSCRIBE without a filter [MQTT-3.8.3-3]');
    const filter = fields.text();
    const options = fields.byte();
    if (!isAllowed(options))
      throw new MalformedPacket('SUBSCRIBE with options that there are not [MQTT-3-8.3-4]');
    subscriptions.push({ filter, options });
    checkCount(subscriptions.length);
  } while (!fields.atEnd);
  return subscriptions;
}

function isQoS(options: number): boolean {
  return options <= 2;
}

/** QoS in bits 0 and 1, no local and retain as published, retain handling in bits 4 and 5 (MQTT 5 section 3.8.3.1). */
function areOptions5(options: number): boolean {
  return options < 0x30 && isQoS(options & 3);
}

export function encodeSubscribe({ packetId, properties, subscriptions }: SubscribePacket): Buffer {
  const filters = subscriptions.flatMap(({ filter, options }) => [field(filter), Buffer.from([options])]);
  return packetOf((packetType.subscribe << 4) | 2, twoBytes(packetId), properties, ...filters);
}

/** The filters of an UNSUBSCRIBE (MQTT 3.1.1 section 3.10). @throws MalformedPacket */
export function readUnsubscribe(buffer: Buffer, body: number, end: number): string[] {
  const fields = new FieldReader(buffer, body, end);
  fields.packetId();
  return unsubscribed(fields);
}

/** The same for MQTT 5 (section 3.10). @throws MalformedPacket */
export function readUnsubscribe5(buffer: Buffer, body: number, end: number): string[] {
  const fields = new FieldReader(buffer, body, end);
  fields.packetId();
  fields.variableBytes();
  return unsubscribed(fields);
}

function unsubscribed(fields: FieldReader): string[] {
  const filters: string[] = [];
  do {
    if (fields.atEnd) throw new MalformedPacket('UNSUBSCRIBE without a filter [MQTT-3.10.3-2]');
    filters.push(fields.text());
    checkCount(filters.length);
  } while (!fields.atEnd);
  return filters;
}

function checkCount(count: number): void {
  if (count > MOST_FILTERS) throw new MalformedPacket(`more than ${MOST_FILTERS} filters in one packet`);
}

/** Reads the body of a SUBACK of MQTT 3.1 or 3.1.1. @throws MalformedPacket */
export function readSuback(buffer: Buffer, body: number, end: number): SubackPacket {
  const fields = new FieldReader(buffer, body, end);
  return { packetId: fields.packetId(), properties: NOTHING, codes: fields.rest() };
}

/** The same for MQTT 5. @throws MalformedPacket */
export function readSuback5(buffer: Buffer, body: number, end: number): SubackPacket {
  const fields = new FieldReader(buffer, body, end);
  return {
    packetId: fields.packetId(),
    properties: fields.variableBytes().withLength,
    codes: fields.rest(),
  };
}

export function encodeSuback({ packetId, properties, codes }: SubackPacket): Buffer {
  return packetOf(packetType.suback << 4, twoBytes(packetId), properties, codes);
}
