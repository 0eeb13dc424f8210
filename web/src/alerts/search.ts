import { type AlertState, alertStates, type Severity, severities } from '../../../src/domain/alert.ts';
import type { AlertsAsked } from '../api/alert-queries.ts';

/** `all` beside the states; without one those that are not over. */
export type ShownState = AlertState | 'all';

/** What the inbox is narrowed to, as it stands in the address. */
export interface AlertSearch {
  state?: ShownState;
  severity?: Severity;
  /** Ids. */
  device?: string;
  rule?: string;
}

export function parseAlertSearch(search: Record<string, unknown>): AlertSearch {
  const id = (value: unknown) =>
    typeof value === 'string' && /^[\da-f-]{36}$/.test(value) ? value : undefined;
  return {
    state: [...alertStates, 'all' as const].find((state) => state === search.state),
    severity: severities.find((severity) => severity === search.severity),
    device: id(search.device),
    rule: id(search.rule),
  };
}

export function alertsAsked({ state, severity, device, rule }: AlertSearch): AlertsAsked {
  const states: Record<ShownState | 'current', AlertState[] | undefined> = {
    current: ['open', 'acknowledged'],
    open: ['open'],
    acknowledged: ['acknowledged'],
    resolved: ['resolved'],
    all: undefined,
  };
  return { states: states[state ?? 'current'], severities: severity && [severity], device, rule };
}
