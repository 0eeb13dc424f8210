/** A rule's condition in plain words, and what an alert found. */
import type { AlertCondition, Operator } from './alert.ts';
import type { ReadingValue } from './reading.ts';

/** How a metric is called, and in what it is measured. */
export interface MetricWords {
  label: string;
  unit?: string | undefined;
}

export type Wording = (metric: string) => MetricWords;

/** As a device's type declares its metrics; others are called by their key. What SQL has declared may be anything. */
export function wordingOf(
  metrics:
    | readonly { name: string; label?: string | undefined; unit?: string | undefined }[]
    | null
    | undefined,
): Wording {
  return (metric) => {
    const { label, unit } = metrics?.find((declared) => declared?.name === metric) ?? {};
    return { label: text(label) || metric, unit: text(unit) };
  };
}

/** As long as the contract lets them be. */
function text(given: unknown): string | undefined {
  return typeof given === 'string' ? given.slice(0, 100) : undefined;
}

const plain = wordingOf(null);

/** `above` in “is above 30”. */
export const operatorWords: Record<Operator, string> = {
  gt: 'above',
  gte: 'at or above',
  lt: 'below',
  lte: 'at or below',
};

const units: [string, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** 90 becomes “90 seconds”, 3600 “1 hour”. */
function durationInWords(seconds: number): string {
  const [unit, length] = units.find(([, each]) => seconds >= each && seconds % each === 0) ?? ['second', 1];
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** What a rule waits for, as “Temperature is above 30 °C for 5 minutes”. */
export function conditionInWords(
  condition: AlertCondition,
  forSeconds: number,
  words: Wording = plain,
): string {
  const lasting = forSeconds > 0 ? ` for ${durationInWords(forSeconds)}` : '';
  const metric =
    'metric' in condition && condition.metric !== undefined ? words(condition.metric) : undefined;
  const measured = (value: number) => withUnit(value, metric?.unit);
  switch (condition.kind) {
    case 'threshold':
      return `${metric!.label} is ${operatorWords[condition.operator]} ${measured(condition.value)}${lasting}`;
    case 'outside':
      return `${metric!.label} is outside ${measured(condition.low)} to ${measured(condition.high)}${lasting}`;
    case 'equals':
      return `${metric!.label} is ${condition.negate ? 'not ' : ''}${condition.value}${lasting}`;
    case 'change': {
      const how = { any: 'changes', up: 'rises', down: 'falls' }[condition.direction];
      return `${metric!.label} ${how} by ${measured(condition.by)} or more within ${durationInWords(condition.within_seconds)}${lasting}`;
    }
    case 'expression':
      return `${condition.expression}${lasting}`;
    case 'no_data':
      return `No ${metric ? metric.label : 'reading'} for ${durationInWords(forSeconds)}`;
    case 'offline':
      return `The device is offline${lasting}`;
    case 'link_down':
      return `The connection to the broker is down${lasting}`;
  }
}

/** What an alert found, as “Temperature is 31.2 °C: above 30 °C for 5 minutes”. */
export function alertInWords(
  condition: AlertCondition,
  forSeconds: number,
  value: ReadingValue | undefined,
  words: Wording = plain,
): string {
  const rule = conditionInWords(condition, forSeconds, words);
  if (value === undefined || !('metric' in condition) || condition.metric === undefined) return rule;
  if (condition.kind === 'no_data' || condition.kind === 'equals') return rule;
  const { label, unit } = words(condition.metric);
  const said = typeof value === 'number' ? withUnit(value, unit) : `${value}`;
  return `${label} is ${said}: ${rule.slice(label.length + 1).replace(/^is /, '')}`;
}

function withUnit(value: number, unit: string | undefined): string {
  const text = `${Number(value.toPrecision(7))}`;
  if (!unit) return text;
  return `${text} ${unit}`;
}
