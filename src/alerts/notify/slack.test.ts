import { expect, test } from 'vitest';
import type { NoticedAlert, Notification } from '../../contract/notifications.ts';
import { slackMessage } from './slack.ts';
import { teamsMessage } from './teams.ts';

const alert = (name: string): NoticedAlert => ({
  id: '3f0d5c1e-7a34-4b0e-8a55-0f4a86d3c1b2',
  event: 'opened',
  rule: name,
  severity: 'critical',
  state: 'open',
  device: { id: '3f0d5c1e-7a34-4b0e-8a55-0f4a86d3c1b2', external_device_id: name, name: `${name}!` },
  integration: null,
  summary: name.repeat(5),
  metric: name,
  value: name,
  opened_at: '2026-11-26T12:00:00.000000Z',
  resolved_at: null,
  resolution: null,
});

const told = (name: string, count: number): Notification => ({
  at: '2026-11-26T12:00:00.000Z',
  organization: { id: '3f0d5c1e-7a34-4b0e-8a55-0f4a86d3c1b2', name },
  severity: 'critical',
  counts: { opened: count, still_open: 0, resolved: 0, was_open: 0 },
  rules: Array.from({ length: Math.min(count, 10) }, () => ({ name, count })),
  other_rules: Math.max(0, count - 10),
  alerts: Array.from({ length: Math.min(count, 10) }, () => alert(name)),
});

/** Names of nothing but what has to be escaped, and of what takes two code units. */
const names = ['&'.repeat(200), '<'.repeat(200), '🔥'.repeat(100), '\u202e\u0000x\ud800'];

test.each(names.flatMap((name) => [[name, 1] as const, [name, 5000] as const]))(
  'stays within what Slack and Teams take: %j, %i',
  (name, count) => {
    const { blocks } = slackMessage(told(name, count), 'https://mqtt.example.com') as {
      blocks: { type: string; text?: { text: string } }[];
    };
    expect(blocks.length).toBeLessThanOrEqual(50);
    for (const { type, text } of blocks) {
      if (!text) continue;
      expect(text.text.length).toBeGreaterThan(0);
      expect(text.text.length).toBeLessThanOrEqual(type === 'header' ? 150 : 3000);
      expect(text.text).not.toMatch(/&(?!(amp|lt|gt);)/);
      expect(text.text.isWellFormed()).toBe(true);
    }
    const card = JSON.stringify(teamsMessage(told(name, count), 'https://mqtt.example.com'));
    expect(new TextEncoder().encode(card).length).toBeLessThan(28_000);
  },
);
