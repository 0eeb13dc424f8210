import { expect, test } from 'vitest';
import { PacketScanner } from './scanner.ts';
import { Unread } from './unread.ts';

/** Packets of one type by their one byte of body. */
const packets = (...bodies: number[]) => Buffer.from(bodies.flatMap((body) => [0x30, 1, body]));

/** Reads chunks, so many packets of each. */
function reader() {
  const scanner = new PacketScanner(100);
  const unread = new Unread();
  const seen: number[] = [];
  return {
    seen,
    unread,
    read(chunk: Buffer, most: number) {
      let room = most;
      const bytes = unread.before(chunk);
      const used = scanner.push(bytes, (buffer, start, body, end) => {
        if (room === 0) return unread.putOff(buffer, start, end);
        room -= 1;
        seen.push(buffer[body]!);
        return true;
      });
      return unread.keep(bytes, used);
    },
  };
}

test('each packet is read once, in order, however often it is put off', () => {
  const { read, seen, unread } = reader();
  expect(read(packets(1, 2, 3), 1)).toBe(true);
  expect(unread.length).toBe(6);
  expect(read(Buffer.alloc(0), 0)).toBe(true);
  expect(read(packets(4), 2)).toBe(true);
  expect(read(Buffer.alloc(0), 9)).toBe(false);
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(unread.length).toBe(0);
});

test('also one that comes in pieces', () => {
  const { read, seen } = reader();
  const bytes = packets(1, 2, 3);
  expect(read(bytes.subarray(0, 4), 9)).toBe(false);
  expect(read(bytes.subarray(4, 8), 0)).toBe(true);
  expect(read(bytes.subarray(8), 9)).toBe(false);
  expect(seen).toEqual([1, 2, 3]);
});
