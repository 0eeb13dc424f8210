import { createRoute } from '@hono/zod-openapi';
import type { z } from 'zod';
import {
  batchQuery,
  createCredentials,
  createdCredentials,
  mostCredentials,
} from '../../contract/credentials.ts';
import { insertCredentials } from '../../database/credentials.ts';
import { deviceRoom, devicesByName, insertDevices } from '../../database/device-import.ts';
import { listDevices } from '../../database/devices.ts';
import type { Transaction } from '../../database/transaction.ts';
import { PlatformError } from '../../service/errors.ts';
import { batchedCredentials } from '../credentials.ts';
import { CSV, csvLines } from '../csv.ts';
import { once } from '../idempotency.ts';
import { routes } from '../platform.ts';
import { answers, body, idempotencyKey, organizationPath } from '../route.ts';
import { inOrganization } from '../tenant.ts';

const created = answers(201, createdCredentials, 'Made, as JSON or CSV');

const createCredentialsRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/credentials/batch',
  operationId: 'createCredentials',
  summary: 'Make one for each of up to 1,000 devices; passwords are shown this once (admins)',
  tags: ['Credentials'],
  request: {
    params: organizationPath,
    query: batchQuery,
    headers: idempotencyKey,
    body: body(createCredentials),
  },
  responses: created,
});

export const credentialBatch = routes();

credentialBatch.openapi(createCredentialsRoute, async (c) => {
  const wanted = c.req.valid('json');
  const { format } = c.req.valid('query');
  const { connect, items } = await inOrganization(c, 'admin', ({ tx, organizationId }) =>
    once(c, { tx, secret: true }, async () => {
      const devices = await devicesFor(tx, organizationId, wanted);
      const { rows, items } = await batchedCredentials(devices, { organizationId, label: wanted.label });
      await insertCredentials(tx, { organizationId, expiresAt: wanted.expires_at, credentials: rows });
      const { mqtt, mqtts, ws, wss } = c.get('platform').connection;
      return { connect: { mqtt, mqtts, ws, wss }, items };
    }),
  );
  if (format === 'json') return c.json({ connect, items }, 201);
  const columns = ['external_device_id', 'username', 'password', 'topic_prefix'] as const;
  const table = csvLines([columns, ...items.map((item) => columns.map((column) => item[column]))]);
  return c.body(table, 201, {
    'content-type': CSV,
    'content-disposition': 'attachment; filename="credentials.csv"',
  }) as never;
});

interface NamedDevice {
  id: string;
  external_device_id: string;
}

/** The devices with all of these tags, or those of these names, which are registered if need be. */
async function devicesFor(
  tx: Transaction,
  organizationId: string,
  wanted: z.infer<typeof createCredentials>,
): Promise<NamedDevice[]> {
  const { tags, external_device_ids: given } = wanted;
  if (tags) {
    const tagged = await listDevices(tx, { organizationId, tags, limit: mostCredentials + 1 });
    if (tagged.length === 0)
      throw new PlatformError('not_found', `No device is tagged ${tags.join(' and ')}.`);
    if (tagged.length > mostCredentials) {
      const detail = `More than ${mostCredentials} devices are tagged so: add another tag, or name devices.`;
      throw new PlatformError('invalid_request', detail, { field: 'body.tags' });
    }
    return tagged;
  }
  const names = [...new Set(given)];
  const there = await devicesByName(tx, { organizationId, names });
  const known = new Set(there.map(({ external_device_id }) => external_device_id));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length === 0) return there;
  const { room, limit } = await deviceRoom(tx, organizationId);
  if (missing.length > room) {
    const code = limit === 'devices_limit' ? limit : 'limit_reached';
    throw new PlatformError(
      code,
      `There is room for ${room} more devices (${limit}), not for ${missing.length}.`,
    );
  }
  await insertDevices(tx, {
    organizationId,
    devices: missing.map((name) => ({ external_device_id: name, name, device_type_id: null, tags: [] })),
  });
  return devicesByName(tx, { organizationId, names });
}
