import { expect, it } from 'vitest';
import { randomPassword, randomToken, randomUsername, sameText, tokenHash } from './random.ts';

it('makes user names that MQTT engines take as one level', () => {
  expect(randomUsername()).toMatch(/^nn_[a-z2-7]{16}$/);
});

it('makes passwords of at least 128 bits without letters that look alike', () => {
  const password = randomPassword();
  expect(password).toMatch(/^[2-9A-HJ-NP-Za-kmnp-z]+$/);
  expect(password.length * Math.log2(56)).toBeGreaterThan(128);
});

it('draws each letter as often as any other', () => {
  const counts = new Map<string, number>();
  for (let n = 0; n < 2000; n += 1) {
    for (const letter of randomToken()) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(counts.size).toBe(62);
  const expected = (2000 * 43) / 62;
  // Six standard deviations; a biased draw (256 % 62 = 8) would be 25% off.
  for (const count of counts.values())
    expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected));
});

it('compares texts whole', async () => {
  expect(await sameText('token', 'token')).toBe(true);
  expect(await sameText('token', 'tokeN')).toBe(false);
  expect(await sameText('token', 'token2')).toBe(false);
  expect(await tokenHash('abc')).toHaveLength(32);
});
