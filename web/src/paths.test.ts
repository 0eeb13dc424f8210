import { expect, it } from 'vitest';
import { searches } from './paths.ts';

it('leads back into the dashboard only', () => {
  expect(searches.signIn({ to: '/o/5/devices?q=a' }).to).toBe('/o/5/devices?q=a');
  for (const to of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    5,
    undefined,
  ])
    expect(searches.signIn({ to }).to).toBeUndefined();
});

it('keeps what it knows and drops the rest', () => {
  expect(searches.devices({ q: 42, presence: 'late', x: 1 })).toEqual({ q: '42', presence: 'late' });
  expect(searches.devices({ q: '', presence: 'dead' })).toEqual({ q: undefined, presence: undefined });
  expect(searches.devices({ tags: ' Roof,north,,roof' }).tags).toBe('roof,north');
  expect(searches.devices({ tags: 2024 }).tags).toBe('2024');
  expect(searches.devices({ tags: ',' }).tags).toBeUndefined();
});
