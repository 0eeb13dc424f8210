import { expect, it } from 'vitest';
import { createRateLimits, network } from './rate-limits.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['', ''],
])('counts %s as %s', (address, counted) => expect(network(address)).toBe(counted));

it('limits one address over many accounts', async () => {
  const limits = createRateLimits();
  for (let n = 0; n < 100; n += 1) await limits.signIn(`2001:db8::${n.toString(16)}`, `user${n}@example.org`);
  await expect(limits.signIn('2001:db8::ffff', 'another@example.org')).rejects.toMatchObject({
    code: 'too_many_requests',
    retryAfter: expect.any(Number),
  });
  await limits.signIn('2001:db9::1', 'another@example.org');
});
