import type { RawTelemetry } from '../../../src/contract/devices.ts';
import { formatValue } from '../format/value.ts';
import { usualDistance } from './series.ts';

/** A time over which a boolean or a text stayed the same, in ms since 1970. */
export interface Stretch {
  from: number;
  to: number;
  value: string;
}

/** One metric's states, oldest first. Between two stretches nothing is known. */
export interface States {
  stretches: Stretch[];
  /** The different values, in the order of their first appearance. */
  values: string[];
}

/** Quiet for longer than so many usual distances between readings is a gap. */
const gapFactor = 4;

/**
 * Booleans and texts of readings that come newest first, as stretches. A metric that was ever one of these is no
 * line, whatever else it was.
 * @param until how far the last state may reach; Infinity while the span is live, and what draws it stops at now
 * @param usualMs the device's usual distance between reports, if it is known
 */
export function statesOf(
  items: readonly RawTelemetry[],
  { until, usualMs = 0 }: { until: number; usualMs?: number },
): Map<string, States> {
  const points = new Map<string, { at: number; value: string }[]>();
  const isState = new Set<string>();
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const { recorded_at, telemetry } = items[index]!;
    const at = Date.parse(recorded_at);
    for (const [metric, value] of Object.entries(telemetry)) {
      if (typeof value !== 'number') isState.add(metric);
      const known = points.get(metric) ?? [];
      points.set(metric, known);
      known.push({ at, value: formatValue(value) });
    }
  }
  return new Map(
    [...isState].map((metric) => {
      const found = points.get(metric)!;
      const step = Math.max(usualDistance(found.map(({ at }) => at)), usualMs);
      return [metric, toStates(found, { until, step })];
    }),
  );
}

/** A state holds until the next report, and where that failed to come, until it was due. */
function toStates(
  points: { at: number; value: string }[],
  { until, step }: { until: number; step: number },
): States {
  const stretches: Stretch[] = [];
  points.forEach(({ at, value }, index) => {
    const next = points[index + 1]?.at;
    const due = step > 0 ? at + gapFactor * step : Number.POSITIVE_INFINITY;
    const to = next === undefined ? Math.max(at, Math.min(until, due)) : next > due ? at + step : next;
    const last = stretches.at(-1);
    if (last && last.value === value && last.to >= at) last.to = to;
    else stretches.push({ from: at, to, value });
  });
  return { stretches, values: [...new Set(stretches.map(({ value }) => value))] };
}

/** What held at a time, or undefined where nothing is known. */
export function stateAt(states: States, at: number): Stretch | undefined {
  return states.stretches.find(({ from, to }) => from <= at && at <= to);
}
