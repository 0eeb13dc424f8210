import { describe, expect, test } from 'vitest';
import { networks } from './networks.ts';

describe('a list of networks', () => {
  const listed = networks('10.0.0.0/8, 192.0.2.7 2001:db8::/32,fd00::1');

  test.each(['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8:1::9', 'fd00::1', 'FD00:0::1'])(
    'holds %s',
    (address) => expect(listed(address)).toBe(true),
  );

  test.each(['11.0.0.1', '192.0.2.8', '::ffff:192.0.2.8', '2001:db9::1', 'fd00::2', '', 'localhost', '10.1'])(
    'does not hold %j',
    (address) => expect(listed(address)).toBe(false),
  );

  test.each(['localhost', '10.0.0.0/33', '10.1', '10/8', '2001:db8::/200', '10.0.0.0-10.0.0.9'])(
    'can’t be made of %j',
    (text) => expect(() => networks(text)).toThrow(),
  );

  test('that is empty holds nobody', () => {
    expect(networks('')('10.0.0.1')).toBe(false);
  });
});
