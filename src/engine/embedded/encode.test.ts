import mqttPacket, { type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { encodeAcknowledgement, encodePublish } from './encode.ts';

function decoded(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  parser.on('packet', (packet) => packets.push(packet));
  parser.parse(bytes);
  return packets;
}

describe('encodePublish', () => {
  // Around each length at which the remaining length takes one byte more.
  const sizes = [0, 100, 121, 122, 16_370, 16_380, 2_097_140, 2_097_150];

  it.each(sizes)('says what was said, with a payload of %i bytes', (size) => {
    const payload = Buffer.alloc(size, 7);
    for (const qos of [0, 1, 2] as const) {
      const publish = { topic: 'ä/b', payload, qos, packetId: 513, retain: qos === 1, dup: qos === 2 };
      const expected = mqttPacket.generate({
        cmd: 'publish',
        topic: publish.topic,
        payload,
        qos,
        messageId: 513,
        retain: publish.retain,
        dup: publish.dup,
      });
      expect(encodePublish(publish).equals(expected)).toBe(true);
    }
  });
});

describe('encodeAcknowledgement', () => {
  it.each(['puback', 'pubrec', 'pubrel'] as const)('is a %s', (cmd) => {
    expect(decoded(encodeAcknowledgement(cmd, 65_535))).toMatchObject([{ cmd, messageId: 65_535 }]);
  });
});
