import type { NotificationChannel } from '../api/types.ts';

type Schedule = NonNullable<NotificationChannel['schedule']>;
export type ChannelKind = NotificationChannel['kind'];

/** A channel as a form has it. */
export interface ChannelDraft {
  kind: ChannelKind;
  name: string;
  /** Empty, of one that is there: stays as it is. */
  url: string;
  to: string[];
  minSeverity: NotificationChannel['min_severity'];
  notifyResolved: boolean;
  criticalAlways: boolean;
  schedule: Schedule | null;
  quietHours: Schedule | null;
}

export function newDraft(kind: ChannelKind): ChannelDraft {
  return {
    kind,
    name: '',
    url: '',
    to: [],
    minSeverity: 'info',
    notifyResolved: true,
    criticalAlways: true,
    schedule: null,
    quietHours: null,
  };
}

export function draftOf(channel: NotificationChannel): ChannelDraft {
  return {
    kind: channel.kind,
    name: channel.name,
    url: '',
    to: channel.to ?? [],
    minSeverity: channel.min_severity,
    notifyResolved: channel.notify_resolved,
    criticalAlways: channel.critical_always,
    schedule: channel.schedule,
    quietHours: channel.quiet_hours,
  };
}

const common = (draft: ChannelDraft) => ({
  name: draft.name.trim(),
  min_severity: draft.minSeverity,
  notify_resolved: draft.notifyResolved,
  critical_always: draft.criticalAlways,
  schedule: draft.schedule,
  quiet_hours: draft.quietHours,
});

/** What makes the channel. */
export function createBody(draft: ChannelDraft) {
  const { kind, to } = draft;
  const url = draft.url.trim();
  return kind === 'email' ? { kind, to, ...common(draft) } : { kind, url, ...common(draft) };
}

/** What changes one that is there. */
export function updateBody(draft: ChannelDraft) {
  const url = draft.url.trim();
  if (draft.kind === 'email') return { to: draft.to, ...common(draft) };
  return { ...(url ? { url } : {}), ...common(draft) };
}

/** Nights, in the viewer's zone. */
export function nights(timeZone: string): Schedule {
  return { time_zone: timeZone, windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '07:00' }] };
}

/** Working hours, in the viewer's zone. */
export function workingHours(timeZone: string): Schedule {
  return { time_zone: timeZone, windows: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }] };
}
