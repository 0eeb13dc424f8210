import type { LimitName } from '../../../src/domain/limits.ts';
import type { UsedLimit } from '../api/types.ts';
import { formatBytes, formatCount, formatRate } from '../format/value.ts';

/** What a limit is called, what counts for it, and what happens to what is beyond it. */
interface Words {
  name: string;
  counts: string;
  beyond: string;
  format: (value: number) => string;
}

export const limitWords: Record<LimitName, Words> = {
  connections: {
    name: 'Connections',
    counts: 'Clients of the hosted broker that are connected',
    beyond: 'Further clients are not let in.',
    format: formatCount,
  },
  messages_per_second: {
    name: 'Messages a second',
    counts: 'What devices and customers’ brokers send, with a minute’s credit for a backlog',
    beyond: 'What is sent faster waits.',
    format: (rate) => (rate === 0 ? '0' : formatRate(rate)),
  },
  bytes_per_second: {
    name: 'Data a second',
    counts: 'The bytes of these messages, with the same credit',
    beyond: 'What is sent faster waits.',
    format: (bytes) => formatBytes(Math.round(bytes)),
  },
  message_bytes: {
    name: 'Size of a message',
    counts: 'Its payload',
    beyond: 'Larger messages are refused.',
    format: formatBytes,
  },
  devices: {
    name: 'Devices',
    counts: 'All that are registered',
    beyond: 'Messages of new devices go to quarantine.',
    format: formatCount,
  },
  subscriptions: {
    name: 'Subscriptions',
    counts: 'Topic filters of clients that are connected',
    beyond: 'Further subscriptions are refused.',
    format: formatCount,
  },
  stored_rows: {
    name: 'Stored readings',
    counts: 'The history of all devices',
    beyond: 'Readings go to quarantine.',
    format: formatCount,
  },
};

/** How far a limit is used: `near` from four fifths on. */
export type Level = 'unlimited' | 'plenty' | 'near' | 'full';

export function levelOf({ limit, used }: Pick<UsedLimit, 'limit' | 'used'>): Level {
  if (limit === null) return 'unlimited';
  if (used === null) return 'plenty';
  if (used >= limit) return 'full';
  return used >= limit * 0.8 ? 'near' : 'plenty';
}

/** Of a limit that is used in parts, from 0 to 100; null for others. */
export function percentOf({ limit, used }: Pick<UsedLimit, 'limit' | 'used'>): number | null {
  if (limit === null || used === null) return null;
  return limit === 0 ? 100 : Math.min(100, Math.floor((used / limit) * 100));
}

/** Limits that held something back within the last hour, the latest first. */
export function hitLately(limits: readonly UsedLimit[], now: number): UsedLimit[] {
  const at = ({ last_hit_at }: UsedLimit) =>
    last_hit_at === null ? Number.NEGATIVE_INFINITY : Date.parse(last_hit_at);
  return limits.filter((limit) => at(limit) > now - 3_600_000).sort((a, b) => at(b) - at(a));
}
