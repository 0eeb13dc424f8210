import { createRoute } from '@hono/zod-openapi';
import { tagDevices, taggedDevices, tagList } from '../../contract/devices.ts';
import * as stored from '../../database/tags.ts';
import { PlatformError } from '../../service/errors.ts';
import { routes } from '../platform.ts';
import { answers, body, organizationPath } from '../route.ts';
import { inOrganization } from '../tenant.ts';

const listTags = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/tags',
  operationId: 'listTags',
  summary: 'Tags in use, by name, with how many devices have each; at most the 1,000 most used',
  tags: ['Devices'],
  request: { params: organizationPath },
  responses: answers(200, tagList, 'Tags'),
});

const tagDevicesRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/devices/tags',
  operationId: 'tagDevices',
  summary: 'Add tags to up to 1,000 devices and take others off: of all, or of none (members)',
  tags: ['Devices'],
  request: { params: organizationPath, body: body(tagDevices) },
  responses: answers(200, taggedDevices, 'What each is tagged with now'),
});

export const tags = routes();

tags.openapi(listTags, async (c) => {
  const items = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.listTags(tx, organizationId),
  );
  return c.json({ items }, 200);
});

tags.openapi(tagDevicesRoute, async (c) => {
  const { device_ids, add, remove } = c.req.valid('json');
  const deviceIds = [...new Set(device_ids.map((id) => id.toLowerCase()))];
  const items = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    const tagged = await stored.tagDevices(tx, { organizationId, deviceIds, add, remove });
    const there = new Set(tagged.map(({ id }) => id));
    const missing = deviceIds.find((id) => !there.has(id));
    if (missing) throw new PlatformError('not_found', `There is no device ${missing}.`);
    return tagged;
  });
  return c.json({ items }, 200);
});
