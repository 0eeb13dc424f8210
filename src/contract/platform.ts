import { z } from 'zod';
import { accountPassword } from './accounts.ts';
import { id, line, retentionDays, role } from './common.ts';

/** What anyone may know before signing in. */
export const platformInfo = z
  .object({
    name: z.string(),
    version: z.string(),
    setup_required: z.boolean().describe('No owner exists yet; the console shows the set-up link'),
  })
  .meta({ id: 'PlatformInfo' });

/** POST /api/v1/setup: creates the first owner and organization, once, with the token of the console's link. */
export const setupRequest = z
  .object({
    token: z.string().min(1).max(200),
    name: line(100).min(1),
    email: z.email().max(320),
    password: accountPassword,
    organization_name: line(100).min(1),
  })
  .meta({ id: 'SetupRequest' });

/** GET /api/v1/me */
export const me = z
  .object({
    user: z.object({ id, name: z.string(), email: z.string() }).nullable().describe('null for an API key'),
    organizations: z.array(z.object({ id, name: z.string(), role })),
  })
  .meta({ id: 'Me' });

export const organization = z
  .object({
    id,
    name: z.string(),
    role,
    retention_days: retentionDays
      .nullable()
      .describe('For how long it keeps readings; null: as the platform'),
    platform_retention_days: retentionDays,
    created_at: z.string(),
  })
  .meta({ id: 'Organization' });
export type Organization = z.infer<typeof organization>;
export const organizationList = z.object({ items: z.array(organization) }).meta({ id: 'OrganizationList' });
export const createOrganization = z.object({ name: line(100).min(1) }).meta({ id: 'CreateOrganization' });
export const updateOrganization = z
  .object({ name: line(100).min(1).optional(), retention_days: retentionDays.nullable().optional() })
  .meta({ id: 'UpdateOrganization' });

/** Where devices connect. */
export const connection = z
  .object({
    host: z.string(),
    mqtt: z.string().nullable().describe('mqtt://host:port'),
    mqtts: z.string().nullable().describe('mqtts://host:port; null without a certificate'),
    ws: z.string().nullable().describe('ws://host:port/mqtt'),
    wss: z.string().nullable().describe('wss://host:port/mqtt; null without a certificate'),
    topic_prefix: z.string(),
    loopback_only: z.boolean().describe('True when only this machine can connect: set HOST to change it'),
    protocol_versions: z.array(z.string()),
    max_message_bytes: z.int(),
  })
  .meta({ id: 'Connection' });
export type Connection = z.infer<typeof connection>;

/** The engine behind the gateways. */
export const brokerHealth = z.object({
  healthy: z.boolean(),
  engine: z.string(),
  version: z.string(),
  detail: z.string().optional(),
});

export const databaseHealth = z.object({
  healthy: z.boolean(),
  version: z.string(),
  latency_ms: z.number(),
  detail: z.string().optional(),
});

/** GET /api/v1/organizations/{org}/overview */
export const overview = z
  .object({
    devices: z.object({
      total: z.int(),
      online: z.int(),
      late: z.int(),
      offline: z.int(),
      unknown: z.int(),
    }),
    messages_per_second: z.number().describe('Mean of the last minute'),
    traffic: z
      .array(
        z.object({
          minute: z.string(),
          stored: z.int(),
          duplicate: z.int(),
          quarantined: z.int(),
          rejected: z.int(),
        }),
      )
      .describe('One entry a minute with messages, of the last hour, oldest first'),
    quarantined: z.int().describe('Messages waiting in quarantine'),
    quarantine_limit: z.int().describe('The oldest beyond it are removed'),
    quarantine_full: z.boolean(),
    connections: z.int(),
    broker: brokerHealth,
    database: databaseHealth,
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof overview>;
