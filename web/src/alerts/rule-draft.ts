import type {
  AlertCondition,
  AlertRule,
  AlertScope,
  CreateAlertRule,
  Schedule,
} from '../../../src/contract/alerts.ts';
import { alertLimits, type Operator, type Severity } from '../../../src/domain/alert.ts';
import type { ReadingValue } from '../../../src/domain/reading.ts';

/** A rule while it is typed, and what is sent of it. */

export type ConditionKind = AlertCondition['kind'];
export type Typed = number | string;

export const timeUnits = [
  { value: '1', label: 'seconds' },
  { value: '60', label: 'minutes' },
  { value: '3600', label: 'hours' },
  { value: '86400', label: 'days' },
] as const;

/** A duration as people give it. */
export interface Lasting {
  count: Typed;
  /** Seconds of its unit, as a text: a choice's value. */
  unit: string;
}

/** Which devices, as rules and maintenance windows say it. */
export interface ScopeDraft {
  scope: AlertScope['kind'];
  deviceIds: string[];
  tags: string[];
  namePattern: string;
  typeId: string | null;
}

/** All that any kind of rule has: changing the kind loses nothing. */
export interface RuleDraft extends ScopeDraft {
  name: string;
  severity: Severity;
  kind: ConditionKind;
  metric: string;
  operator: Operator;
  value: Typed;
  low: Typed;
  high: Typed;
  hysteresis: Typed;
  text: string;
  negate: boolean;
  by: Typed;
  within: Lasting;
  direction: 'any' | 'up' | 'down';
  expression: string;
  lasting: Lasting;
  /** Null while it always holds. */
  schedule: Schedule | null;
  channelIds: string[];
  enabled: boolean;
}

export function lastingOf(seconds: number): Lasting {
  const unit = timeUnits.toReversed().find(({ value }) => seconds > 0 && seconds % Number(value) === 0);
  return unit ? { count: seconds / Number(unit.value), unit: unit.value } : { count: 0, unit: '60' };
}

export function secondsOf({ count, unit }: Lasting): number {
  return Math.round(Number(count) * Number(unit));
}

/** What a new rule may begin with. */
export interface Beginning {
  metric?: string | undefined;
  /** A device's id. */
  device?: string | undefined;
}

export function ruleDraft(rule?: AlertRule, begin: Beginning = {}): RuleDraft {
  const condition: AlertCondition = rule?.condition ?? { kind: 'no_data' };
  const own: Record<string, unknown> = { ...condition };
  const typed = (key: string): Typed => (typeof own[key] === 'number' ? (own[key] as number) : '');
  return {
    name: rule?.name ?? '',
    severity: rule?.severity ?? 'warning',
    kind: rule ? condition.kind : 'threshold',
    metric: typeof own.metric === 'string' ? own.metric : (begin.metric ?? ''),
    operator: condition.kind === 'threshold' ? condition.operator : 'gt',
    value: typed('value'),
    low: typed('low'),
    high: typed('high'),
    hysteresis: typed('hysteresis') || 0,
    text: condition.kind === 'equals' ? String(condition.value) : '',
    negate: condition.kind === 'equals' && condition.negate,
    by: typed('by'),
    within: lastingOf(condition.kind === 'change' ? condition.within_seconds : 600),
    direction: condition.kind === 'change' ? condition.direction : 'any',
    expression: condition.kind === 'expression' ? condition.expression : '',
    lasting: lastingOf(rule?.for_seconds ?? 300),
    ...scopeDraft(
      rule?.scope ?? (begin.device ? { kind: 'devices', device_ids: [begin.device] } : undefined),
    ),
    schedule: rule?.schedule ?? null,
    channelIds: rule?.channel_ids ?? [],
    enabled: rule?.enabled ?? true,
  };
}

export function scopeDraft(scope: AlertScope = { kind: 'organization' }): ScopeDraft {
  const matching = scope.kind === 'matching' ? scope : undefined;
  return {
    scope: scope.kind,
    deviceIds: scope.kind === 'devices' ? scope.device_ids : [],
    tags: matching?.tags ?? [],
    namePattern: matching?.name ?? '',
    typeId: matching?.device_type_id ?? null,
  };
}

