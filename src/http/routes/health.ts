import { createRoute } from '@hono/zod-openapi';
import { type PlatformHealth, platformHealth } from '../../contract/health.ts';
import { roleNames } from '../../contract/processes.ts';
import { connectionsByGateway } from '../../database/connections.ts';
import { databaseHealth } from '../../database/health.ts';
import { type LiveProcess, processes } from '../../database/processes.ts';
import { routes } from '../platform.ts';
import { answers, organizationPath } from '../route.ts';
import { inOrganization } from '../tenant.ts';

const healthRoute = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/health',
  operationId: 'getHealth',
  summary: 'How the platform is: broker, database, and the processes it runs as',
  tags: ['Platform'],
  request: { params: organizationPath },
  responses: answers(200, platformHealth, 'Its health'),
});

export const health = routes();

health.openapi(healthRoute, async (c) => {
  const { pool, brokerStatus } = c.get('platform');
  const connections = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    connectionsByGateway(tx, organizationId),
  );
  const [live, database] = await Promise.all([processes(pool), databaseHealth(pool)]);
  const done = new Set(live.flatMap(({ roles }) => roles));
  return c.json(
    {
      broker: brokerStatus(),
      database,
      processes: live.map((process) => entry(process, connections)),
      // Somebody else's broker has no process of ours.
      missing_roles: roleNames.filter((role) => role !== 'engine' && !done.has(role)),
    },
    200,
  );
});

function entry(
  { id, roles, host, version, detail, startedAt, seenAt }: LiveProcess,
  connections: ReadonlyMap<string, number>,
): PlatformHealth['processes'][number] {
  const engine = detail.engine ?? detail.gateway?.engine ?? detail.worker?.engine;
  return {
    id,
    roles: [...roles],
    host,
    version,
    started_at: startedAt.toISOString(),
    seen_at: seenAt.toISOString(),
    connections: roles.includes('gateway') ? (connections.get(id) ?? 0) : null,
    reaches_engine: engine ? engine.healthy : null,
  };
}
