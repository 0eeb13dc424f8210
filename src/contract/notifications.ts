import { z } from 'zod';
import { resolutions } from '../domain/alert.ts';
import { alertState, schedule, severity } from './alerts.ts';
import { id, line, page, pageQuery, readingValue } from './common.ts';

/** Who is told of alerts, and what became of it. */

export const channelKind = z.enum(['webhook', 'email', 'slack', 'teams']);
export type ChannelKind = z.infer<typeof channelKind>;

const MOST_RECIPIENTS = 20;

const url = z
  .url({ protocol: /^https?$/, hostname: /./ })
  .max(2000)
  .refine((text) => URL.parse(text)?.username === '' && URL.parse(text)?.password === '', {
    message: 'may not hold a user name or password',
  });
const to = z.array(z.email().max(254)).min(1).max(MOST_RECIPIENTS).describe('E-mail addresses');

const channel = {
  name: line(100).min(1),
  min_severity: severity
    .default('info')
    .describe('The least that it is told of by rules that name no channels'),
  schedule: schedule.nullable().default(null).describe('Outside of it notifications wait; null: never'),
  quiet_hours: schedule.nullable().default(null).describe('Within them notifications wait; null: never'),
  critical_always: z.boolean().default(true).describe('Critical alerts do not wait'),
  notify_resolved: z.boolean().default(true).describe('It is told when an alert is over, too'),
  enabled: z.boolean().default(true),
};

export const createNotificationChannel = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('webhook'), url, ...channel }),
    z.object({ kind: z.literal('email'), to, ...channel }),
    z.object({ kind: z.literal('slack'), url: url.describe('Of an incoming webhook'), ...channel }),
    z.object({ kind: z.literal('teams'), url: url.describe('Of a workflow'), ...channel }),
  ])
  .meta({ id: 'CreateNotificationChannel' });
export type CreateNotificationChannel = z.infer<typeof createNotificationChannel>;

/** What is left out stays. */
export const updateNotificationChannel = z
  .object({
    name: channel.name.optional(),
    url: url.optional(),
    to: to.optional(),
    min_severity: severity.optional(),
    schedule: schedule.nullable().optional(),
    quiet_hours: schedule.nullable().optional(),
    critical_always: z.boolean().optional(),
    notify_resolved: z.boolean().optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ id: 'UpdateNotificationChannel' });
export type UpdateNotificationChannel = z.infer<typeof updateNotificationChannel>;

export const deliveryState = z
  .enum(['pending', 'sent', 'dead'])
  .describe('dead: given up, until somebody has it sent again');
export type DeliveryState = z.infer<typeof deliveryState>;

export const notificationChannel = z
  .object({
    id,
    kind: channelKind,
    name: z.string(),
    url: z.string().nullable().describe('As much of it as is no secret; null for e-mail'),
    to: z.array(z.string()).nullable().describe('null for others than e-mail'),
    min_severity: severity,
    schedule: schedule.nullable(),
    quiet_hours: schedule.nullable(),
    critical_always: z.boolean(),
    notify_resolved: z.boolean(),
    enabled: z.boolean(),
    created_at: z.string(),
    last_delivery: z
      .object({ state: deliveryState, attempts: z.int(), at: z.string(), last_error: z.string().nullable() })
      .nullable()
      .describe('The newest that was tried'),
    pending: z.int(),
    dead: z.int(),
    rules: z.int().describe('Rules that name it'),
  })
  .meta({ id: 'NotificationChannel' });
export type NotificationChannel = z.infer<typeof notificationChannel>;
export const notificationChannelList = z
  .object({
    items: z.array(notificationChannel),
    kinds: z.array(channelKind).describe('Those that can be made here'),
  })
  .meta({ id: 'NotificationChannelList' });

const signingSecret = z.string().nullable();
export const createdNotificationChannel = notificationChannel
  .extend({ signing_secret: signingSecret.describe('Of a webhook; shown this once') })
  .meta({ id: 'CreatedNotificationChannel' });
export const rotatedSigningSecret = z
  .object({ signing_secret: z.string() })
  .meta({ id: 'RotatedSigningSecret' });

/** What a receiver made of a notification. */
export const notificationTest = z
  .object({
    ok: z.boolean(),
    answer: z.string().nullable().describe('What the receiver said; null: nothing came'),
    problem: z.object({ code: z.string(), message: z.string() }).nullable(),
    ms: z.number(),
  })
  .meta({ id: 'NotificationTest' });
export type NotificationTest = z.infer<typeof notificationTest>;

/** How an alert stands as it is told: `was_open` has come and gone before anybody was told. */
export const noticeEvent = z.enum(['opened', 'still_open', 'resolved', 'was_open']);
export type NoticeEvent = z.infer<typeof noticeEvent>;

export const noticedAlert = z
  .object({
    id,
    event: noticeEvent,
    rule: z.string(),
    severity,
    state: alertState,
    device: z.object({ id, external_device_id: z.string(), name: z.string() }).nullable(),
    integration: z.object({ id, name: z.string() }).nullable(),
    summary: z.string(),
    metric: z.string().nullable(),
    value: readingValue.nullable(),
    opened_at: z.string(),
    resolved_at: z.string().nullable(),
    resolution: z.enum(Object.keys(resolutions) as [keyof typeof resolutions]).nullable(),
  })
  .meta({ id: 'NoticedAlert' });
export type NoticedAlert = z.infer<typeof noticedAlert>;

/** One notification: what has happened since the last one, the first of it in full. */
export const notification = z
  .object({
    at: z.string().describe('When it was put together'),
    organization: z.object({ id, name: z.string() }),
    severity: severity.describe('The highest of those told of'),
    counts: z.record(noticeEvent, z.int()),
    rules: z.array(z.object({ name: z.string(), count: z.int() })).describe('The ten with the most'),
    other_rules: z.int().describe('How many more there are'),
    alerts: z.array(noticedAlert).describe('The first ten, the most severe first'),
    is_test: z.boolean().optional(),
  })
  .meta({ id: 'Notification' });
export type Notification = z.infer<typeof notification>;

export const notificationDelivery = z
  .object({
    id,
    channel: z.object({ id, name: z.string(), kind: channelKind }),
    title: z.string(),
    state: deliveryState,
    attempts: z.int(),
    last_error: z.string().nullable(),
    next_try_at: z.string().nullable().describe('null: it is not tried again by itself'),
    created_at: z.string(),
    sent_at: z.string().nullable(),
    alert_ids: z.array(id).describe('Of the alerts that it tells of in full'),
  })
  .meta({ id: 'NotificationDelivery' });
export type NotificationDelivery = z.infer<typeof notificationDelivery>;

/** Newest first. */
export const notificationDeliveryPage = page(notificationDelivery).meta({ id: 'NotificationDeliveryPage' });
export const deliveryQuery = pageQuery.extend({ state: deliveryState.optional() });

export const retryDeliveries = z
  .union([
    z.strictObject({ delivery_ids: z.array(id).min(1).max(1000) }),
    z.strictObject({ channel_id: id.describe('All of its dead ones') }),
  ])
  .meta({ id: 'RetryDeliveries' });
export type RetryDeliveries = z.infer<typeof retryDeliveries>;
/** Those that were dead. */
export const retriedDeliveries = z.object({ retried: z.int() }).meta({ id: 'RetriedDeliveries' });
