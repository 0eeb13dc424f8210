import type { Alert } from '../../../src/contract/alerts.ts';
import type { Band } from '../charts/Annotations.tsx';

/** Alerts as times on a chart: from when they began until the condition no longer held. */
export function bandsOf(alerts: readonly Alert[]): Band[] {
  return alerts.map(({ id, opened_at, cleared_at, resolved_at, severity, rule_name }) => {
    const end = cleared_at ?? resolved_at;
    return {
      key: id,
      from: Date.parse(opened_at),
      to: end === null ? undefined : Date.parse(end),
      severity,
      label: rule_name,
      alert: id,
    };
  });
}

/** Those that are to be seen with a metric: its own, and those of the device as a whole. */
export function alertsOf(alerts: readonly Alert[], metric: string): Alert[] {
  return alerts.filter((alert) => alert.metric === null || alert.metric === metric);
}
