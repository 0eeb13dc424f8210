import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { importedDevices, importQuery } from '../../contract/devices.ts';
import * as stored from '../../database/device-import.ts';
import { listDeviceTypes } from '../../database/device-types.ts';
import { PlatformError } from '../../service/errors.ts';
import { planImport, readDeviceFile } from '../device-file.ts';
import { routes } from '../platform.ts';
import { invalidFields } from '../problem.ts';
import { answers, organizationPath } from '../route.ts';
import { inOrganization } from '../tenant.ts';

const importDevices = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/devices/import',
  operationId: 'importDevices',
  summary: 'Make and change devices by a CSV file: all of it, or nothing if a line is refused (members)',
  tags: ['Devices'],
  request: {
    params: organizationPath,
    query: importQuery,
    body: {
      required: true,
      description: 'Up to 10,000 lines and 2 MB, with the columns external_device_id, name, type, tags',
      content: { 'text/csv': { schema: z.string() } },
    },
  },
  responses: answers(200, importedDevices, 'What was done, or would be'),
});

export const deviceImport = routes();

deviceImport.openapi(importDevices, async (c) => {
  const { preview } = c.req.valid('query');
  const file = readDeviceFile(await c.req.text());
  const names = file.lines.map(({ cells }) => cells.get('external_device_id') ?? '');
  const plan = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    const { room, limit } = await stored.deviceRoom(tx, organizationId);
    const devices = await stored.devicesByName(tx, { organizationId, names });
    const types = await listDeviceTypes(tx, organizationId);
    const planned = planImport(file, { devices, types, room, limit });
    const refused = planned.lines.filter(({ outcome }) => outcome === 'refused');
    if (preview) return { ...planned, refused };
    if (refused.length > 0) {
      throw invalidFields(
        refused.map(({ line, reason }) => ({ field: `body.line ${line}`, message: reason! })),
      );
    }
    const made = await stored.insertDevices(tx, { organizationId, devices: planned.create });
    if (made < planned.create.length) {
      throw new PlatformError('conflict', 'A device was registered meanwhile. Look at the file again.');
    }
    await stored.changeDevices(tx, { organizationId, devices: planned.change });
    return { ...planned, refused };
  });
  return c.json(
    {
      applied: !preview,
      created: plan.create.length,
      changed: plan.change.length,
      unchanged: plan.unchanged,
      refused: plan.refused.length,
      ignored_columns: file.ignored,
      lines: plan.lines,
    },
    200,
  );
});
