import { z } from 'zod';
import { alert } from './alerts.ts';
import { command } from './commands.ts';
import { id, json, presence, readingValue } from './common.ts';
import { activity } from './integrations.ts';
import { quarantined } from './quarantine.ts';

/**
 * Server-Sent Events of GET /api/v1/organizations/{org}/events. Each carries an id; a client that returns with
 * it as Last-Event-ID gets all that was committed since. `reset` is sent instead when that is too much
 * (see `events.ts` of http): ask again for what is on the page.
 */
export const readingEvent = z
  .object({
    device_id: id,
    recorded_at: z.string(),
    received_at: z.string(),
    telemetry: z.record(z.string(), readingValue),
  })
  .meta({ id: 'ReadingEvent' });

/** Also how the page learns of a device it has not seen before. */
export const presenceEvent = z
  .object({
    device_id: id,
    external_device_id: z.string(),
    presence,
    since: z.string(),
    reason: z.string(),
    last_seen_at: z.string().nullable(),
  })
  .meta({ id: 'PresenceEvent' });

/** What an integration did: a connection made, refused or lost; a message put into quarantine; how it stands now. */
export const integrationEvent = z
  .discriminatedUnion('kind', [
    activity.extend({ kind: z.literal('activity') }),
    quarantined
      .pick({
        id: true,
        integration_id: true,
        external_device_id: true,
        topic: true,
        reason: true,
        detail: true,
        client_id: true,
        received_at: true,
      })
      .extend({ kind: z.literal('quarantined') }),
    z.object({
      kind: z.literal('status'),
      integration_id: id,
      state: z.enum(['connecting', 'connected', 'retrying', 'refused', 'stopped']),
      since: z.string(),
      reason: z.string().nullable(),
      detail: z.string(),
      next_try_at: z.string().nullable(),
    }),
  ])
  .meta({ id: 'IntegrationEvent' });

/** A command was made, or its state has changed. What is long is left out: `truncated`; ask for the command then. */
export const commandEvent = command
  .omit({ params: true, result: true })
  .extend({ params: json.optional(), result: json.optional(), truncated: z.boolean() })
  .meta({ id: 'CommandEvent' });

/** An alert has opened, or somebody or its condition has changed it. */
export const alertEvent = alert
  .pick({
    id: true,
    rule_id: true,
    rule_name: true,
    severity: true,
    state: true,
    device: true,
    integration: true,
    summary: true,
    opened_at: true,
    detected_at: true,
    cleared_at: true,
    resolution: true,
    snoozed_until: true,
  })
  .meta({ id: 'AlertChange' });

/** One event as it stands in the stream, `data` read as JSON. */
export const eventStreamItem = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('reading'), id: z.string(), data: readingEvent }),
    z.object({ event: z.literal('presence'), id: z.string(), data: presenceEvent }),
    z.object({ event: z.literal('integration'), id: z.string(), data: integrationEvent }),
    z.object({ event: z.literal('command'), id: z.string(), data: commandEvent }),
    z.object({ event: z.literal('alert'), id: z.string(), data: alertEvent }),
    z.object({ event: z.literal('reset'), id: z.string(), data: z.object({}) }),
  ])
  .meta({ id: 'EventStreamItem' });

export const eventNames = ['reading', 'presence', 'integration', 'command', 'alert', 'reset'] as const;
export type ReadingEvent = z.infer<typeof readingEvent>;
export type PresenceEvent = z.infer<typeof presenceEvent>;
export type IntegrationEvent = z.infer<typeof integrationEvent>;
export type CommandStreamEvent = z.infer<typeof commandEvent>;
export type AlertStreamEvent = z.infer<typeof alertEvent>;
