/** Longer ones are none of ours, which are a command's id; a broker may put 64 kB into each of thousands of messages. */
const LONGEST = 128;
const CORRELATION_DATA = 0x09;

/**
 * The correlation data among the properties of a PUBLISH (MQTT 5.0 section 3.3.2.3), copied.
 * @returns undefined when there is none, or what can't be read: nothing else of it is needed
 */
export function readCorrelation(buffer: Buffer, start: number, end: number): Buffer | undefined {
  for (let at = start; at < end; ) {
    const value = at + 1;
    const next = value + valueLength(buffer, at);
    // Also where the property is none of a PUBLISH.
    if (!(next <= end)) return undefined;
    if (buffer[at] === CORRELATION_DATA) {
      const data = buffer.subarray(value + 2, next);
      return data.length <= LONGEST ? Buffer.from(data) : undefined;
    }
    at = next;
  }
  return undefined;
}

/** How many bytes stand behind the identifier at `at`; NaN for an unknown one. */
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
