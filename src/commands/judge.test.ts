import { describe, expect, test } from 'vitest';
import type { CommandStanding } from '../database/command-states.ts';
import { type CommandState, commandEvents, commandStates, finalStates } from '../domain/command.ts';
import { type Entry, foresee, judge } from './judge.ts';

const address = { organizationId: 'ours', externalDeviceId: 'lamp' };
const standing = (state: CommandState, more: Partial<CommandStanding> = {}): CommandStanding => ({
  id: 'c',
  ...address,
  state,
  reason: null,
  detail: '',
  publishedAt: 0,
  handedOver: false,
  ...more,
});
const entry = (given: Omit<Entry, 'id'>) => ({ entry: { id: 'c', ...given } });

describe('judge', () => {
  test.each(finalStates)('leaves what is %s as it is, whatever happens', (state) => {
    for (const event of commandEvents) {
      const { changes } = judge([entry({ event })], [standing(state)]);
      for (const change of changes) expect(change).toMatchObject({ state, reason: null, result: undefined });
    }
  });

  test('tells a repeat from what comes too late', () => {
    const of = (state: CommandState, event: Entry['event']) =>
      judge([entry({ event: event! })], [standing(state)]).result.written[0];
    expect(of('acknowledged', 'acknowledge')).toBe('repeated');
    expect(of('succeeded', 'succeed')).toBe('repeated');
    expect(of('succeeded', 'fail')).toBe('finished');
    expect(of('expired', 'succeed')).toBe('finished');
    expect(of('delivered', 'publish')).toBe('repeated');
  });

  test('counts a device’s word for its own commands alone', () => {
    const of = (from: Entry['from']) =>
      judge([entry({ event: 'succeed', from: from! })], [standing('published')]).result.written[0];
    expect(of(address)).toBe('changed');
    expect(of({ ...address, externalDeviceId: 'door' })).toBe('not_its');
    expect(of({ ...address, organizationId: 'theirs' })).toBe('unknown');
    expect(judge([entry({ event: 'succeed' })], []).result.written).toEqual(['unknown']);
  });

  test('takes what happens in the order of being told', () => {
    const { changes, result } = judge(
      [
        entry({ event: 'publish', publishedAt: 5 }),
        entry({ event: 'succeed', result: '1' }),
        entry({ event: 'deliver' }),
        entry({ event: 'fail' }),
      ],
      [standing('queued')],
    );
    expect(result.written).toEqual(['changed', 'changed', 'finished', 'finished']);
    expect(changes).toMatchObject([{ state: 'succeeded', result: '1', publishedAt: 5, delivered: true }]);
  });

  test('sends again what went with a session, and nothing else', () => {
    const lost = { lost: { ...address, before: 10 } };
    const of = (command: CommandStanding) => judge([lost], [command]).changes[0]?.state;
    expect(of(standing('published', { publishedAt: 9 }))).toBe('queued');
    expect(of(standing('published', { publishedAt: 10 }))).toBeUndefined();
    expect(of(standing('published', { handedOver: true }))).toBeUndefined();
    expect(of(standing('delivered'))).toBeUndefined();
    expect(of(standing('published', { externalDeviceId: 'door' }))).toBeUndefined();
    // Confirmed just before the session ended.
    expect(judge([entry({ event: 'deliver' }), lost], [standing('published')]).changes[0]).toMatchObject({
      state: 'delivered',
    });
  });
});

describe('foresee', () => {
  const sequences: Omit<Entry, 'id'>[][] = [
    [{ event: 'publish', attempted: true }],
    [{ event: 'deliver', from: address }],
    [{ event: 'succeed', from: address, result: '1' }],
    [
      { event: 'succeed', from: address },
      { event: 'deliver', from: address },
    ],
    [
      { event: 'publish' },
      { event: 'deliver', from: address },
      { event: 'acknowledge', from: address },
      { event: 'fail', from: address },
    ],
    [{ reason: 'device_away', waitsForDevice: true }],
    [{ event: 'give_up', reason: 'too_large' }],
  ];
  test.each(
    sequences.map(
      (sequence) => [sequence.map(({ event }) => event ?? 'waits').join(', '), sequence] as const,
    ),
  )('%s: comes to what judging it comes to, in each state that it allows', (_, sequence) => {
    const entries = sequence.map((given) => ({ id: 'c', ...given }));
    const foreseen = foresee(entries);
    for (const state of foreseen?.allowed ?? []) {
      const { changes } = judge(
        entries.map((one) => ({ entry: one })),
        [standing(state)],
      );
      const { allowed, from, ...change } = foreseen!;
      expect(changes).toMatchObject([change]);
    }
    for (const state of foreseen?.allowed ?? commandStates) expect(finalStates).not.toContain(state);
  });

  test('allows nothing where a device would have to be told that it repeats itself', () => {
    const twice = { id: 'c', event: 'succeed', from: address } as const;
    expect(foresee([twice, twice])).toBeUndefined();
    expect(foresee([twice, { ...twice, from: { ...address, externalDeviceId: 'door' } }])).toBeUndefined();
  });
});
