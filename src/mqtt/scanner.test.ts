import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedPacket, PacketTooLarge } from './packet.ts';
import { PacketScanner } from './scanner.ts';

/** A packet with a body of `size` bytes, its length encoded as MQTT does. */
function packetOf(size: number, first = 0x30): Buffer {
  const header = [first];
  let rest = size;
  do {
    header.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(size, size % 251)]);
}

function scan(chunks: Buffer[], limit = 300_000): Buffer[] {
  const scanner = new PacketScanner(limit);
  const packets: Buffer[] = [];
  for (const chunk of chunks) {
    scanner.push(chunk, (buffer, start, body, end) => {
      expect(end - body).toBeGreaterThanOrEqual(0);
      packets.push(Buffer.from(buffer.subarray(start, end)));
      return true;
    });
  }
  return packets;
}

/** Cuts `bytes` at the given places. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

describe('PacketScanner', () => {
  test('finds the same packets however the stream is cut', () => {
    const sizes = fc.array(fc.oneof(fc.nat(5), fc.nat(300), fc.constantFrom(127, 128, 16_383, 16_384)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(), { maxLength: 40 }), (bodies, places) => {
        const packets = bodies.map((size) => packetOf(size));
        expect(scan(cut(Buffer.concat(packets), places))).toEqual(packets);
      }),
      { numRuns: 500 },
    );
  });

  test('a byte at a time', () => {
    const packets = [packetOf(0, 0xc0), packetOf(200), packetOf(20_000)];
    const bytes = Buffer.concat(packets);
    expect(scan(Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(packets);
  });

  test('any bytes in any chunks end in packets or in one of the two errors', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        const bytes = chunks.map((chunk) => Buffer.from(chunk));
        try {
          const found = Buffer.concat(scan(bytes, 1000));
          expect(Buffer.concat(bytes).subarray(0, found.length)).toEqual(found);
        } catch (error) {
          if (!(error instanceof MalformedPacket || error instanceof PacketTooLarge)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('refuses a packet by its header, before its body', () => {
    const header = packetOf(1001).subarray(0, 3);
    expect(() => scan([header], 1000)).toThrow(PacketTooLarge);
    expect(() => scan([header.subarray(0, 2), header.subarray(2)], 1000)).toThrow(PacketTooLarge);
  });

  test('lets packets above the limit pass by if asked, however the stream is cut', () => {
    const sizes = fc.array(fc.constantFrom(0, 5, 999, 1000, 1001, 5000, 65_544, 65_545, 200_000), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(), { maxLength: 40 }), (bodies, places) => {
        const packets = bodies.map((size) => packetOf(size));
        const seen: unknown[] = [];
        const scanner = new PacketScanner(1000, (buffer, body, end, bytes) => {
          expect([buffer.length, buffer[body]]).toEqual([end, (bytes - body) % 251]);
          seen.push(bytes);
        });
        for (const chunk of cut(Buffer.concat(packets), places)) {
          scanner.push(chunk, (buffer, start, _body, end) => {
            seen.push(Buffer.from(buffer.subarray(start, end)));
            return true;
          });
        }
        expect(seen).toEqual(packets.map((packet, at) => (bodies[at]! > 1000 ? packet.length : packet)));
        expect(scanner.partial).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('refuses a remaining length of five bytes', () => {
    expect(() => scan([Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])])).toThrow(MalformedPacket);
  });

  test('stops when told to', () => {
    const scanner = new PacketScanner(1000);
    let seen = 0;
    const used = scanner.push(Buffer.concat([packetOf(1), packetOf(2)]), () => {
      seen += 1;
      return false;
    });
    expect([seen, used]).toEqual([1, 3]);
  });
});
