import type { AlertCondition, AlertScope, Schedule } from '../../../src/contract/alerts.ts';
import type { Severity } from '../../../src/domain/alert.ts';
import { conditionInWords } from '../../../src/domain/alert-words.ts';
import type { Metrics } from '../format/metric.ts';
import { plural } from '../format/value.ts';

export const severityWords: Record<Severity, string> = {
  info: 'Info',
  warning: 'Warning',
  critical: 'Critical',
};

interface Ruled {
  condition: AlertCondition;
  for_seconds: number;
  scope: AlertScope;
}

/** `When temperature is above 30 °C for 5 minutes on devices tagged freezer` */
export function ruleInWords(
  rule: Ruled,
  names: { metrics: Metrics; typeName: (id: string) => string },
): string {
  const { condition, for_seconds: seconds, scope } = rule;
  const words = conditionInWords(condition, seconds, names.metrics);
  // Those begin with a word of ours, others with what a metric is called.
  const isOurs =
    condition.kind === 'no_data' || condition.kind === 'offline' || condition.kind === 'link_down';
  const lower = isOurs ? `${words[0]!.toLowerCase()}${words.slice(1)}` : words;
  const what = condition.kind === 'no_data' ? `there is ${lower}` : lower;
  const where = condition.kind !== 'link_down' && scopeInWords(scope, names.typeName);
  return ['When', what, where].filter(Boolean).join(' ');
}

/** `on devices tagged freezer and outdoor` */
export function scopeInWords(scope: AlertScope, typeName: (id: string) => string): string {
  if (scope.kind === 'organization') return 'on any device';
  if (scope.kind === 'devices')
    return scope.device_ids.length === 1
      ? 'on one device'
      : `on ${plural(scope.device_ids.length, 'device')}`;
  const { tags, name, device_type_id: type } = scope;
  const parts = [
    type !== undefined && `of the type ${typeName(type)}`,
    tags && `tagged ${listed(tags)}`,
    name !== undefined && `named ${name}`,
  ];
  return `on devices ${parts.filter(Boolean).join(', ')}`;
}

/** `a, b and c` */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

export const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** `Mon–Fri 08:00–18:00, Sat 08:00–12:00 (Europe/Berlin)` */
export function scheduleInWords({ windows, time_zone }: Schedule): string {
  const parts = windows.map(({ days, from, to }) => `${daysInWords(days)} ${from}–${to}`);
  return `${parts.join(', ')} (${time_zone})`;
}

function daysInWords(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort();
  const runs: number[][] = [];
  for (const day of sorted) {
    const last = runs.at(-1);
    if (last?.at(-1) === day - 1) last.push(day);
    else runs.push([day]);
  }
  const nameOf = (day: number) => dayNames[day - 1]!;
  return runs
    .map((run) => (run.length > 2 ? `${nameOf(run[0]!)}–${nameOf(run.at(-1)!)}` : run.map(nameOf).join(', ')))
    .join(', ');
}
