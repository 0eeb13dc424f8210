import type { NoticedAlert, NoticeEvent, Notification } from '../../contract/notifications.ts';
import { resolutions } from '../../domain/alert.ts';

/** A notification in plain words, without any markup: each format escapes them by its own rules. */

/** Names come from people and devices: one line, of a length that leaves room for the others. */
export function oneLine(text: string, longest = 200): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1).toWellFormed()}…` : line.toWellFormed();
}

const deeds: Record<NoticeEvent, { one: string; many: string }> = {
  opened: { one: 'opened', many: 'opened' },
  still_open: { one: 'is still open', many: 'still open' },
  resolved: { one: 'is resolved', many: 'resolved' },
  was_open: { one: 'was open, and is over', many: 'opened and over already' },
};
const severityWords = { info: 'Info', warning: 'Warning', critical: 'Critical' };

/** Where an alert happened: a device, a connection, or the organization. */
export function placeOf({ device, integration }: NoticedAlert): string | undefined {
  if (device) return oneLine(device.name || device.external_device_id);
  return integration ? oneLine(integration.name) : undefined;
}

/** How many alerts it tells of. */
export function countOf({ counts }: Notification): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** One line: `Critical: Too hot, Oven 3`, or `Critical: 12 alerts opened, 3 resolved`. */
export function titleOf(notification: Notification): string {
  const { alerts, counts, severity, is_test } = notification;
  if (is_test) return 'Test of this channel';
  const [first] = alerts;
  if (first && countOf(notification) === 1) {
    const place = placeOf(first);
    const what = `${oneLine(first.rule, 100)}${place ? `, ${place}` : ''}`;
    if (first.event === 'resolved') return `Resolved: ${what}`;
    if (first.event === 'was_open') return `Was open: ${what}`;
    return `${severityWords[severity]}: ${what}${first.event === 'still_open' ? ' (still open)' : ''}`;
  }
  const said = eventsOf(counts).map(
    ([event, count], index) => `${count} ${index === 0 ? 'alerts ' : ''}${deeds[event].many}`,
  );
  return `${severityWords[severity]}: ${said.join(', ')}`;
}

function eventsOf(counts: Notification['counts']): [NoticeEvent, number][] {
  return (Object.keys(deeds) as NoticeEvent[]).flatMap((event) =>
    counts[event] > 0 ? [[event, counts[event]] as [NoticeEvent, number]] : [],
  );
}

/** What there is to know of an alert, as names and values. */
export function factsOf(alert: NoticedAlert): [name: string, value: string][] {
  const { event, device, integration, metric, value, opened_at, resolved_at, resolution } = alert;
  const facts: [string, string | undefined][] = [
    ['Severity', severityWords[alert.severity]],
    ['State', event === 'was_open' ? deeds.was_open.one : alert.state],
    [
      'Device',
      device && device.name !== device.external_device_id
        ? `${oneLine(device.name)} (${oneLine(device.external_device_id)})`
        : placeOf({ ...alert, integration: null }),
    ],
    ['Integration', integration ? oneLine(integration.name) : undefined],
    [
      'Value',
      metric !== null && value !== null
        ? `${oneLine(metric, 100)} = ${oneLine(String(value), 100)}`
        : undefined,
    ],
    ['Since', timeOf(opened_at)],
    ['Until', resolved_at === null ? undefined : timeOf(resolved_at)],
    ['Why it ended', resolution === null ? undefined : resolutions[resolution]],
  ];
  return facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

/** An alert in one line, for lists of several. */
export function lineOf(alert: NoticedAlert): string {
  const place = placeOf(alert);
  const { event, opened_at, resolved_at } = alert;
  const when =
    event === 'was_open' && resolved_at !== null
      ? `was open from ${timeOf(opened_at)} to ${timeOf(resolved_at)}`
      : event === 'resolved' && resolved_at !== null
        ? `resolved ${timeOf(resolved_at)}`
        : `${deeds[event].one === 'opened' ? 'since' : 'still open since'} ${timeOf(opened_at)}`;
  return `${oneLine(alert.rule, 100)}${place ? `, ${place}` : ''}: ${oneLine(alert.summary)}; ${when}`;
}

/** Of which rules, where there are several alerts: `Too hot: 4,990`. */
export function ruleLines({ rules, other_rules }: Notification): string[] {
  const lines = rules.map(({ name, count }) => `${oneLine(name, 100)}: ${count}`);
  return other_rules > 0 ? [...lines, `and ${other_rules} other rules`] : lines;
}

/** What is not told in full; undefined: everything is. */
export function restLine(notification: Notification): string | undefined {
  const rest = countOf(notification) - notification.alerts.length;
  return rest > 0 ? `and ${rest} more` : undefined;
}

export const noMail = 'E-mail is not set up here: the operator sets SMTP_URL and SMTP_FROM.';
export const testText = 'Alerts will arrive here like this. Nothing has happened.';

/** `2026-11-26 14:03:09 UTC`. */
function timeOf(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
