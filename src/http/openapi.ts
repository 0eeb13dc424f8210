import { OpenAPIHono } from '@hono/zod-openapi';
import * as accounts from './routes/accounts.ts';
import * as apiKeys from './routes/api-keys.ts';
import * as credentials from './routes/credentials.ts';
import * as devices from './routes/devices.ts';
import * as events from './routes/events.ts';
import * as integrations from './routes/integrations.ts';
import * as invitations from './routes/invitations.ts';
import * as members from './routes/members.ts';
import * as organizations from './routes/organizations.ts';
import * as platform from './routes/platform.ts';
import * as quarantine from './routes/quarantine.ts';
import * as telemetry from './routes/telemetry.ts';

export function openApiDocument(version: string): object {
  const app = new OpenAPIHono();
  for (const group of [
    platform,
    accounts,
    organizations,
    devices,
    telemetry,
    credentials,
    integrations,
    quarantine,
    members,
    invitations,
    apiKeys,
    events,
  ]) {
    for (const route of Object.values(group))
      if ('method' in route) app.openAPIRegistry.registerPath(route as never);
  }
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'netneural.session_token',
    description: 'Set by signing in',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key of an organization: nnk_…',
  });
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'NetNeural MQTT', version, description: 'x' },
    security: [{ session: [] }, { apiKey: [] }],
  });
}
