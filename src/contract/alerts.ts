import { z } from 'zod';
import { alertLimits, alertStates, operators, resolutions, severities } from '../domain/alert.ts';
import { expressionProblem } from '../domain/alert-expression.ts';
import { isTimeZone } from '../domain/schedule.ts';
import { id, line, page, pageQuery, readingValue, time } from './common.ts';

/** Alerts: rules, what they have found, and times at which they are silent. */

export const severity = z.enum(severities).meta({ id: 'Severity' });
export const alertState = z.enum(alertStates);

const metric = line(200).min(1).describe('The key in telemetry');
const hysteresis = z
  .number()
  .min(0)
  .default(0)
  .describe('How far back behind the limit a value has to be before the alert resolves');

export const alertCondition = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('threshold'),
      metric,
      operator: z.enum(operators),
      value: z.number(),
      hysteresis,
    }),
    z
      .strictObject({
        kind: z.literal('outside'),
        metric,
        low: z.number(),
        high: z.number(),
        hysteresis,
      })
      .refine(({ low, high }) => low < high, { path: ['high'], message: 'has to be above low' })
      .refine((given) => 2 * given.hysteresis < given.high - given.low, {
        path: ['hysteresis'],
        message: 'leaves nothing of the band',
      }),
    z.strictObject({
      kind: z.literal('equals'),
      metric,
      value: readingValue,
      negate: z.boolean().default(false).describe('Is anything but that'),
    }),
    z.strictObject({
      kind: z.literal('change'),
      metric,
      by: z.number().positive(),
      within_seconds: z.int().min(1).max(alertLimits.longestChangeSeconds),
      direction: z.enum(['any', 'up', 'down']).default('any'),
    }),
    z.strictObject({
      kind: z.literal('expression'),
      expression: line(alertLimits.expressionCharacters)
        .min(1)
        .superRefine((text, context) => {
          const problem = expressionProblem(text);
          if (problem) context.addIssue(problem);
        })
        .describe('Over the newest value of each metric, as temperature > 30 and humidity < 40'),
    }),
    z.strictObject({
      kind: z.literal('no_data'),
      metric: metric.optional().describe('Left out: no reading at all'),
    }),
    z.strictObject({ kind: z.literal('offline') }),
    z.strictObject({
      kind: z.literal('link_down').describe('The connection to a broker of the organization’s own'),
    }),
  ])
  .meta({ id: 'AlertCondition' });
export type AlertCondition = z.infer<typeof alertCondition>;

export const alertScope = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('organization') }),
    z.strictObject({
      kind: z.literal('devices'),
      device_ids: z.array(id).min(1).max(alertLimits.devicesInScope),
    }),
    z
      .strictObject({
        kind: z.literal('matching'),
        tags: z.array(line(50).min(1)).min(1).max(20).optional().describe('All of them'),
        name: line(200).min(1).optional().describe('Of the device, * for anything'),
        device_type_id: id.optional(),
      })
      .refine(({ tags, name, device_type_id }) => tags || name || device_type_id, {
        message: 'give tags, a name or a type',
      }),
  ])
  .meta({ id: 'AlertScope' });
export type AlertScope = z.infer<typeof alertScope>;

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'has to be HH:MM');

