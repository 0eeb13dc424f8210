import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type Presence,
  type PresenceEvidence,
  type PresenceReason,
  parseStatus,
  presenceOf,
  presences,
  updateUsualInterval,
} from './presence.ts';

/** Times in the tables are seconds of one afternoon; it is 10,000 now, and we have listened since 5,000. */
const seconds = (at: number) => at * 1_000_000;
const NOW = 10_000;
const FROM = 5_000;

interface Known {
  message?: number;
  every?: number;
  says?: ['online' | 'offline', number];
  connection?: ['connected' | 'closed' | 'lost' | 'unobserved', number];
}

function evidenceOf({ message, every, says, connection }: Known): PresenceEvidence {
  return {
    lastMessageAt: message === undefined ? undefined : seconds(message),
    usualIntervalMs: every === undefined ? undefined : every * 1000,
    status: says && { status: says[0], at: seconds(says[1]) },
    connection: connection && { state: connection[0], at: seconds(connection[1]) },
  };
}

/** The device, what is known of it, what that comes to, why, and until when if nothing more is heard. */
type Case = [device: string, known: Known, is: Presence, because: PresenceReason, until?: number];

const byRhythm: Case[] = [
  ['heard just now', { message: 9_999, every: 60 }, 'online', 'message', 10_179],
  ['not yet late', { message: 9_821, every: 60 }, 'online', 'message', 10_001],
  ['just late', { message: 9_820, every: 60 }, 'late', 'overdue', 10_600],
  ['not yet gone', { message: 9_221, every: 60 }, 'late', 'overdue', 10_001],
  ['just gone', { message: 9_220, every: 60 }, 'offline', 'silent'],
  ['fast, quiet for 29 s', { message: 9_971, every: 1 }, 'online', 'message', 10_001],
  ['fast, quiet for 30 s', { message: 9_970, every: 1 }, 'late', 'overdue', 10_300],
  ['fast, quiet for 330 s', { message: 9_670, every: 1 }, 'offline', 'silent'],
  ['daily, heard an hour ago', { message: 6_400, every: 86_400 }, 'online', 'message', 265_600],
  ['new, heard 299 s ago', { message: 9_701 }, 'online', 'message', 10_001],
  ['new, heard 300 s ago', { message: 9_700 }, 'late', 'overdue', 11_000],
];

const byStatus: Case[] = [
  ['says it is there', { says: ['online', 9_990] }, 'online', 'status', 10_290],
  ['said so, nothing since', { says: ['online', 9_000] }, 'late', 'overdue', 10_300],
  ['its will was sent', { message: 9_990, every: 60, says: ['offline', 9_995] }, 'offline', 'status'],
  ['its status is its last message', { message: 9_995, says: ['offline', 9_995] }, 'offline', 'status'],
  [
    'heard after its will',
    { message: 9_996, every: 60, says: ['offline', 9_995] },
    'online',
    'message',
    10_176,
  ],
  [
    'back after its will',
    { says: ['offline', 9_900], connection: ['connected', 9_990] },
    'online',
    'connected',
    10_290,
  ],
  [
    'says goodbye, then disconnects',
    { message: 9_990, says: ['offline', 9_998], connection: ['closed', 9_999] },
    'offline',
    'status',
  ],
];

