import { expect, it } from 'vitest';
import { formatShare, stateOf } from './state.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const posted = { enabled: true, status: null, last_message_at: null };
const retrying = { state: 'retrying', since: null, reason: null, detail: '', next_try_at: null } as const;

it('is told by messages where nobody holds a connection', () => {
  expect(stateOf(posted, now)).toBe('silent');
  expect(stateOf({ ...posted, last_message_at: '2026-03-01T11:59:30Z' }, now)).toBe('receiving');
  expect(stateOf({ ...posted, last_message_at: '2026-03-01T11:58:00Z' }, now)).toBe('idle');
  expect(stateOf({ ...posted, enabled: false, last_message_at: '2026-03-01T12:00:00Z' }, now)).toBe(
    'stopped',
  );
});

it('is told by the connection where we hold it', () => {
  const held = { ...posted, status: retrying, last_message_at: '2026-03-01T12:00:00Z' };
  expect(stateOf(held, now)).toBe('retrying');
  expect(stateOf({ ...held, enabled: false }, now)).toBe('stopped');
});

it('writes a share so that little is not nothing', () => {
  expect([null, 0, 0.0002, 0.034, 0.126, 1].map(formatShare)).toEqual([
    '–',
    '0 %',
    '<0.1 %',
    '3.4 %',
    '13 %',
    '100 %',
  ]);
});
