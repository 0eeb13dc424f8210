import type { DeclaredMetric } from '../api/types.ts';
import { unitOf } from './unit.ts';

export interface MetricWords {
  /** What people call it: `Temperature`, or its key where nobody said. */
  label: string;
  /** As it is written behind a value; empty where it has none. */
  unit: string;
}

/** What the values of a device are called, by their key in telemetry. */
export type Metrics = (metric: string) => MetricWords;

/** As a device's type declares them; what it leaves out is told from the key. */
export function metricsOf(type: { metrics: readonly DeclaredMetric[] } | undefined): Metrics {
  const declared = new Map(type?.metrics.map((metric) => [metric.name, metric]));
  return (metric) => {
    const { label = metric, unit = unitOf(metric) } = declared.get(metric) ?? {};
    return { label, unit };
  };
}

/** As all types that declare a metric call it; where they differ, as what none declares. */
export function commonMetrics(types: readonly { metrics: readonly DeclaredMetric[] }[] = []): Metrics {
  const all = types.flatMap(({ metrics }) => metrics);
  return metricsOf({
    metrics: all.filter(({ name, label, unit }) =>
      all.every((other) => other.name !== name || (other.label === label && other.unit === unit)),
    ),
  });
}
