import fc from 'fast-check';
import mqttPacket, { type IConnectPacket } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { readConnack, readConnect, UnsupportedProtocol } from './connect.ts';
import { bodyOffset, MalformedPacket, ProtocolViolation } from './packet.ts';
import { property } from './properties.ts';

const connect: IConnectPacket = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 5,
  clean: false,
  clientId: 'c',
  keepalive: 30,
  username: 'u',
  password: Buffer.from('p'),
  properties: {
    sessionExpiryInterval: 3600,
    receiveMaximum: 20,
    maximumPacketSize: 5000,
    topicAliasMaximum: 7,
    userProperties: { a: ['1', '2'] },
  },
  will: {
    topic: 'w',
    payload: Buffer.from('gone'),
    qos: 2,
    retain: true,
    properties: { willDelayInterval: 60, contentType: 'text' },
  },
};

test('a CONNECT that another encoder has made is read whole', () => {
  const bytes = mqttPacket.generate(connect);
  const read = readConnect(bytes, bodyOffset(bytes, 0), bytes.length);
  expect(read).toMatchObject({
    protocolLevel: 5,
    clean: false,
    keepAlive: 30,
    clientId: 'c',
    username: 'u',
    password: Buffer.from('p'),
    will: { topic: 'w', payload: Buffer.from('gone'), qos: 2, retain: true },
  });
  expect(read.properties.number(property.sessionExpiryInterval)).toBe(3600);
  expect(read.properties.number(property.maximumPacketSize)).toBe(5000);
  expect(read.properties.number(property.willDelayInterval)).toBeUndefined();
  expect(read.will!.properties.number(property.willDelayInterval)).toBe(60);
});

test('properties are passed on as they came, but for those that are not to', () => {
  const bytes = mqttPacket.generate(connect);
  const { properties } = readConnect(bytes, bodyOffset(bytes, 0), bytes.length);
  const all = properties.without();
  const alias = Buffer.from([property.topicAliasMaximum, 0, 7]);
  expect(all.includes(alias)).toBe(true);
  const rest = properties.without(property.topicAliasMaximum);
  const at = all.indexOf(alias);
  expect(rest).toEqual(Buffer.concat([all.subarray(0, at), all.subarray(at + alias.length)]));
  expect(properties.only(property.topicAliasMaximum)).toEqual(alias);
});

test('any CONNECT and CONNACK of damaged bytes is read, or known to be damaged', () => {
  const whole = mqttPacket.generate(connect);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, byte] of changes) bytes[at] = byte;
      for (const read of [readConnect, readConnack])
        try {
          read(bytes, 2, bytes.length);
        } catch (error) {
          const known = [MalformedPacket, ProtocolViolation, UnsupportedProtocol];
          expect(known.some((kind) => error instanceof kind)).toBe(true);
        }
    }),
    { numRuns: 2000 },
  );
});