const byConnection: Case[] = [
  [
    'heard, and its gateway gone',
    { message: 9_990, every: 60, connection: ['unobserved', 9_995] },
    'unknown',
    'not_observed',
    10_175,
  ],
  [
    'heard since its gateway is gone',
    { message: 9_996, every: 60, connection: ['unobserved', 9_995] },
    'online',
    'message',
    10_176,
  ],
  [
    'gone with its gateway',
    { message: 9_000, every: 60, connection: ['unobserved', 9_001] },
    'offline',
    'silent',
  ],
  ['only connected', { connection: ['connected', 9_990] }, 'online', 'connected', 10_290],
  ['connected, and silent', { connection: ['connected', 9_000] }, 'late', 'silent_connection'],
  [
    'connected, and long overdue',
    { message: 6_000, every: 1, connection: ['connected', 5_500] },
    'late',
    'silent_connection',
  ],
  [
    'connected, and talking',
    { message: 9_999, every: 60, connection: ['connected', 5_500] },
    'online',
    'message',
    10_179,
  ],
  ['lost', { message: 9_990, every: 60, connection: ['lost', 9_995] }, 'offline', 'connection_lost'],
  [
    'lost, but heard since',
    { message: 9_996, every: 60, connection: ['lost', 9_995] },
    'online',
    'message',
    10_176,
  ],
  [
    'sleeps between reports',
    { message: 9_000, every: 3_600, connection: ['closed', 9_001] },
    'online',
    'connection_closed',
    19_801,
  ],
  ['overslept', { message: 6_000, every: 600, connection: ['closed', 6_001] }, 'late', 'overdue', 13_801],
  [
    'never woke up',
    { message: 5_100, every: 60, connection: ['closed', 5_101] },
    'offline',
    'connection_closed',
  ],
  [
    'closed 299 s ago, rhythm unknown',
    { message: 9_690, connection: ['closed', 9_701] },
    'online',
    'connection_closed',
    10_001,
  ],
  [
    'closed 300 s ago, rhythm unknown',
    { message: 9_690, connection: ['closed', 9_700] },
    'offline',
    'connection_closed',
  ],
];

const unobserved: Case[] = [
  ['never heard', {}, 'unknown', 'never_seen'],
  ['never heard, its rhythm known', { every: 60 }, 'unknown', 'never_seen'],
  ['may yet speak', { message: 4_900, every: 3_600 }, 'unknown', 'not_observed', 15_800],
  ['was offline', { says: ['offline', 4_900], every: 3_600 }, 'unknown', 'not_observed', 15_800],
  ['was connected', { connection: ['connected', 4_900], every: 3_600 }, 'unknown', 'not_observed', 15_800],
  ['overdue since our return', { message: 4_900, every: 1_000 }, 'late', 'overdue', 18_000],
  ['long gone', { message: 4_900, every: 60 }, 'offline', 'silent'],
  [
    'offline before, overdue since',
    { message: 4_800, every: 1_000, says: ['offline', 4_900] },
    'offline',
    'status',
  ],
  [
    'lost before, overdue since',
    { message: 4_800, every: 1_000, connection: ['lost', 4_900] },
    'offline',
    'connection_lost',
  ],
  ['heard since our return', { message: 5_001, every: 3_600 }, 'online', 'message', 15_801],
];

const cases = [...byRhythm, ...byStatus, ...byConnection, ...unobserved];

describe('presenceOf', () => {
  test.each(cases)('%s: %j is %s because %s', (_, known, presence, reason, until) => {
    const judged = presenceOf(evidenceOf(known), { now: seconds(NOW), from: seconds(FROM) });
    expect(judged).toEqual({ presence, reason, ...(until !== undefined && { dueAt: seconds(until) }) });
  });

  it('sends nobody offline for an outage of ours, whatever was known before', () => {
    for (const [, known] of cases) {
      const now = seconds(20_000);
      expect(presenceOf(evidenceOf(known), { now, from: now - seconds(1) }).presence).toBe('unknown');
    }
  });

  const instant = fc.integer({ min: 0, max: 20_000 }).map(seconds);
  const evidence = fc.record<PresenceEvidence>({
    lastMessageAt: fc.option(instant, { nil: undefined }),
    usualIntervalMs: fc.option(fc.integer({ min: 1, max: 4_000_000 }), { nil: undefined }),
    status: fc.option(fc.record({ status: fc.constantFrom('online', 'offline'), at: instant }), {
      nil: undefined,
    }),
    connection: fc.option(fc.record({ state: fc.constantFrom('connected', 'closed', 'lost'), at: instant }), {
      nil: undefined,
    }),
  });

  it('changes exactly when it says it will, and then for the worse', () => {
    const rank = ['online', 'late', 'offline'];
    fc.assert(
      fc.property(evidence, instant, instant, (known, now, from) => {
        const judged = presenceOf(known, { now, from });
        expect(presences).toContain(judged.presence);
        if (judged.dueAt === undefined) {
          expect(presenceOf(known, { now: now + seconds(1e9), from }).presence).toBe(judged.presence);
          return;
        }
        expect(judged.dueAt).toBeGreaterThan(now);
        expect(presenceOf(known, { now: judged.dueAt - 1, from })).toEqual(judged);
        const next = presenceOf(known, { now: judged.dueAt, from }).presence;
        expect(next).not.toBe(judged.presence);
        expect(rank.indexOf(next)).toBeGreaterThan(rank.indexOf(judged.presence));
      }),
    );
  });

  it('is never online by a connection alone once the device is overdue', () => {
    fc.assert(
      fc.property(evidence, (known) => {
        const connection = { state: 'connected' as const, at: seconds(5_000) };
        const judged = presenceOf({ ...known, connection }, { now: seconds(1e9), from: seconds(5_000) });
        expect(['late', 'offline']).toContain(judged.presence);
      }),
    );
  });
});

