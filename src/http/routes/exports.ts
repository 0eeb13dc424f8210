import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { z } from 'zod';
import { id } from '../../contract/common.ts';
import {
  deviceQuery,
  mostExported,
  telemetryExportOfMany,
  telemetryExportQuery,
} from '../../contract/devices.ts';
import { listDeviceTypes } from '../../database/device-types.ts';
import { listDevices } from '../../database/devices.ts';
import type { Span } from '../../database/telemetry.ts';
import {
  countReadings,
  type ExportedDevice,
  exportedDevices,
  nextReadings,
} from '../../database/telemetry-export.ts';
import { PlatformError } from '../../service/errors.ts';
import { CSV, csvLines } from '../csv.ts';
import { fileStream } from '../file-stream.ts';
import { type Env, routes } from '../platform.ts';
import { file, organizationPath } from '../route.ts';
import { asCsv, asJsonLines, telemetryPieces } from '../telemetry-file.ts';
import { found, inOrganization } from '../tenant.ts';
import { toSpan } from './telemetry.ts';

const tags = ['Devices'];
const NDJSON = 'application/x-ndjson';
const rows = ['text/csv', NDJSON];

const exportDevices = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/export',
  operationId: 'exportDevices',
  summary: 'All devices that a list with these filters holds, as CSV',
  tags,
  request: { params: organizationPath, query: deviceQuery.omit({ cursor: true, limit: true }) },
  responses: file(['text/csv'], 'external_device_id, name, type, tags, presence, last_seen_at, created_at'),
});

const exportTelemetry = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/{device}/telemetry/export',
  operationId: 'exportTelemetry',
  summary: 'Its readings of a span as a file, oldest first',
  tags,
  request: { params: organizationPath.extend({ device: id }), query: telemetryExportQuery },
  responses: file(rows, 'Readings; X-Expected-Rows says how many at most, where that can be told'),
});

const exportTelemetryOfMany = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/telemetry/export',
  operationId: 'exportTelemetryOfMany',
  summary: 'Readings of up to 100 devices as one file, device by device',
  tags,
  request: { params: organizationPath, query: telemetryExportOfMany },
  responses: file(rows, 'Readings; X-Expected-Rows says how many at most, where that can be told'),
});

export const exports = routes();

const DEVICES_AT_ONCE = 500;

exports.openapi(exportDevices, async (c) => {
  const { search, presence, external_device_id, device_type_id, tag } = c.req.valid('query');
  const page = (after: string | undefined) =>
    inOrganization(c, 'viewer', async ({ tx, organizationId }) => ({
      types: new Map((await listDeviceTypes(tx, organizationId)).map(({ id, name }) => [id, name])),
      devices: await listDevices(tx, {
        organizationId,
        search,
        presence,
        externalDeviceId: external_device_id,
        deviceTypeId: device_type_id,
        tags: tag,
        after,
        limit: DEVICES_AT_ONCE,
      }),
    }));
  const first = await page(undefined);
  async function* pieces() {
    yield csvLines([
      ['external_device_id', 'name', 'type', 'tags', 'presence', 'last_seen_at', 'created_at'],
    ]);
    for (
      let { devices, types } = first;
      ;
      { devices, types } = await page(devices.at(-1)!.external_device_id)
    ) {
      yield csvLines(
        devices.map((device) => [
          device.external_device_id,
          device.name,
          types.get(device.device_type_id ?? ''),
          device.tags.join(', '),
          device.presence,
          device.last_seen_at,
          device.created_at,
        ]),
      );
      if (devices.length < DEVICES_AT_ONCE) return;
    }
  }
  const onEnd = c.get('platform').rateLimits.file(c.req.valid('param').org);
  return fileStream(c, { name: 'devices.csv', contentType: CSV, pieces: pieces(), onEnd });
});

exports.openapi(exportTelemetry, async (c) => {
  const { device } = c.req.valid('param');
  const devices = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    exportedDevices(tx, { organizationId, deviceIds: [device], most: 1 }),
  );
  const { external_device_id } = found(devices[0], 'device');
  return telemetryFile(c, { devices, query: c.req.valid('query'), name: external_device_id });
});

exports.openapi(exportTelemetryOfMany, async (c) => {
  const { device: ids, tag: wanted, ...query } = c.req.valid('query');
  if ((ids === undefined) === (wanted === undefined)) {
    throw new PlatformError('invalid_request', 'Name either devices or tags.', { field: 'query.device' });
  }
  const deviceIds = ids && [...new Set(ids.map((one) => one.toLowerCase()))];
  const devices = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    exportedDevices(tx, {
      organizationId,
      most: mostExported + 1,
      ...(deviceIds ? { deviceIds } : { tags: wanted! }),
    }),
  );
  const missing = deviceIds?.find((one) => !devices.some((device) => device.id === one));
  if (missing) throw new PlatformError('not_found', `There is no device ${missing}.`);
  if (devices.length > mostExported) {
    const detail = `More than ${mostExported} devices have these tags: add another, or name devices.`;
    throw new PlatformError('invalid_request', detail, { field: 'query.tag' });
  }
  return telemetryFile(c, { devices, query, name: 'telemetry' });
});

/** Counted no further: it would take longer than the first rows may. */
const MOST_COUNTED = 2_000_000;
/** More are no table that anybody opens; those that are wanted can be named. */
const MOST_COLUMNS = 1000;

interface Wanted {
  devices: ExportedDevice[];
  query: z.infer<typeof telemetryExportQuery>;
  /** Of the file, without its ending. */
  name: string;
}

async function telemetryFile(c: Context<Env>, { devices, query, name }: Wanted): Promise<Response> {
  const { from, to } = toSpan(query);
  // What arrives meanwhile would make it endless.
  const span: Span = { from, to: to ?? new Date().toISOString() };
  const metrics = query.metrics?.split(',').filter(Boolean) ?? null;
  const columns = metrics ?? [...new Set(devices.flatMap((device) => device.metrics))].sort();
  if (query.format === 'csv' && columns.length > MOST_COLUMNS) {
    const detail = `${columns.length} metrics make too many columns: name those that are wanted, or take ndjson.`;
    throw new PlatformError('invalid_request', detail, { field: 'query.metrics' });
  }
  const expected = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    countReadings(tx, { organizationId, deviceIds: devices.map(({ id }) => id), span, most: MOST_COUNTED }),
  );
  const pieces = telemetryPieces(
    devices,
    query.format === 'csv' ? asCsv(columns) : asJsonLines,
    (device, after, limit) =>
      inOrganization(c, 'viewer', ({ tx, organizationId }) =>
        nextReadings(tx, { organizationId, deviceId: device.id, span, metrics, after, limit }),
      ),
  );
  return fileStream(c, {
    name: `${name} ${span.from.slice(0, 10)} to ${span.to!.slice(0, 10)}.${query.format}`,
    contentType: query.format === 'csv' ? CSV : `${NDJSON}; charset=utf-8`,
    headers: expected === undefined ? {} : { 'x-expected-rows': String(expected) },
    pieces,
    onEnd: c.get('platform').rateLimits.file(c.req.param('org')!),
  });
}
