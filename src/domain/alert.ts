/** What a rule watches for, and what becomes of an alert. Drawn in docs/guides/alerts.md. */
import type { ReadingValue } from './reading.ts';

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const alertStates = ['open', 'acknowledged', 'resolved'] as const;
export type AlertState = (typeof alertStates)[number];

/** How an alert came to its end. */
export const resolutions = {
  cleared: 'The condition no longer holds.',
  by_hand: 'Somebody resolved it.',
  withdrawn: 'Readings that came late show that it was not so.',
  rule_changed: 'Its rule was changed, and looks anew.',
  rule_disabled: 'Its rule was switched off.',
  rule_deleted: 'Its rule was deleted.',
  out_of_scope: 'Its rule no longer watches this device.',
} as const;
export type Resolution = keyof typeof resolutions;

export const operators = ['gt', 'gte', 'lt', 'lte'] as const;
export type Operator = (typeof operators)[number];

/** Judged by readings, in the order of their `recorded_at`. */
export type MetricCondition =
  | { kind: 'threshold'; metric: string; operator: Operator; value: number; hysteresis: number }
  | { kind: 'outside'; metric: string; low: number; high: number; hysteresis: number }
  | { kind: 'equals'; metric: string; value: ReadingValue; negate: boolean }
  | {
      kind: 'change';
      metric: string;
      /** At least so much, between any two readings of the window. */
      by: number;
      within_seconds: number;
      direction: 'any' | 'up' | 'down';
    }
  | { kind: 'expression'; expression: string };

/** Judged by the clock: it is what does not come that counts. */
export type SilenceCondition =
  | { kind: 'no_data'; metric?: string | undefined }
  | { kind: 'offline' }
  | { kind: 'link_down' };

export type AlertCondition = MetricCondition | SilenceCondition;

/** Devices that a rule or a maintenance window is for. Tags: those that have all of them. A name may have `*`. */
export type AlertScope =
  | { kind: 'organization' }
  | { kind: 'devices'; device_ids: string[] }
  | {
      kind: 'matching';
      tags?: string[] | undefined;
      name?: string | undefined;
      device_type_id?: string | undefined;
    };

/** Times of the week at which a rule holds; outside of them it opens nothing. */
export interface Schedule {
  /** IANA, as Europe/Berlin. */
  time_zone: string;
  windows: {
    /** ISO: 1 is Monday. */
    days: number[];
    /** HH:MM; one that ends before it begins goes past midnight. */
    from: string;
    to: string;
  }[];
}

export const alertLimits = {
  devicesInScope: 1000,
  longestForSeconds: 7 * 86_400,
  /** Shorter silence is what a network does. */
  shortestNoDataSeconds: 30,
  longestChangeSeconds: 86_400,
  expressionCharacters: 1000,
  backtestDays: 31,
} as const;
