import { createRoute } from '@hono/zod-openapi';
import { id } from '../../contract/common.ts';
import { connectionTest } from '../../contract/connection-test.ts';
import { setupGuideList, testConnectionBody } from '../../contract/integrations.ts';
import { integrationCredential } from '../../database/credentials.ts';
import { getIntegration } from '../../database/integrations.ts';
import { commandFilter } from '../../domain/command-message.ts';
import { parseExpectedTopic } from '../../domain/expected-topic.ts';
import { setupGuides } from '../../external/setup/setup.ts';
import { PlatformError } from '../../service/errors.ts';
import { keptBroker, noBroker, splitBroker } from '../integrations.ts';
import { routes } from '../platform.ts';
import { answers, body, organizationPath } from '../route.ts';
import { found, inOrganization } from '../tenant.ts';
import { webhookUrl } from '../webhook-url.ts';

const tags = ['Integrations'];

const getSetup = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/integrations/{integration}/setup',
  operationId: 'getIntegrationSetup',
  summary: 'The configuration that is made for the customer’s broker (admins)',
  tags,
  request: { params: organizationPath.extend({ integration: id }) },
  responses: answers(200, setupGuideList, 'A guide for each broker that fits, best first'),
});

const testConnectionRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/integrations/test',
  operationId: 'testConnection',
  summary: 'Try a broker, step by step, before an integration is made of it (admins)',
  tags,
  request: { params: organizationPath, body: body(testConnectionBody) },
  responses: answers(200, connectionTest, 'The steps up to the first that failed'),
});

export const integrationSetup = routes();

integrationSetup.openapi(getSetup, async (c) => {
  const { integration: integrationId } = c.req.valid('param');
  const { publicUrl, connection } = c.get('platform');
  const items = await inOrganization(c, 'admin', async ({ tx, organizationId }) => {
    const { mode, name, expected_topics, configuration } = found(
      await getIntegration(tx, { organizationId, integrationId }),
      'integration',
    );
    if (!mode) throw new PlatformError('conflict', 'For the hosted broker there is nothing to set up.');
    const port = (url: string | null) => (url === null ? undefined : Number(new URL(url).port));
    return setupGuides({
      mode,
      organizationId,
      integrationId,
      integrationName: name,
      filters: expected_topics.flatMap(({ topic }) => filterOf(topic)),
      commandFilter: configuration.commands ? commandFilter(configuration.commands) : undefined,
      hasBroker: Boolean(configuration.broker),
      webhookUrl: webhookUrl(publicUrl, integrationId),
      host: connection.host,
      mqttPort: port(connection.mqtt),
      mqttsPort: port(connection.mqtts),
      username: (await integrationCredential(tx, { organizationId, integrationId }))?.username,
    });
  });
  return c.json({ items }, 200);
});

integrationSetup.openapi(testConnectionRoute, async (c) => {
  const platform = c.get('platform');
  const { broker, topics, integration_id: of, round_trip_topic: roundTripTopic } = c.req.valid('json');
  // The trial itself holds no transaction.
  const kept = of ? await keptBroker(c, of) : await inOrganization(c, 'admin', async () => noBroker);
  if (!platform.testConnection) {
    throw new PlatformError(
      'unavailable',
      'No connections are made from here: try it from the platform itself.',
    );
  }
  await platform.rateLimits.connectionTest(c.req.valid('param').org);
  const split = splitBroker(broker, kept);
  const tested = await platform.testConnection({
    url: split.broker.url,
    username: split.broker.username,
    password: split.secrets.password,
    ca: broker.ca,
    clientCertificate: broker.client_certificate,
    clientKey: split.secrets.client_key,
    protocolVersion: broker.protocol_version === '5' ? 5 : 4,
    topics: topics.flatMap((topic) => filterOf(topic)),
    roundTripTopic,
  });
  return c.json(tested, 200);
});

function filterOf(topic: string): string[] {
  const pattern = parseExpectedTopic(topic);
  return 'problem' in pattern ? [] : [pattern.filter];
}
