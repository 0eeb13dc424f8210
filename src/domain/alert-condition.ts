/** Conditions over readings: what each reading of a device, in the order of its time, says of one. */
import type { MetricCondition } from './alert.ts';
import { parseAlertExpression } from './alert-expression.ts';
import type { ReadingValue } from './reading.ts';
import type { Microseconds } from './time.ts';

/** `between`: no reason to open an alert, and none to resolve one. */
export type Zone = 'breach' | 'between' | 'clear';

export type ReadingValues = Readonly<Record<string, ReadingValue>>;

/** Follows one device. */
export interface Judge {
  /** @returns undefined when the reading has nothing to do with it, or too little is known yet */
  judge(values: ReadingValues, at: Microseconds): Zone | undefined;
  /** What it was judged by last, as far as it can be said in one value. */
  value: ReadingValue | undefined;
}

export interface CompiledCondition {
  readonly metrics: readonly string[];
  /** How far back readings matter to what is judged now, in microseconds. */
  readonly lookback: Microseconds;
  /** Whether the last value of each metric from before matters as well, within a day. */
  readonly isOfLastValues: boolean;
  /** For so long a judge that begins to follow a device may be wrong, in microseconds. */
  readonly warmUp: Microseconds;
  judge(): Judge;
}

const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;

/** @throws ExpressionError for an expression that can't be read */
export function compileCondition(condition: MetricCondition): CompiledCondition {
  if (condition.kind === 'expression') return ofExpression(condition.expression);
  if (condition.kind === 'change') return ofChange(condition);
  const { metric } = condition;
  const zone = zoneOf(condition);
  return {
    metrics: [metric],
    lookback: 0,
    isOfLastValues: false,
    warmUp: 0,
    judge: () => new ValueJudge(metric, zone),
  };
}

type ZoneOfValue = (value: ReadingValue) => Zone | undefined;

function zoneOf(
  condition: Extract<MetricCondition, { kind: 'threshold' | 'outside' | 'equals' }>,
): ZoneOfValue {
  if (condition.kind === 'equals') {
    const { value: wanted, negate } = condition;
    return (value) => ((value === wanted) !== negate ? 'breach' : 'clear');
  }
  if (condition.kind === 'outside') {
    const { low, high, hysteresis } = condition;
    return (value) => {
      if (typeof value !== 'number') return undefined;
      if (value < low || value > high) return 'breach';
      return value >= low + hysteresis && value <= high - hysteresis ? 'clear' : 'between';
    };
  }
  const { operator, value: limit, hysteresis } = condition;
  const isUpper = operator === 'gt' || operator === 'gte';
  const isIncluded = operator === 'gte' || operator === 'lte';
  return (value) => {
    if (typeof value !== 'number') return undefined;
    const above = isUpper ? value - limit : limit - value;
    if (above > 0 || (isIncluded && above === 0)) return 'breach';
    // Without hysteresis whatever is no breach is clear.
    return -above >= hysteresis ? 'clear' : 'between';
  };
}

class ValueJudge implements Judge {
  readonly #metric: string;
  readonly #zone: ZoneOfValue;
  value: ReadingValue | undefined;

  constructor(metric: string, zone: ZoneOfValue) {
    this.#metric = metric;
    this.#zone = zone;
  }

  judge(values: ReadingValues): Zone | undefined {
    const value = Object.hasOwn(values, this.#metric) ? values[this.#metric] : undefined;
    if (value === undefined) return undefined;
    const zone = this.#zone(value);
    if (zone) this.value = value;
    return zone;
  }
}

function ofExpression(text: string): CompiledCondition {
  const expression = parseAlertExpression(text);
  return {
    metrics: expression.metrics,
    lookback: 0,
    isOfLastValues: true,
    warmUp: 0,
    judge() {
      const known = new Map<string, { value: ReadingValue; at: Microseconds }>();
      return {
        value: undefined,
        judge(values, at) {
          let isConcerned = false;
          for (const metric of expression.metrics) {
            if (!Object.hasOwn(values, metric)) continue;
            isConcerned = true;
            known.set(metric, { value: values[metric]!, at });
          }
          if (!isConcerned) return undefined;
          const holds = expression.holds((metric) => {
            const last = known.get(metric);
            // What has not been said for a day is not known any more.
            return last && at - last.at <= DAY ? last.value : undefined;
          });
          if (holds === undefined) return undefined;
          return holds ? 'breach' : 'clear';
        },
      };
    },
  };
}

/** So many readings of a window are looked at; of more the oldest are forgotten. */
const MOST_IN_WINDOW = 10_000;

function ofChange(condition: Extract<MetricCondition, { kind: 'change' }>): CompiledCondition {
  const { metric, by, direction } = condition;
  const window = condition.within_seconds * SECOND;
  return {
    metrics: [metric],
    lookback: window,
    isOfLastValues: false,
    warmUp: window,
    judge() {
      // Those that can still be the lowest or the highest before a later one: each is at the front once, so it costs the
      // same however many there are.
      const lows: { at: Microseconds; value: number }[] = [];
      const highs: { at: Microseconds; value: number }[] = [];
      return {
        value: undefined,
        judge(values, at) {
          const value = Object.hasOwn(values, metric) ? values[metric] : undefined;
          if (typeof value !== 'number') return undefined;
          forget(lows, at - window);
          forget(highs, at - window);
          while (lows.length > 0 && lows.at(-1)!.value >= value) lows.pop();
          while (highs.length > 0 && highs.at(-1)!.value <= value) highs.pop();
          lows.push({ at, value });
          highs.push({ at, value });
          const rise = value - lows[0]!.value;
          const fall = highs[0]!.value - value;
          const most = direction === 'up' ? rise : direction === 'down' ? fall : Math.max(rise, fall);
          this.value = value;
          return most >= by ? 'breach' : 'clear';
        },
      };
    },
  };
}

function forget(queue: { at: Microseconds }[], before: Microseconds): void {
  let count = Math.max(0, queue.length - MOST_IN_WINDOW);
  while (count < queue.length && queue[count]!.at < before) count += 1;
  if (count > 0) queue.splice(0, count);
}
