import { isUtf8 } from 'node:buffer';
import { MalformedPacket, ProtocolViolation } from './packet.ts';

/** Identifiers of the properties of MQTT 5 (table 2-4), where they are read or written by their names. */
export const property = {
  correlationData: 0x09,
  sessionExpiryInterval: 0x11,
  assignedClientIdentifier: 0x12,
  serverKeepAlive: 0x13,
  authenticationMethod: 0x15,
  willDelayInterval: 0x18,
  reasonString: 0x1f,
  receiveMaximum: 0x21,
  topicAliasMaximum: 0x22,
  topicAlias: 0x23,
  maximumQoS: 0x24,
  retainAvailable: 0x25,
  userProperty: 0x26,
  maximumPacketSize: 0x27,
  wildcardSubscriptionAvailable: 0x28,
  subscriptionIdentifierAvailable: 0x29,
  sharedSubscriptionAvailable: 0x2a,
} as const;

/** Longer ones are none of ours, which are a command's id; a broker may put 64 kB into each of thousands of messages. */
const LONGEST_CORRELATION = 128;

/** Of a PUBLISH, copied. @returns undefined when there is none, or what can't be read: nothing else of it is needed */
export function readCorrelation(buffer: Buffer, start: number, end: number): Buffer | undefined {
  const data = lengthed(buffer, start, end, property.correlationData);
  return data && data.length <= LONGEST_CORRELATION ? Buffer.from(data) : undefined;
}

/** Of a PUBACK. @returns undefined when there is none, or what can't be read: the code says enough */
export function readReasonString(buffer: Buffer, start: number, end: number): string | undefined {
  const text = lengthed(buffer, start, end, property.reasonString);
  return text && text.length > 0 && isUtf8(text) ? text.toString() : undefined;
}

/**
 * Of a PUBLISH; undefined when there is none. All properties are gone through, so that whoever reads them next can find
 * no other.
 * @throws MalformedPacket, ProtocolViolation
 */
export function readTopicAlias(buffer: Buffer, start: number, end: number): number | undefined {
  let alias: number | undefined;
  for (let at = start; at < end; ) {
    const next = endOfProperty(buffer, at, end);
    if (buffer[at] === property.topicAlias) {
      if (alias !== undefined) throw new ProtocolViolation('two topic aliases in one PUBLISH');
      alias = buffer.readUInt16BE(at + 1);
    }
    at = next;
  }
  return alias;
}

/** Where the property at `at` ends. @throws MalformedPacket when that is beyond `end`, or it is none that there is */
export function endOfProperty(buffer: Buffer, at: number, end: number): number {
  const next = at + 1 + valueLength(buffer, at);
  if (!(next <= end)) throw new MalformedPacket('properties that can’t be read');
  return next;
}

/** The bytes behind a property's length of two bytes; those before it are passed over. */
function lengthed(buffer: Buffer, start: number, end: number, wanted: number): Buffer | undefined {
  for (let at = start; at < end; ) {
    const value = at + 1;
    const next = value + valueLength(buffer, at);
    // Also where it is none that there is.
    if (!(next <= end)) return undefined;
    if (buffer[at] === wanted) return buffer.subarray(value + 2, next);
    at = next;
  }
  return undefined;
}

/** How many bytes stand behind the identifier at `at` (table 2-4); NaN for one that there is not. */
function valueLength(buffer: Buffer, at: number): number {
  switch (buffer[at]) {
    // A byte: payload format, what a client asks for, what a broker can.
    case 0x01:
    case 0x17:
    case 0x19:
    case 0x24:
    case 0x25:
    case 0x28:
    case 0x29:
    case 0x2a:
      return 1;
    // Two: server keep alive, receive maximum, topic alias maximum, topic alias.
    case 0x13:
    case 0x21:
    case 0x22:
    case 0x23:
      return 2;
    // Four: message and session expiry, will delay, maximum packet size.
    case 0x02:
    case 0x11:
    case 0x18:
    case 0x27:
      return 4;
    // A text, or bytes: content type, response topic, correlation data, authentication, what a broker says.
    case 0x03:
    case 0x08:
    case 0x09:
    case 0x12:
    case 0x15:
    case 0x16:
    case 0x1a:
    case 0x1c:
    case 0x1f:
      return textLength(buffer, at + 1);
    // A user property is two texts.
    case 0x26: {
      const name = textLength(buffer, at + 1);
      return name + textLength(buffer, at + 1 + name);
    }
    // The subscription identifier ends with the first byte below 128.
    case 0x0b:
      for (let length = 1; length <= 4; length += 1) if (buffer[at + length]! < 128) return length;
      return Number.NaN;
    default:
      return Number.NaN;
  }
}

function textLength(buffer: Buffer, at: number): number {
  return 2 + ((buffer[at]! << 8) | buffer[at + 1]!);
}
