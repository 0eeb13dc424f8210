import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import {
  bodyOffset,
  checkPacket,
  checkPacket5,
  MalformedPacket,
  readPublish5,
  readReason,
} from './packet.ts';

const acknowledgements = ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const;

function encoded(packet: Packet): { bytes: Buffer; body: number } {
  const bytes = mqttPacket.generate(packet, { protocolVersion: 5 });
  return { bytes, body: bodyOffset(bytes, 0) };
}

describe('packets of MQTT 5 that hold a packet id and more', () => {
  const properties = { reasonString: 'r'.repeat(200), userProperties: { a: 'b' } };

  test.each(acknowledgements)('%s, as another encoder makes it', (cmd) => {
    const given = [{}, { reasonCode: 0x10 }, { reasonCode: 0x97, properties }];
    for (const more of given) {
      const { bytes, body } = encoded({ cmd, messageId: 7, ...more } as Packet);
      checkPacket5(bytes, 0, body, bytes.length);
      expect(readReason(bytes, body, bytes.length)).toBe(more.reasonCode ?? 0);
    }
  });

  test('leave out from the end what they don’t say', () => {
    for (const bytes of [
      [0x40, 2, 0, 7],
      [0x40, 3, 0, 7, 0x97],
      [0xe0, 0],
      [0xe0, 1, 4],
      [0xc0, 0],
    ])
      checkPacket5(Buffer.from(bytes), 0, 2, bytes.length);
  });

  test.each([
    ['half a packet id', [0x40, 1, 0]],
    ['packet id 0', [0x40, 3, 0, 0, 0]],
    ['bytes behind the properties', [0x40, 5, 0, 7, 0, 0, 1]],
    ['properties that are cut off', [0x40, 4, 0, 7, 0, 9]],
    ['a length of properties that is cut off', [0x40, 4, 0, 7, 0, 0x80]],
    ['a ping with a body', [0xc0, 1, 0]],
    ['flags', [0xe1, 0]],
  ])('%s is none', (_, bytes) => {
    expect(() => checkPacket5(Buffer.from(bytes), 0, 2, bytes.length)).toThrow(MalformedPacket);
  });

  test('are none of 3.1.1', () => {
    expect(() => checkPacket(Buffer.from([0x40, 3, 0, 7, 0]), 0, 2, 5)).toThrow(MalformedPacket);
  });
});

test('a PUBLISH of any bytes lies within them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 40 }), (bytes) => {
      const buffer = Buffer.from([0x32, ...bytes]);
      try {
        const { topicEnd, propertiesStart, payloadStart } = readPublish5(buffer, 0, 1, buffer.length);
        expect(propertiesStart ?? payloadStart).toBeGreaterThan(topicEnd + 2);
        expect(payloadStart).toBeGreaterThanOrEqual(propertiesStart ?? 0);
        expect(payloadStart).toBeLessThanOrEqual(buffer.length);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedPacket);
      }
    }),
    { numRuns: 5000 },
  );
});