/** As the API takes it; what the kind does not have is left out. */
export function ruleBody(draft: RuleDraft): CreateAlertRule {
  return {
    name: draft.name.trim(),
    severity: draft.severity,
    condition: conditionOf(draft),
    for_seconds: secondsOf(draft.lasting),
    scope: draft.kind === 'link_down' ? { kind: 'organization' } : scopeOf(draft),
    schedule: draft.schedule,
    channel_ids: draft.channelIds,
    enabled: draft.enabled,
  };
}

export function conditionOf(draft: RuleDraft): AlertCondition {
  const metric = draft.metric.trim();
  const hysteresis = Number(draft.hysteresis);
  switch (draft.kind) {
    case 'threshold':
      return { kind: 'threshold', metric, operator: draft.operator, value: Number(draft.value), hysteresis };
    case 'outside':
      return { kind: 'outside', metric, low: Number(draft.low), high: Number(draft.high), hysteresis };
    case 'equals':
      return { kind: 'equals', metric, value: readingValueOf(draft.text), negate: draft.negate };
    case 'change': {
      const { by, within, direction } = draft;
      return { kind: 'change', metric, by: Number(by), within_seconds: secondsOf(within), direction };
    }
    case 'expression':
      return { kind: 'expression', expression: draft.expression.trim() };
    case 'no_data':
      return { kind: 'no_data', ...(metric && { metric }) };
    case 'offline':
    case 'link_down':
      return { kind: draft.kind };
  }
}

/** `true`, `5` and `open` as devices send them. */
function readingValueOf(text: string): ReadingValue {
  const trimmed = text.trim();
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

export function scopeOf({ scope, deviceIds, tags, namePattern, typeId }: ScopeDraft): AlertScope {
  if (scope === 'devices') return { kind: 'devices', device_ids: deviceIds };
  if (scope === 'organization') return { kind: 'organization' };
  const name = namePattern.trim();
  return {
    kind: 'matching',
    ...(tags.length > 0 && { tags }),
    ...(name && { name }),
    ...(typeId && { device_type_id: typeId }),
  };
}

/** What is missing for it to be a rule, by the API's name of the field; empty when nothing is. */
export function missingOf(draft: RuleDraft): Record<string, string> {
  const missing: Record<string, string> = {};
  const need = (field: string, isThere: unknown, what: string) => {
    if (!isThere) missing[field] = what;
  };
  const isNumber = (typed: Typed) => typed !== '' && Number.isFinite(Number(typed));
  const { kind } = draft;
  need('name', draft.name.trim(), 'Give it a name');
  if (kind === 'threshold' || kind === 'outside' || kind === 'equals' || kind === 'change')
    need('condition.metric', draft.metric.trim(), 'Say what is measured');
  if (kind === 'threshold') need('condition.value', isNumber(draft.value), 'Give a number');
  if (kind === 'equals') need('condition.value', draft.text.trim(), 'Give a value');
  if (kind === 'change') need('condition.by', Number(draft.by) > 0, 'Give a number above 0');
  if (kind === 'expression') need('condition.expression', draft.expression.trim(), 'Write an expression');
  if (kind === 'outside') {
    need('condition.low', isNumber(draft.low), 'Give a number');
    need(
      'condition.high',
      isNumber(draft.high) && Number(draft.low) < Number(draft.high),
      'Give a number above the other',
    );
  }
  if (kind === 'no_data')
    need(
      'for_seconds',
      secondsOf(draft.lasting) >= alertLimits.shortestNoDataSeconds,
      `Not below ${alertLimits.shortestNoDataSeconds} seconds`,
    );
  if (kind !== 'link_down') Object.assign(missing, missingOfScope(draft));
  return missing;
}

export function missingOfScope({
  scope,
  deviceIds,
  tags,
  namePattern,
  typeId,
}: ScopeDraft): Record<string, string> {
  if (scope === 'devices' && deviceIds.length === 0) return { 'scope.device_ids': 'Choose one at least' };
  const isOpen = tags.length === 0 && !namePattern.trim() && !typeId;
  return scope === 'matching' && isOpen ? { scope: 'Give tags, a name or a type' } : {};
}
