import { describe, expect, it } from 'vitest';
import { deviceIn, parseExpectedTopic, type TopicPattern } from './expected-topic.ts';

describe('an expected topic', () => {
  it.each([
    ['devices/+/telemetry', { filter: 'devices/+/telemetry', deviceLevel: 1, channel: 'telemetry' }],
    ['devices/+/status', { filter: 'devices/+/status', deviceLevel: 1, channel: 'status' }],
    ['zigbee2mqtt/{device}', { filter: 'zigbee2mqtt/+', deviceLevel: 1, channel: 'telemetry' }],
    ['house/{device}/+', { filter: 'house/+/+', deviceLevel: 1, channel: 'telemetry' }],
    ['devices/+/#', { filter: 'devices/+/#', deviceLevel: 1, channel: 'telemetry' }],
    ['$sys/+/1/{device}/#', { filter: '$sys/+/1/+/#', deviceLevel: 3, channel: 'telemetry' }],
    ['+', { filter: '+', deviceLevel: 0, channel: 'telemetry' }],
  ])('%s', (text, pattern) => {
    expect(parseExpectedTopic(text)).toEqual(pattern);
  });

  it.each([
    ['', /no MQTT topic filter/],
    ['devices/t1/telemetry', /needs a level/],
    ['#', /needs a level/],
    ['+/+/telemetry', /several \+/],
    ['{device}/{device}', /more than once/],
    ['devices/x{device}/y', /whole level/],
    ['devices/{name}/y', /whole level/],
    ['devices/#/+', /no MQTT topic filter/],
    ['devices/+\0', /no MQTT topic filter/],
    ['$share/g/devices/+', /shared/],
  ])('is not %j', (text, problem) => {
    expect(parseExpectedTopic(text)).toEqual({ problem: expect.stringMatching(problem) });
  });
});

it.each([
  ['devices/+/telemetry', 'devices/t1/telemetry', 't1'],
  ['devices/+/telemetry', 'devices/t1/status', undefined],
  ['devices/+/#', 'devices/t1', 't1'],
  ['house/{device}/+', 'house/attic/temperature', 'attic'],
  ['devices/+/telemetry', 'devices//telemetry', undefined],
  ['+/telemetry', '$SYS/telemetry', undefined],
  ['devices/{device}/#', `devices/${'x'.repeat(129)}/telemetry`, undefined],
])('%s on %s names %s', (expected, topic, device) => {
  expect(deviceIn(parseExpectedTopic(expected) as TopicPattern, topic)).toBe(device);
});
