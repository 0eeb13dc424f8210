import { expect, it } from 'vitest';
import { hasArrived, hindranceOf, type Seen } from './arrival.ts';

const madeAt = '2026-03-01T12:00:00Z';
const now = Date.parse(madeAt) + 5000;
const webhook: Seen['integration'] = {
  mode: 'webhook',
  enabled: true,
  status: null,
  created_at: madeAt,
  last_message_at: null,
  failed_share: null,
  webhook_url: 'https://mqtt.example.com/functions/v1/mqtt-listener/1',
};
const seen: Seen = { integration: webhook, activity: [], quarantined: [] };
const refused = {
  occurred_at: '2026-03-01T12:00:02Z',
  event: 'webhook_refused',
  reason: 'bad_token',
  detail: '',
  topic: null,
};
const strange = {
  received_at: '2026-03-01T12:00:03Z',
  reason: 'topic_not_expected',
  detail: '',
  topic: 'other/7',
};

it('counts what was stored, not what was refused', () => {
  expect(hasArrived(webhook)).toBe(false);
  const last_message_at = '2026-03-01T12:00:04Z';
  expect(hasArrived({ ...webhook, last_message_at, failed_share: 1 })).toBe(false);
  expect(hasArrived({ ...webhook, last_message_at, failed_share: 0.5 })).toBe(true);
  expect(hasArrived({ ...webhook, last_message_at, failed_share: null })).toBe(true);
});

it('is patient at first, and then says where to look', () => {
  expect(hindranceOf(seen, now)).toBeUndefined();
  expect(hindranceOf(seen, now + 60_000)?.advice).toContain('https://mqtt.example.com/');
});

it('tells the latest of what went wrong', () => {
  expect(hindranceOf({ ...seen, activity: [refused] }, now)).toMatchObject({
    title: 'A request was refused',
    advice: 'The token is wrong or has expired. Copy it again, or make another.',
  });
  expect(hindranceOf({ ...seen, activity: [refused], quarantined: [strange] }, now)).toMatchObject({
    title: 'A message came on another topic',
    topic: 'other/7',
    inQuarantine: true,
  });
});

it('lets the connection speak where we hold it', () => {
  const status = {
    state: 'refused',
    since: madeAt,
    reason: 'bad_login',
    detail: 'The broker refused user name or password.',
    next_try_at: null,
  } as const;
  const integration = { ...webhook, mode: 'subscribe', status } as const;
  expect(hindranceOf({ ...seen, integration }, now)?.advice).toBe(status.detail);
  const waiting = { ...integration, status: { ...status, state: 'waiting', detail: '' } } as const;
  expect(hindranceOf({ ...seen, integration: waiting }, now)).toBeUndefined();
  expect(hindranceOf({ ...seen, integration: waiting }, now + 60_000)?.title).toBe('Nothing subscribes yet');
});
