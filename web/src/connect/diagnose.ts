import { type ActivityReason, activityReasons } from '../../../src/domain/activity.ts';
import { type QuarantineReason, quarantineReasons } from '../../../src/domain/reading.ts';

/** What has been seen of one credential's device since the page began to wait, newest first. Times are ISO 8601. */
export interface Observed {
  /** Connects, disconnects and refusals of the credential. */
  activity: {
    occurred_at: string;
    event: string;
    reason: string | null;
    topic: string | null;
    detail: string;
  }[];
  /** Messages of the device, each with what became of it. */
  messages: {
    received_at: string;
    outcome: string;
    reason: string | null;
    topic: string;
    readings: number;
  }[];
  quarantined: { id: string; received_at: string; reason: string; detail: string; topic: string }[];
}

export type StepState = 'waiting' | 'done' | 'failed';

export interface Trouble {
  title: string;
  /** What to do about it. */
  advice: string;
  topic?: string;
  quarantinedId?: string;
}

export interface Progress {
  connected: StepState;
  published: StepState;
  stored: StepState;
  trouble?: Trouble;
}

/** How long nothing may happen before the page says what to look at, in milliseconds. */
export const patience = { noConnection: 30_000, noMessage: 10_000 } as const;

/**
 * How far a first message has come, and what is in its way. The latest sighting counts: a connection that
 * succeeds takes the refusal before it back.
 * @param wait since when and until now it has been waited, in ms since 1970 by the platform's clock; the topic to publish to
 */
export function diagnose(seen: Observed, wait: { since: number; now: number; topic: string }): Progress {
  let progress: Progress = { connected: 'waiting', published: 'waiting', stored: 'waiting' };
  let connectedAt = wait.now;
  for (const sighting of inOrder(seen)) {
    progress = sighting.apply(progress);
    if (progress.stored === 'done') return progress;
    if (sighting.connects) connectedAt = sighting.at;
  }
  if (progress.trouble || progress.published === 'done') return progress;
  if (progress.connected === 'done') {
    const silent = wait.now - connectedAt > patience.noMessage;
    return silent ? { ...progress, trouble: silentTrouble(wait.topic) } : progress;
  }
  return wait.now - wait.since > patience.noConnection ? { ...progress, trouble: absentTrouble } : progress;
}

const absentTrouble: Trouble = {
  title: 'No connection with this credential yet',
  advice:
    'Check host, port and user name on the device, and that its network reaches this server. A wrong user name can’t be told whose it is, so it does not show here.',
};

function silentTrouble(topic: string): Trouble {
  return {
    title: 'Connected, but nothing published that is stored',
    advice:
      'Publish to exactly this topic. Others below the prefix pass between your own clients and are not kept.',
    topic,
  };
}

interface Sighting {
  at: number;
  /** The time as it was sent: a connection, its publish and its end may share a millisecond. */
  exactly: string;
  connects: boolean;
  apply: (progress: Progress) => Progress;
}

function inOrder(seen: Observed): Sighting[] {
  const sightings = [
    ...seen.activity.toReversed().map(ofActivity),
    ...seen.messages.map(ofMessage),
    ...seen.quarantined.map(ofQuarantine),
  ];
  return sightings.sort((a, b) => a.at - b.at || a.exactly.localeCompare(b.exactly));
}

function ofActivity(entry: Observed['activity'][number]): Sighting {
  const trouble = troubleOf(entry);
  return {
    at: Date.parse(entry.occurred_at),
    exactly: entry.occurred_at,
    connects: entry.event === 'connected',
    apply: (progress) => {
      switch (entry.event) {
        case 'connected':
          return {
            ...progress,
            connected: 'done',
            published: 'waiting',
            stored: 'waiting',
            trouble: undefined,
          };
        case 'connect_refused':
          return { connected: 'failed', published: 'waiting', stored: 'waiting', trouble };
        case 'publish_refused':
          return { connected: 'done', published: 'failed', stored: 'waiting', trouble };
        case 'subscribe_refused':
          return { ...progress, trouble };
        default:
          return trouble && !progress.trouble ? { ...progress, trouble } : progress;
      }
    },
  };
}

/** Ends of a connection that are nothing to worry about. */
const quietEnds = ['client_disconnected', 'connection_lost', 'shutdown', 'taken_over'];

const titles: Record<string, string> = {
  bad_password: 'Wrong password',
  unknown_user: 'Wrong user name',
  topic_not_granted: 'Topic outside the prefix',
  filter_not_granted: 'Subscription outside the prefix',
  will_not_granted: 'Last will outside the prefix',
  unsupported_protocol: 'MQTT version not supported',
};
const eventTitles: Record<string, string> = {
  connect_refused: 'Connection refused',
  publish_refused: 'Publish refused',
  subscribe_refused: 'Subscription refused',
  disconnected: 'Disconnected',
};

function troubleOf(entry: Observed['activity'][number]): Trouble | undefined {
  if (entry.event === 'connected') return undefined;
  if (entry.event === 'disconnected' && quietEnds.includes(entry.reason ?? '')) return undefined;
  return {
    title: titles[entry.reason ?? ''] ?? eventTitles[entry.event] ?? 'Refused',
    advice: sentenceOfActivity(entry.reason) || entry.detail,
    topic: entry.topic ?? undefined,
  };
}

function ofMessage(message: Observed['messages'][number]): Sighting {
  const { outcome, readings } = message;
  const arrived = { connected: 'done', published: 'done' } as const;
  return {
    at: Date.parse(message.received_at),
    exactly: message.received_at,
    connects: false,
    apply: (progress) => {
      if (outcome === 'stored' && readings > 0) return { ...arrived, stored: 'done' };
      if (outcome === 'stored' || outcome === 'duplicate') return { ...progress, ...arrived };
      return { ...arrived, stored: 'failed', trouble: quarantineTrouble({ detail: '', ...message }) };
    },
  };
}

function ofQuarantine(message: Observed['quarantined'][number]): Sighting {
  return {
    at: Date.parse(message.received_at),
    exactly: message.received_at,
    connects: false,
    apply: () => ({
      connected: 'done',
      published: 'done',
      stored: 'failed',
      trouble: { ...quarantineTrouble(message), quarantinedId: message.id },
    }),
  };
}

/** Reasons that are not the payload's fault. */
const accepted = ['unknown_device', 'device_limit', 'stored_rows', 'refused_by_database'];

function quarantineTrouble(message: { reason: string | null; detail: string; topic: string }): Trouble {
  return {
    title: accepted.includes(message.reason ?? '')
      ? 'The message was put into quarantine'
      : 'The payload was not understood',
    advice: sentenceOfQuarantine(message.reason) || message.detail,
    topic: message.topic,
  };
}

/** The sentence that tells what to do about a connection's reason; empty for a reason without one. */
export function sentenceOfActivity(reason: string | null): string {
  return activityReasons[reason as ActivityReason] ?? '';
}

/** The same for a quarantined message. */
export function sentenceOfQuarantine(reason: string | null): string {
  return quarantineReasons[reason as QuarantineReason] ?? '';
}
