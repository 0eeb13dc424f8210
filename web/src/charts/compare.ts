import type { Device } from '../api/types.ts';
import { type ChartSearch, parseChartSearch } from './range.ts';

/** So many lines still are told apart. */
export const mostCompared = 12;
/** So many charts are shown at once. */
export const mostCharts = 12;
/** So many before anybody has chosen. */
const chartsAtFirst = 4;

/** Devices by id, in the order of their colours, and metrics; without these those that most of the devices have. */
export interface CompareSearch extends ChartSearch {
  devices?: string[];
  metrics?: string[];
}

export function parseCompareSearch(search: Record<string, unknown>): CompareSearch {
  return {
    ...parseChartSearch(search),
    devices: texts(search.devices)?.slice(0, mostCompared),
    metrics: texts(search.metrics)?.slice(0, mostCharts),
  };
}

/** One or several, each once. The router reads what looks like a number as one. */
function texts(value: unknown): string[] | undefined {
  const all = (Array.isArray(value) ? value : [value])
    .filter((one) => typeof one === 'string' || typeof one === 'number')
    .map(String)
    .filter((one) => one !== '' && one.length <= 200);
  return all.length > 0 ? [...new Set(all)] : undefined;
}

/** Metrics that are numbers, those of the most devices first, then by name. */
export function metricsOf(devices: readonly Pick<Device, 'latest'>[]): { name: string; devices: number }[] {
  const counts = new Map<string, number>();
  for (const { latest } of devices) {
    for (const [name, { value }] of Object.entries(latest))
      if (typeof value === 'number') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, devices: count }))
    .sort((a, b) => b.devices - a.devices || a.name.localeCompare(b.name));
}

/** What is charted: as chosen, or what most of the devices have. */
export function chosenMetrics(
  chosen: readonly string[] | undefined,
  known: readonly { name: string }[],
): string[] {
  return (chosen ?? known.slice(0, chartsAtFirst).map(({ name }) => name)).toSorted();
}

/** With it where it was not, without it where it was; undefined when none is left. */
export function toggled(all: readonly string[], one: string, most: number): string[] | undefined {
  const next = all.includes(one) ? all.filter((other) => other !== one) : [...all, one].slice(0, most);
  return next.length > 0 ? next : undefined;
}
