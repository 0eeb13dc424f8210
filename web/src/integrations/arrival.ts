import type { Activity, Integration, Quarantined } from '../api/types.ts';
import { sentenceOfActivity, sentenceOfQuarantine } from '../connect/diagnose.ts';

/** What a page that waits for an integration's first message has seen since it was made, newest first. */
export interface Seen {
  integration: Pick<
    Integration,
    'mode' | 'enabled' | 'status' | 'created_at' | 'last_message_at' | 'failed_share' | 'webhook_url'
  >;
  activity: Pick<Activity, 'occurred_at' | 'event' | 'reason' | 'detail' | 'topic'>[];
  quarantined: Pick<Quarantined, 'received_at' | 'reason' | 'detail' | 'topic'>[];
}

export interface Hindrance {
  /** Amber for what a person has to see to; the rest is only to know. */
  kind: 'warn' | 'info';
  title: string;
  advice: string;
  topic?: string;
  /** There is more to see in the quarantine. */
  inQuarantine?: boolean;
}

/** How long nothing may come before the page says what to look at, in ms. */
const patience = 30_000;

/** Whether a message was stored: what is quarantined or refused is no arrival. */
export function hasArrived({ last_message_at, failed_share }: Seen['integration']): boolean {
  return last_message_at !== null && (failed_share ?? 0) < 1;
}

/** What keeps the first message away, if anything is known to. @param now in ms since 1970 */
export function hindranceOf(seen: Seen, now: number): Hindrance | undefined {
  const { enabled, status, created_at } = seen.integration;
  if (!enabled) {
    return { kind: 'warn', title: 'It is stopped', advice: 'Start it to let messages in.' };
  }
  if (status?.state === 'refused' || status?.state === 'retrying') {
    const title = status.state === 'refused' ? 'Your broker refuses us' : 'Your broker can’t be reached';
    return { kind: 'warn', title, advice: status.detail };
  }
  const latest = [...seen.activity.flatMap(ofActivity), ...seen.quarantined.map(ofQuarantine)];
  latest.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  if (latest[0]) return latest[0].hindrance;
  return now - Date.parse(created_at) > patience ? nothingYet(seen.integration) : undefined;
}

interface Sighting {
  at: string;
  hindrance: Hindrance;
}

const refusals: Record<string, string> = {
  webhook_refused: 'A request was refused',
  connect_refused: 'A connection was refused',
  publish_refused: 'A message was refused',
  subscribe_refused: 'A subscription was refused',
};

function ofActivity(entry: Seen['activity'][number]): Sighting[] {
  const title = refusals[entry.event];
  if (!title) return [];
  const advice = [sentenceOfActivity(entry.reason), entry.detail].filter(Boolean).join(' ');
  return [
    { at: entry.occurred_at, hindrance: { kind: 'warn', title, advice, topic: entry.topic ?? undefined } },
  ];
}

function ofQuarantine(message: Seen['quarantined'][number]): Sighting {
  const isTopic = message.reason === 'topic_not_expected';
  return {
    at: message.received_at,
    hindrance: {
      kind: 'warn',
      title: isTopic ? 'A message came on another topic' : 'A message came, but could not be stored',
      advice: sentenceOfQuarantine(message.reason) || message.detail,
      topic: message.topic,
      inQuarantine: true,
    },
  };
}

function nothingYet({ mode, status, webhook_url }: Seen['integration']): Hindrance {
  const title = 'Nothing has come yet';
  if (mode === 'subscribe') {
    return status?.state === 'waiting'
      ? {
          kind: 'warn',
          title: 'Nothing subscribes yet',
          advice: 'No subscriber process has taken it up. The operator of this platform has to start one.',
        }
      : {
          kind: 'info',
          title,
          advice: 'We are connected. Check that your devices publish on the topics of this integration.',
        };
  }
  if (mode === 'bridge') {
    return {
      kind: 'info',
      title,
      advice: 'Check the bridge in your broker’s log: it has to reach our address and sign in.',
    };
  }
  return {
    kind: 'info',
    title,
    advice: `Check that whoever posts reaches ${webhook_url ?? 'the address'} from where it runs.`,
  };
}
