import fc from 'fast-check';
import mqttPacket, { type IPublishPacket } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { bodyOffset, MalformedPacket, ProtocolViolation, readPublish5 } from './packet.ts';
import { readCorrelation, readTopicAlias } from './properties.ts';

/** What is read of a PUBLISH that another encoder has made. */
function correlationOf(properties: IPublishPacket['properties']): string | undefined {
  const packet: IPublishPacket = {
    cmd: 'publish',
    topic: 'a',
    payload: 'x',
    qos: 0,
    dup: false,
    retain: false,
    properties,
  };
  const bytes = mqttPacket.generate(packet, { protocolVersion: 5 });
  const view = readPublish5(bytes, 0, bodyOffset(bytes, 0), bytes.length);
  expect(bytes.toString('utf8', view.payloadStart)).toBe('x');
  if (view.propertiesStart === undefined) return undefined;
  return readCorrelation(bytes, view.propertiesStart, view.payloadStart)?.toString();
}

describe('correlation data', () => {
  const correlationData = Buffer.from('5b6f…');

  test('is found behind whatever else there is', () => {
    const others: NonNullable<IPublishPacket['properties']> = {
      payloadFormatIndicator: true,
      messageExpiryInterval: 9,
      topicAlias: 3,
      responseTopic: 'r/ü',
      contentType: 'json',
      subscriptionIdentifier: 300,
      userProperties: { a: 'b', c: ['d', 'e'] },
    };
    expect(correlationOf({ ...others, correlationData })).toBe('5b6f…');
    for (const [name, value] of Object.entries(others))
      expect(correlationOf({ [name]: value, correlationData })).toBe('5b6f…');
    expect(correlationOf(others)).toBeUndefined();
    expect(correlationOf({})).toBeUndefined();
  });

  test('is none of ours when it is longer than an id', () => {
    expect(correlationOf({ correlationData: Buffer.alloc(128, 'a') })).toHaveLength(128);
    expect(correlationOf({ correlationData: Buffer.alloc(129) })).toBeUndefined();
  });

  test('of any bytes lies within them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), (bytes, end) => {
        const read = readCorrelation(Buffer.from(bytes), 0, Math.min(end, bytes.length));
        return read === undefined || read.length <= end;
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a topic alias', () => {
  const read = (...bytes: number[]) => readTopicAlias(Buffer.from(bytes), 0, bytes.length);

  test('is found wherever it stands, and can’t hide', () => {
    expect(read()).toBeUndefined();
    expect(read(0x01, 1)).toBeUndefined();
    expect(read(0x23, 1, 2)).toBe(258);
    expect(read(0x26, 0, 1, 0x23, 0, 1, 0x23, 0x23, 0, 5, 0x0b, 0x80, 0x01)).toBe(5);
    expect(() => read(0x23, 0, 1, 0x23, 0, 1)).toThrow(ProtocolViolation);
    expect(() => read(0x7f, 0x23, 0, 1)).toThrow(MalformedPacket);
    expect(() => read(0x08, 0, 9, 0x23, 0, 1)).toThrow(MalformedPacket);
  });

  test('of any bytes is one, none, or known to be damaged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        try {
          const alias = read(...bytes);
          return alias === undefined || (alias >= 0 && alias <= 65_535);
        } catch (error) {
          return error instanceof MalformedPacket || error instanceof ProtocolViolation;
        }
      }),
      { numRuns: 5000 },
    );
  });
});
