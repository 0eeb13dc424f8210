import fc from 'fast-check';
import mqttPacket, { type IPublishPacket } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { bodyOffset, readPublish5 } from './packet.ts';
import { readCorrelation } from './properties.ts';

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
