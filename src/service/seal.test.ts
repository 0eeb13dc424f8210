import { expect, it } from 'vitest';
import { createSeal, SealBroken } from './seal.ts';

const seal = createSeal('a key of at least thirty-two characters');

it('opens what it closed, and never closes alike twice', async () => {
  const sealed = await seal.close('geheim, Straße, 🔑', 'a');
  expect(await seal.open(sealed, 'a')).toBe('geheim, Straße, 🔑');
  expect(await seal.close('geheim, Straße, 🔑', 'a')).not.toBe(sealed);
  expect(sealed).not.toContain('geheim');
});

it.each([
  ['another context', async () => seal.open(await seal.close('x', 'a'), 'b')],
  [
    'another key',
    async () => createSeal('another key of thirty-two characters').open(await seal.close('x', 'a'), 'a'),
  ],
  ['altered bytes', async () => seal.open(`${(await seal.close('x', 'a')).slice(0, -4)}AAAA`, 'a')],
  ['something else', () => seal.open('s1.%%%', 'a')],
  ['nothing', () => seal.open('', 'a')],
])('does not open with %s', async (_, open) => {
  await expect(open()).rejects.toThrow(SealBroken);
});
