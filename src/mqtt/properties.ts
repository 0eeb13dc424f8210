import { isUtf8 } from 'node:buffer';

/** Properties of MQTT 5 (section 2.2.2.2), as far as they are read where they lie. */

const CORRELATION_DATA = 0x09;
const REASON_STRING = 0x1f;
/** Longer ones are none of ours, which are a command's id; a broker may put 64 kB into each of thousands of messages. */
const LONGEST_CORRELATION = 128;

/** Of a PUBLISH, copied. @returns undefined when there is none, or what can't be read: nothing else of it is needed */
export function readCorrelation(buffer: Buffer, start: number, end: number): Buffer | undefined {
  const data = lengthed(buffer, start, end, CORRELATION_DATA);
  return data && data.length <= LONGEST_CORRELATION ? Buffer.from(data) : undefined;
}

/** Of a PUBACK. @returns undefined when there is none, or what can't be read: the code says enough */
export function readReasonString(buffer: Buffer, start: number, end: number): string | undefined {
  const text = lengthed(buffer, start, end, REASON_STRING);
  return text && text.length > 0 && isUtf8(text) ? text.toString() : undefined;
}

/** The bytes behind a property's length of two bytes; those before it are passed over. */
function lengthed(buffer: Buffer, start: number, end: number, wanted: number): Buffer | undefined {
  for (let at = start; at < end; ) {
    const value = at + 1;
    const next = value + valueLength(buffer, at);
    // Also where it is none that belongs there.
    if (!(next <= end)) return undefined;
    if (buffer[at] === wanted) return buffer.subarray(value + 2, next);
    at = next;
  }
  return undefined;
}

/** How many bytes stand behind the identifier at `at`; NaN for one of neither PUBLISH nor PUBACK. */
function valueLength(buffer: Buffer, at: number): number {
  const text = (from: number) => 2 + ((buffer[from]! << 8) | buffer[from + 1]!);
  switch (buffer[at]) {
    // Payload format indicator, message expiry interval, topic alias.
    case 0x01:
      return 1;
    case 0x02:
      return 4;
    case 0x23:
      return 2;
    // Content type, response topic.
    case 0x03:
    case 0x08:
    case CORRELATION_DATA:
    case REASON_STRING:
      return text(at + 1);
    // A user property is two texts.
    case 0x26:
      return text(at + 1) + text(at + 1 + text(at + 1));
    // The subscription identifier ends with the first byte below 128.
    case 0x0b:
      for (let length = 1; length <= 4; length += 1) if (buffer[at + length]! < 128) return length;
      return Number.NaN;
    default:
      return Number.NaN;
  }
}
