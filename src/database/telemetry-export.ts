import type { RawTelemetry } from '../contract/devices.ts';
import type { RawPosition, Span } from './telemetry.ts';
import type { Transaction } from './transaction.ts';

export interface ExportedDevice {
  id: string;
  external_device_id: string;
  /** Names of all metrics that it has ever sent. */
  metrics: string[];
}

/** Those of these ids that are there, or those with all of these tags, by external_device_id; `most` at most. */
export function exportedDevices(
  tx: Transaction,
  wanted: { organizationId: string; most: number } & (
    | { deviceIds: readonly string[] }
    | { tags: readonly string[] }
  ),
): Promise<ExportedDevice[]> {
  return tx.rows(
    `select d.id, d.external_device_id, array(select jsonb_object_keys(s.latest)) as metrics
       from public.devices d join public.device_state s on s.device_id = d.id
      where d.organization_id = $1 and ($2::uuid[] is null or d.id = any ($2)) and ($3::text[] is null or d.tags @> $3)
      order by d.external_device_id limit $4`,
    [
      wanted.organizationId,
      'deviceIds' in wanted ? wanted.deviceIds : null,
      'tags' in wanted ? wanted.tags : null,
      wanted.most,
    ],
  );
}

interface DevicesQuery {
  organizationId: string;
  deviceIds: readonly string[];
  span: Span;
}

/** How many readings of these devices a span holds; undefined when there are more than `most`. */
export async function countReadings(
  tx: Transaction,
  { organizationId, deviceIds, span, most }: DevicesQuery & { most: number },
): Promise<number | undefined> {
  const row = await tx.row<{ count: number }>(
    `select count(*) from (
       select from unnest($2::uuid[]) as device
        cross join lateral (
          select from public.device_telemetry_history h
           where h.organization_id = $1 and h.device_id = device and h.recorded_at >= $3 and h.recorded_at < $4) h
        limit $5) counted`,
    [organizationId, deviceIds, span.from, span.to, most + 1],
  );
  return row!.count > most ? undefined : row!.count;
}

export type ExportedReading = Omit<RawTelemetry, 'time_mark'> & { message_key: string };

/** The next readings of a device, oldest first. With `metrics`, those with none of them are left out. */
export function nextReadings(
  tx: Transaction,
  query: {
    organizationId: string;
    deviceId: string;
    span: Span;
    metrics: readonly string[] | null;
    after: RawPosition | undefined;
    limit: number;
  },
): Promise<ExportedReading[]> {
  return tx.rows(
    `select recorded_at, received_at, device_timestamp, message_key::text,
            case when $5::text[] is null then telemetry else
              (select jsonb_object_agg(key, value) from jsonb_each(telemetry) where key = any ($5)) end as telemetry
       from public.device_telemetry_history h
      where organization_id = $1 and device_id = $2 and recorded_at >= coalesce($6, $3::timestamptz) and recorded_at < $4
        and ($5::text[] is null or telemetry ?| $5)
        and ($6::timestamptz is null or (recorded_at, message_key) > ($6, $7::int8))
      order by h.recorded_at, h.message_key limit $8`,
    [
      query.organizationId,
      query.deviceId,
      query.span.from,
      query.span.to,
      query.metrics,
      query.after?.recordedAt,
      query.after?.messageKey,
      query.limit,
    ],
  );
}
