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
  /** The zone of a value, where that alone tells it. */
  readonly zoneOf?: (value: ReadingValue) => Zone | undefined;
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
    zoneOf: zone,
    judge: () => new ValueJudge(metric, zone),
  };
}

type ZoneOfValue = NonNullable<CompiledCondition['zoneOf']>;

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
      let now: Microseconds = 0;
      const lastOf = (metric: string) => {
        const last = known.get(metric);
        // What has not been said for a day is not known any more.
        return last && now - last.at <= DAY ? last.value : undefined;
      };
      return {
        value: undefined,
        judge(values, at) {
          let isConcerned = false;
          for (const metric of expression.metrics) {
            if (!Object.hasOwn(values, metric)) continue;
            isConcerned = true;
            const last = known.get(metric);
            if (!last) known.set(metric, { value: values[metric]!, at });
            else {
              last.value = values[metric]!;
              last.at = at;
            }
          }
          if (!isConcerned) return undefined;
          now = at;
          const holds = expression.holds(lastOf);
          if (holds === undefined) return undefined;
          return holds ? 'breach' : 'clear';
        },
      };
    },
  };
}

/** A window is kept in so many slices: however much a device says, no more is remembered of it. */
const SLICES = 256;

function ofChange(condition: Extract<MetricCondition, { kind: 'change' }>): CompiledCondition {
  const { metric, by, direction } = condition;
  const window = condition.within_seconds * SECOND;
  const slice = window / SLICES;
  return {
    metrics: [metric],
    // Slices lie where the clock says, not where readings do: the oldest may begin before the window does.
    lookback: window + slice,
    isOfLastValues: false,
    warmUp: window + slice,
    judge() {
      const lowest = new Extreme((value, than) => value < than);
      const highest = new Extreme((value, than) => value > than);
      return {
        value: undefined,
        judge(values, at) {
          const value = Object.hasOwn(values, metric) ? values[metric] : undefined;
          if (typeof value !== 'number') return undefined;
          const now = Math.floor(at / slice);
          const rise = value - lowest.add(value, now);
          const fall = highest.add(value, now) - value;
          const most = direction === 'up' ? rise : direction === 'down' ? fall : Math.max(rise, fall);
          this.value = value;
          return most >= by ? 'breach' : 'clear';
        },
      };
    },
  };
}

/**
 * The lowest or the highest value of a window, of which only those are kept that can still be it before a later one: each
 * slice is kept once and let go once, so it costs the same however many there are.
 */
class Extreme {
  readonly #isMore: (value: number, than: number) => boolean;
  readonly #values: number[] = [];
  readonly #slices: number[] = [];

  constructor(isMore: (value: number, than: number) => boolean) {
    this.#isMore = isMore;
  }

  /** @returns the extreme, this value included */
  add(value: number, slice: number): number {
    const values = this.#values;
    const slices = this.#slices;
    while (slices.length > 0 && slices[0]! < slice - SLICES) {
      slices.shift();
      values.shift();
    }
    while (values.length > 0 && !this.#isMore(values.at(-1)!, value)) {
      slices.pop();
      values.pop();
    }
    // One of the same slice that is more goes when this one would.
    if (slices.at(-1) !== slice) {
      slices.push(slice);
      values.push(value);
    }
    return values[0]!;
  }
}
