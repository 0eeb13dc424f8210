import { describe, expect, it } from 'vitest';
import { diagnose, type Observed } from './diagnose.ts';

const since = Date.parse('2026-11-23T18:00:00Z');
const topic = 'org_5/devices/a/telemetry';
const at = (seconds: number) => new Date(since + seconds * 1000).toISOString();
const activity = (seconds: number, event: string, reason: string | null = null) => ({
  occurred_at: at(seconds),
  event,
  reason,
  topic: null,
  detail: '',
});
const message = (seconds: number, outcome: string, readings: number, reason: string | null = null) => ({
  received_at: at(seconds),
  outcome,
  reason,
  readings,
  topic,
});

function seenAfter(seconds: number, seen: Partial<Observed>) {
  return diagnose(
    { activity: [], messages: [], quarantined: [], ...seen },
    { since, now: since + seconds * 1000, topic },
  );
}

describe('diagnose', () => {
  it('waits, and after thirty seconds without a connection says where to look', () => {
    expect(seenAfter(29, {})).toEqual({ connected: 'waiting', published: 'waiting', stored: 'waiting' });
    expect(seenAfter(31, {}).trouble?.advice).toMatch(/host, port and user name/);
  });

  it('names a wrong password, and takes it back once a connection succeeds', () => {
    const refused = activity(3, 'connect_refused', 'bad_password');
    expect(seenAfter(4, { activity: [refused] })).toMatchObject({
      connected: 'failed',
      trouble: { title: 'Wrong password', advice: expect.stringMatching(/Copy it again/) },
    });
    expect(seenAfter(9, { activity: [activity(8, 'connected'), refused] })).toEqual({
      connected: 'done',
      published: 'waiting',
      stored: 'waiting',
    });
  });

  it('names a topic outside the prefix, also when the device disconnects over it', () => {
    const seen = [
      activity(2, 'connected'),
      { ...activity(3, 'publish_refused', 'topic_not_granted'), topic: 'house/t' },
      activity(3, 'disconnected', 'topic_not_granted'),
    ];
    expect(seenAfter(5, { activity: seen })).toMatchObject({
      connected: 'done',
      published: 'failed',
      trouble: { title: 'Topic outside the prefix', topic: 'house/t' },
    });
  });

  it('knows what came first within a millisecond', () => {
    const micros = (fraction: string) => `2026-11-23T18:00:02.997${fraction}Z`;
    const seen = [
      { ...activity(0, 'disconnected', 'topic_not_granted'), occurred_at: micros('890') },
      {
        ...activity(0, 'publish_refused', 'topic_not_granted'),
        occurred_at: micros('810'),
        topic: 'house/t',
      },
      { ...activity(0, 'connected'), occurred_at: micros('344') },
    ];
    expect(seenAfter(5, { activity: seen }).trouble).toMatchObject({ topic: 'house/t' });
  });

  it('shows a quarantined payload', () => {
    const quarantined = { id: 'q', received_at: at(3), reason: 'not_json', detail: '', topic };
    const progress = seenAfter(4, {
      activity: [activity(2, 'connected')],
      messages: [message(3, 'quarantined', 0, 'not_json')],
      quarantined: [quarantined],
    });
    expect(progress).toMatchObject({
      stored: 'failed',
      trouble: { quarantinedId: 'q', title: /not understood/ },
    });
  });

  it('says of a connection that stays silent which topic is stored', () => {
    const seen = { activity: [activity(20, 'connected')] };
    expect(seenAfter(29, seen).trouble).toBeUndefined();
    expect(seenAfter(31, seen).trouble).toMatchObject({ topic, title: /nothing published/ });
  });

  it('does not take a status message for a reading', () => {
    expect(seenAfter(60, { messages: [message(2, 'stored', 0)] })).toMatchObject({
      published: 'done',
      stored: 'waiting',
    });
  });

  it('is done with the first stored reading, whatever came before and after', () => {
    const progress = seenAfter(60, {
      activity: [
        activity(1, 'connect_refused', 'bad_password'),
        activity(2, 'connected'),
        activity(4, 'disconnected', 'connection_lost'),
      ],
      messages: [message(3, 'stored', 1)],
    });
    expect(progress).toEqual({ connected: 'done', published: 'done', stored: 'done' });
  });
});