describe('updateUsualInterval', () => {
  const learn = (gaps: number[], from?: number) => gaps.reduce<number | undefined>(updateUsualInterval, from);

  it('takes the first gap, and gaps under a second for the same report', () => {
    expect(updateUsualInterval(undefined, 60_000)).toBe(60_000);
    expect(updateUsualInterval(undefined, 999)).toBeUndefined();
    expect(updateUsualInterval(60_000, 999)).toBe(60_000);
    expect(updateUsualInterval(60_000, -5)).toBe(60_000);
    expect(updateUsualInterval(60_000, Number.NaN)).toBe(60_000);
  });

  it('settles on a steady interval, from above and from below', () => {
    expect(learn(Array(80).fill(10_000), 3_600_000)! / 10_000).toBeCloseTo(1, 0);
    expect(learn(Array(12).fill(3_600_000), 10_000)).toBeGreaterThan(2_500_000);
  });

  it('forgets an outage', () => {
    const steady = Array(20).fill(10_000);
    expect(learn([...steady, 3_600_000])).toBe(17_500);
    expect(learn([...steady, 3_600_000, ...steady])).toBeLessThan(11_000);
  });

  it('is not fooled by messages that come in pairs', () => {
    const paired = Array(100).fill([1_500, 600_000]).flat();
    expect(learn(paired)! * 3).toBeGreaterThan(600_000);
  });

  it('stays in an integer column', () => {
    expect(updateUsualInterval(undefined, 1e300)).toBeLessThan(2 ** 31);
  });
});

describe('parseStatus', () => {
  const parse = (payload: string | Uint8Array) =>
    parseStatus(typeof payload === 'string' ? new TextEncoder().encode(payload) : payload);

  test.each([
    ...['online', 'Online', ' ONLINE\n', '"online"', '1', 'true', 'connected'],
    ...['{"status":"online","rssi":-60}', '{"state":"Online"}', '{"status":1}', '{"state":true}'],
    '{"status":"online","state":"idle"}',
  ])('reads %s as online', (payload) => {
    expect(parse(payload)).toEqual({ status: 'online' });
  });

  test.each([
    ...['offline', 'Offline', '0', 'false', 'disconnected', '{"status":"offline","reason":"sleep"}'],
    ...['{"status":0}', '{"state":false}', '{"status":null,"state":"offline"}'],
  ])('reads %s as offline', (payload) => {
    expect(parse(payload)).toEqual({ status: 'offline' });
  });

  test.each([
    ...[
      '',
      ' ',
      'idle',
      'on',
      '2',
      'null',
      '{}',
      '[]',
      '["online"]',
      '{"state":"ON"}',
      '{"status":{}}',
      '{"online":1}',
    ],
    ...['{"status":"online"', '"online', 'constructor', '{"status":"__proto__"}', 'x'.repeat(100_000)],
    Uint8Array.of(0xff, 0xfe),
  ])('does not guess at %j', (payload) => {
    expect(parse(payload)).toBeUndefined();
  });
});
