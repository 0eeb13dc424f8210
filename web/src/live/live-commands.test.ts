import { expect, it } from 'vitest';
import type { CommandStreamEvent } from '../../../src/contract/events.ts';
import type { Command } from '../api/types.ts';
import { LiveCommands, withLiveState } from './live-commands.ts';

const command: Command = {
  id: 'c',
  device_id: 'd',
  external_device_id: 'kiln-1',
  name: 'reboot',
  params: { delay: 1 },
  state: 'queued',
  reason: null,
  detail: '',
  result: null,
  supersede_key: null,
  attempts: 0,
  requested_by: { kind: 'sql', id: null },
  sent_again_of: null,
  created_at: '2026-11-26T12:00:00.000Z',
  expires_at: '2026-11-27T12:00:00.000Z',
  published_at: null,
  delivered_at: null,
  acknowledged_at: null,
  finished_at: null,
};
const event = (changed: Partial<CommandStreamEvent>): CommandStreamEvent =>
  ({ ...command, truncated: false, ...changed }) as CommandStreamEvent;

it('brings a command up to date, and lets what has ended stand', () => {
  const live = new LiveCommands(() => {});
  live.event(event({ state: 'published' }));
  expect(withLiveState(command, live.get('c')).state).toBe('published');
  // As when the connection ends before the device has confirmed it.
  live.event(event({ state: 'queued', reason: 'session_lost' }));
  expect(withLiveState(command, live.get('c')).reason).toBe('session_lost');
  live.event(event({ state: 'succeeded', result: { ok: true } }));
  live.event(event({ state: 'published' }));
  expect(withLiveState(command, live.get('c'))).toMatchObject({ state: 'succeeded', result: { ok: true } });
  expect(withLiveState({ ...command, state: 'failed' }, live.get('c')).state).toBe('failed');
});

it('takes an answer where no event was quicker, or where it is the end', () => {
  const live = new LiveCommands(() => {});
  live.event(event({ state: 'published' }));
  live.answer(command);
  expect(live.get('c')?.state).toBe('published');
  live.answer({ ...command, state: 'cancelled' });
  expect(live.get('c')?.state).toBe('cancelled');
});

it('keeps params that an event leaves out, and says that there is more', () => {
  const { params, result, ...rest } = event({ state: 'succeeded', truncated: true });
  expect(withLiveState(command, rest)).toMatchObject({ params: { delay: 1 }, truncated: true });
});
