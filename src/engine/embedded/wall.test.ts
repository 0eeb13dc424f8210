import { describe, expect, it } from 'vitest';
import { mayConnect, mayPublish, maySubscribe, PLATFORM_USER } from './wall.ts';

const organization = '0b5f7f6e-3f0a-4d58-8f0f-0d0c3a4f9c01';
const user = `org_${organization}`;

describe('the second wall', () => {
  it.each([
    [`${organization}:sensor`, user, true],
    [`${organization}:`, user, true],
    [`${organization}`, user, false],
    [`sensor`, user, false],
    [`0b5f7f6e-3f0a-4d58-8f0f-0d0c3a4f9c02:sensor`, user, false],
    [`${organization}:sen\0sor`, user, false],
    [`anything`, PLATFORM_USER, true],
  ])('client id %j of %s', (clientId, userName, expected) => {
    expect(mayConnect(userName, clientId)).toBe(expected);
  });

  it.each([
    [`${user}/devices/a`, true, true],
    [`${user}/devices/#`, false, true],
    [`${user}/devices/+/x`, false, true],
    [`${user}/devices`, false, false],
    [`${user}/#`, false, false],
    [`${user}x/devices/a`, false, false],
    ['#', false, false],
    ['+/devices/a', false, false],
    [`$share/g/${user}/devices/a`, false, false],
    ['$SYS/broker', false, false],
    [`${user}/devices/a\0`, false, false],
    [`${user}/devices/\ud800`, false, false],
    [`${user}/devices/${'/'.repeat(64)}`, false, false],
  ])('%j: publish %s, subscribe %s', (topic, publish, subscribe) => {
    expect(mayPublish(user, topic)).toBe(publish);
    expect(maySubscribe(user, topic)).toBe(subscribe);
  });

  it('does not hold the platform', () => {
    expect(mayPublish(PLATFORM_USER, 'any/topic')).toBe(true);
    expect(maySubscribe(PLATFORM_USER, '#')).toBe(true);
    expect(maySubscribe(PLATFORM_USER, 'a#')).toBe(false);
  });
});
