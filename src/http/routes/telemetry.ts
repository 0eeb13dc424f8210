import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { id } from '../../contract/common.ts';
import { telemetryPage, telemetryQuery } from '../../contract/devices.ts';
import { deviceExists } from '../../database/devices.ts';
import type { Rollup } from '../../database/telemetry.ts';
import * as stored from '../../database/telemetry.ts';
import type { Transaction } from '../../database/transaction.ts';
import { PlatformError } from '../../service/errors.ts';
import { readCursor, toPage } from '../cursor.ts';
import { routes } from '../platform.ts';
import { answers, organizationPath } from '../route.ts';
import { inOrganization, notFound } from '../tenant.ts';

const getTelemetry = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/{device}/telemetry',
  operationId: 'getTelemetry',
  summary: 'Its readings, raw or rolled up, newest first',
  tags: ['Devices'],
  request: { params: organizationPath.extend({ device: id }), query: telemetryQuery },
  responses: answers(200, telemetryPage, 'A page of readings'),
});

/** Seconds of a bucket. */
const widths: Record<Rollup, number> = { '1m': 60, '1h': 3600, '1d': 86_400 };

const DAY_MS = 86_400_000;
/** Buckets of one query, over all of its pages: each page reads all that its span holds. */
const MOST_BUCKETS = 20_000;

/** Where a page ended, with what `auto` came to, so that the next page is of the same kind. */
const position = z.discriminatedUnion('resolution', [
  z.object({ resolution: z.literal('raw'), at: z.iso.datetime(), key: z.string().regex(/^-?\d{1,19}$/) }),
  z.object({ resolution: z.enum(['1m', '1h', '1d']), at: z.iso.datetime() }),
]);
type Position = z.infer<typeof position>;

interface Request extends Omit<stored.TelemetryQuery, 'organizationId'> {
  resolution: z.infer<typeof telemetryQuery>['resolution'];
  points: number;
  after: Position | undefined;
}

export const telemetry = routes();

telemetry.openapi(getTelemetry, async (c) => {
  const { device: deviceId } = c.req.valid('param');
  const query = c.req.valid('query');
  const request: Request = {
    deviceId,
    span: toSpan(query),
    metrics: query.metrics?.split(',').filter(Boolean) ?? null,
    limit: query.limit,
    resolution: query.resolution,
    points: query.points,
    after: readCursor(query.cursor, position),
  };
  const page = await inOrganization(c, 'viewer', async ({ tx, organizationId }) => {
    if (!(await deviceExists(tx, { organizationId, deviceId }))) throw notFound('device');
    const resolution = request.after?.resolution ?? (await resolve(tx, { ...request, organizationId }));
    return resolution === 'raw'
      ? rawPage(tx, { ...request, organizationId })
      : rolledUpPage(tx, { ...request, organizationId }, resolution);
  });
  return c.json(page, 200);
});

/** @throws PlatformError `invalid_request` */
export function toSpan({ from, to }: { from?: string; to?: string }): stored.Span {
  const end = to ? Date.parse(to) : Date.now();
  const span = { from: from ?? new Date(end - DAY_MS).toISOString(), to: to ?? null };
  if (to !== undefined && Date.parse(span.from) >= end) {
    throw new PlatformError('invalid_request', 'must lie before `to`', { field: 'query.from' });
  }
  return span;
}

/** The finest that keeps to the points asked for; the coarsest where none does. Where readings are gone, not below the hour. */
async function resolve(
  tx: Transaction,
  request: Request & { organizationId: string },
): Promise<'raw' | Rollup> {
  if (request.resolution !== 'auto') return request.resolution;
  const gone = await stored.outlivesReadings(tx, request);
  const most = request.points + 1;
  if (!gone && (await stored.countTelemetry(tx, { ...request, most })) < most) return 'raw';
  const finest = (gone ? (['1h'] as const) : (['1m', '1h'] as const)).find(
    (rollup) => buckets(request.span, rollup) <= request.points,
  );
  return finest ?? '1d';
}

function buckets({ from, to }: stored.Span, rollup: Rollup): number {
  const end = to === null ? Date.now() : Date.parse(to);
  return (end - Date.parse(from)) / 1000 / widths[rollup];
}

async function rawPage(tx: Transaction, request: Request & { organizationId: string }) {
  const { after, limit } = request;
  const rows = await stored.readRawTelemetry(tx, {
    ...request,
    after: after?.resolution === 'raw' ? { recordedAt: after.at, messageKey: after.key } : undefined,
    limit: limit + 1,
  });
  const { items, next_cursor } = toPage(
    rows,
    limit,
    (last): Position => ({ resolution: 'raw', at: last.recorded_at, key: last.message_key }),
  );
  return {
    resolution: 'raw' as const,
    items: items.map(({ message_key, ...reading }) => reading),
    next_cursor,
  };
}

async function rolledUpPage(
  tx: Transaction,
  request: Request & { organizationId: string },
  resolution: Rollup,
) {
  if (buckets(request.span, resolution) > MOST_BUCKETS) {
    throw new PlatformError(
      'invalid_request',
      `makes more than ${MOST_BUCKETS} buckets of ${resolution}: take a later \`from\` or a coarser resolution`,
      { field: 'query.from' },
    );
  }
  const { after, limit, span } = request;
  const rows = await stored.rollUpTelemetry(tx, {
    ...request,
    span: after ? { from: span.from, to: after.at } : span,
    rollup: resolution,
    limit: limit + 1,
  });
  return { resolution, ...toPage(rows, limit, (last): Position => ({ resolution, at: last.bucket })) };
}
