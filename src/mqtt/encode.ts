/** Bytes of packets that are put together of parts, many of them as they came. */

/** A packet by its first byte and the parts of its body. */
export function packetOf(first: number, ...parts: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([first]), withLength(...parts)]);
}

/** The parts behind their length as a variable byte integer (MQTT 5 section 1.5.5), as properties have it too. */
export function withLength(...parts: Uint8Array[]): Buffer {
  const header: number[] = [];
  let rest = parts.reduce((sum, part) => sum + part.length, 0);
  do {
    header.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), ...parts]);
}

/** A text or bytes behind their length of two bytes. */
export function field(content: string | Uint8Array): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([twoBytes(bytes.length), bytes]);
}

export function twoBytes(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

export function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