export const schedule = z
  .strictObject({
    time_zone: line(64).refine(isTimeZone, 'is no time zone, as Europe/Berlin'),
    windows: z
      .array(
        z.strictObject({
          days: z.array(z.int().min(1).max(7)).min(1).max(7).describe('1 is Monday'),
          from: clockTime,
          to: clockTime.describe('Earlier than from: on the next day'),
        }),
      )
      .min(1)
      .max(14),
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof schedule>;

const rule = {
  name: line(100).min(1),
  severity: severity.default('warning'),
  condition: alertCondition,
  for_seconds: z
    .int()
    .min(0)
    .max(alertLimits.longestForSeconds)
    .default(0)
    .describe('How long the condition has to hold; for no_data, offline and link_down how long it lasts'),
  scope: alertScope.default({ kind: 'organization' }),
  schedule: schedule.nullable().default(null).describe('When it holds; null: always'),
  channel_ids: z
    .array(id)
    .max(20)
    .default([])
    .describe('Who is notified; none: every channel that takes its severity'),
  enabled: z.boolean().default(true),
};

export const alertRule = z
  .object({
    id,
    ...rule,
    open_alerts: z.int(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'AlertRule' });
export type AlertRule = z.infer<typeof alertRule>;
export const alertRuleList = z.object({ items: z.array(alertRule) }).meta({ id: 'AlertRuleList' });

interface Judged {
  condition?: AlertCondition | undefined;
  for_seconds?: number | undefined;
  scope?: AlertScope | undefined;
}

/** What fits a field but not the others. */
function checkRule({ condition, for_seconds, scope }: Judged, context: z.core.$RefinementCtx): void {
  if (condition?.kind === 'no_data' && (for_seconds ?? 0) < alertLimits.shortestNoDataSeconds)
    context.addIssue({
      code: 'custom',
      path: ['for_seconds'],
      message: `has to be ${alertLimits.shortestNoDataSeconds} at least`,
    });
  if (condition?.kind === 'link_down' && scope && scope.kind !== 'organization')
    context.addIssue({ code: 'custom', path: ['scope'], message: 'is the organization’s for link_down' });
}

export const createAlertRule = z.object(rule).superRefine(checkRule).meta({ id: 'CreateAlertRule' });
export type CreateAlertRule = z.infer<typeof createAlertRule>;

/** A condition is changed together with its `for_seconds` and scope: they are judged together. */
export const updateAlertRule = z
  .object({
    name: rule.name.optional(),
    severity: severity.optional(),
    condition: alertCondition.optional(),
    for_seconds: z.int().min(0).max(alertLimits.longestForSeconds).optional(),
    scope: alertScope.optional(),
    schedule: schedule.nullable().optional(),
    channel_ids: z.array(id).max(20).optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ id: 'UpdateAlertRule' });

/** What a rule is judged by. */
export const judgedRule = z
  .object({
    condition: alertCondition,
    for_seconds: rule.for_seconds,
    scope: rule.scope,
    schedule: rule.schedule,
  })
  .superRefine(checkRule);

export const backtest = z
  .object({
    condition: alertCondition,
    for_seconds: rule.for_seconds,
    schedule: rule.schedule,
    device_id: id,
    from: time,
    to: time,
  })
  .superRefine(checkRule)
  .meta({ id: 'Backtest' });

/** When a rule would have fired. */
export const backtestResult = z
  .object({
    episodes: z.array(
      z.object({
        opened_at: z.string(),
        cleared_at: z.string().nullable().describe('null: it would still be open'),
        value: readingValue.nullable(),
      }),
    ),
    readings: z.int().describe('That were looked at'),
    truncated: z.boolean().describe('There were more readings or episodes than are looked at'),
  })
  .meta({ id: 'BacktestResult' });
export type BacktestResult = z.infer<typeof backtestResult>;

export const alert = z
  .object({
    id,
    rule_id: id.nullable().describe('null: the rule was deleted'),
    rule_name: z.string(),
    severity,
    state: alertState,
    device: z.object({ id, external_device_id: z.string(), name: z.string() }).nullable(),
    integration: z.object({ id, name: z.string() }).nullable(),
    summary: z.string().describe('In words, as “temperature is 31.2, above 30”'),
    metric: z.string().nullable(),
    value: readingValue.nullable().describe('At which it opened'),
    opened_at: z.string().describe('When it began, by the readings’ time'),
    detected_at: z.string().describe('When we saw it: later when readings were late'),
    cleared_at: z.string().nullable().describe('Since when the condition no longer holds'),
    resolved_at: z.string().nullable(),
    resolution: z.enum(Object.keys(resolutions) as [keyof typeof resolutions]).nullable(),
    acknowledged_at: z.string().nullable(),
    acknowledged_by: z.object({ id, name: z.string() }).nullable(),
    snoozed_until: z.string().nullable().describe('Until then nobody is notified'),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof alert>;

/** Newest first. */
export const alertPage = page(alert).meta({ id: 'AlertPage' });

const severalOf = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .string()
    .regex(/^[a-z_]+(,[a-z_]+)*$/)
    .transform((text) => text.split(','))
    .pipe(z.array(item))
    .describe('One or several, separated by commas');

export const alertQuery = pageQuery.extend({
  state: severalOf(alertState).optional(),
  severity: severalOf(severity).optional(),
  device_id: id.optional(),
  rule_id: id.optional(),
  from: time.optional().describe('Those that were not over by then'),
  to: time.optional().describe('Those that had begun by then'),
});

export const alertCounts = z
  .object({
    open: z.object({ info: z.int(), warning: z.int(), critical: z.int() }),
    acknowledged: z.int(),
  })
  .meta({ id: 'AlertCounts' });

export const alertEventKind = z.enum([
  'opened',
  'acknowledged',
  'snoozed',
  'note',
  'cleared',
  'resolved',
  'withdrawn',
]);

/** The audit trail, oldest first. */
export const alertEvent = z
  .object({
    id: z.string(),
    at: z.string(),
    kind: alertEventKind,
    user: z.object({ id, name: z.string() }).nullable().describe('null: by itself'),
    note: z.string(),
  })
  .meta({ id: 'AlertEvent' });
export type AlertEvent = z.infer<typeof alertEvent>;
export const alertWithEvents = alert.extend({ events: z.array(alertEvent) }).meta({ id: 'AlertWithEvents' });

export const alertAction = z
  .discriminatedUnion('action', [
    z.strictObject({
      action: z.literal('acknowledge'),
      alert_ids: z.array(id).min(1).max(1000),
      note: line(1000).default(''),
    }),
    z.strictObject({
      action: z.literal('resolve'),
      alert_ids: z.array(id).min(1).max(1000),
      note: line(1000).default(''),
    }),
    z.strictObject({
      action: z.literal('snooze'),
      alert_ids: z.array(id).min(1).max(1000),
      until: time.nullable().describe('null ends it'),
      note: line(1000).default(''),
    }),
    z.strictObject({
      action: z.literal('note'),
      alert_ids: z.array(id).min(1).max(1000),
      note: line(1000).min(1),
    }),
  ])
  .meta({ id: 'AlertAction' });
/** Those that it changed; one that was resolved already is left as it is. */
export const alertActionResult = z.object({ changed: z.int() }).meta({ id: 'AlertActionResult' });

const maintenance = {
  name: line(100).min(1),
  scope: alertScope.default({ kind: 'organization' }),
  starts_at: time,
  ends_at: time,
};
/** A time in which nothing opens for these devices. */
export const maintenanceWindow = z
  .object({ id, ...maintenance, created_at: z.string() })
  .meta({ id: 'MaintenanceWindow' });
export type MaintenanceWindow = z.infer<typeof maintenanceWindow>;
export const maintenanceWindowList = z
  .object({ items: z.array(maintenanceWindow) })
  .meta({ id: 'MaintenanceWindowList' });
export const createMaintenanceWindow = z
  .object(maintenance)
  .refine(({ starts_at, ends_at }) => Date.parse(starts_at) < Date.parse(ends_at), {
    path: ['ends_at'],
    message: 'has to be after starts_at',
  })
  .meta({ id: 'CreateMaintenanceWindow' });
