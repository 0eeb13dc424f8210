import type { OpenAPIHono } from '@hono/zod-openapi';
import { SESSION_COOKIE } from './accounts.ts';
import { type Env, routes } from './platform.ts';
import { accounts } from './routes/accounts.ts';
import { alertRules } from './routes/alert-rules.ts';
import { alerts } from './routes/alerts.ts';
import { apiKeys } from './routes/api-keys.ts';
import { commands } from './routes/commands.ts';
import { connections } from './routes/connections.ts';
import { credentialBatch } from './routes/credential-batch.ts';
import { credentials } from './routes/credentials.ts';
import { deviceImport } from './routes/device-import.ts';
import { deviceTypes } from './routes/device-types.ts';
import { devices } from './routes/devices.ts';
import { events } from './routes/events.ts';
import { exports } from './routes/exports.ts';
import { health } from './routes/health.ts';
import { integrationSetup } from './routes/integration-setup.ts';
import { integrationTokens } from './routes/integration-tokens.ts';
import { integrations } from './routes/integrations.ts';
import { invitations } from './routes/invitations.ts';
import { members } from './routes/members.ts';
import { notificationChannels } from './routes/notification-channels.ts';
import { notificationDeliveries } from './routes/notification-deliveries.ts';
import { organizations } from './routes/organizations.ts';
import { platform } from './routes/platform.ts';
import { quarantine } from './routes/quarantine.ts';
import { tags } from './routes/tags.ts';
import { telemetry } from './routes/telemetry.ts';
import { usage } from './routes/usage.ts';

/** All routes of the API. */
export function apiRoutes(): OpenAPIHono<Env> {
  const api = routes();
  const groups = [
    platform,
    accounts,
    organizations,
    health,
    usage,
    // Before devices, of which none is called `export`.
    tags,
    exports,
    deviceImport,
    devices,
    telemetry,
    commands,
    deviceTypes,
    credentialBatch,
    credentials,
    connections,
    integrations,
    integrationTokens,
    integrationSetup,
    quarantine,
    alertRules,
    alerts,
    notificationChannels,
    notificationDeliveries,
    members,
    invitations,
    apiKeys,
    events,
  ];
  for (const group of groups) api.route('/', group);
  return api;
}

const description = `Devices publish over MQTT; this API is for everything around that.

Call it with the session of the dashboard, or with an API key: \`Authorization: Bearer nnk_…\`. Where the users are
those of a Supabase project, their access token does as well.
Lists end with \`next_cursor\`; ask again with it as \`cursor\` until it is null.
What goes wrong is a problem detail (RFC 9457) with a stable \`code\`.
Times are ISO 8601 in UTC with six decimals, so that their order as texts is their order in time.`;

/** The description that openapi.json holds. */
export function openApiDocument(api: OpenAPIHono<Env>, version: string) {
  const components = api.openAPIRegistry;
  components.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'Set by signing in',
  });
  components.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key of an organization (nnk_…), or the access token of a Supabase user',
  });
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'NetNeural MQTT', version, description },
    security: [{ session: [] }, { apiKey: [] }],
  });
}
