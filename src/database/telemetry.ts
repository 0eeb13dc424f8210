import type { RawTelemetry, RolledUpTelemetry } from '../contract/devices.ts';
import type { DeviceAddress } from './devices.ts';
import type { Transaction } from './transaction.ts';

/** Half open: `from` counts, `to` does not, so spans that meet share no reading. ISO 8601; `to` null is open. */
export interface Span {
  from: string;
  to: string | null;
}

export interface TelemetryQuery extends DeviceAddress {
  span: Span;
  /** Null for all. */
  metrics: string[] | null;
  limit: number;
}

/** Where a page of raw readings ended: recorded_at alone can be shared by several. */
export interface RawPosition {
  recordedAt: string;
  messageKey: string;
}

/** Newest first. With `metrics`, readings with none of them are left out. */
export async function readRawTelemetry(
  tx: Transaction,
  query: TelemetryQuery & { after?: RawPosition },
): Promise<(RawTelemetry & { message_key: string })[]> {
  const { after } = query;
  return tx.rows(
    `select recorded_at, received_at, device_timestamp, time_mark, message_key::text,
            case when $5::text[] is null then telemetry else
              (select jsonb_object_agg(key, value) from jsonb_each(telemetry) where key = any ($5)) end as telemetry
       from public.device_telemetry_history h
      where organization_id = $1 and device_id = $2
        and recorded_at >= $3 and ($4::timestamptz is null or recorded_at < $4)
        and ($5::text[] is null or telemetry ?| $5)
        and ($6::timestamptz is null or recorded_at <= $6)
        and ($6::timestamptz is null or (recorded_at, message_key) < ($6, $7::int8))
      order by h.recorded_at desc, h.message_key desc limit $8`,
    [
      query.organizationId,
      query.deviceId,
      query.span.from,
      query.span.to,
      query.metrics,
      after?.recordedAt,
      after?.messageKey,
      query.limit,
    ],
  );
}

/** How many readings a span holds, counted no further than `most`. */
export async function countTelemetry(
  tx: Transaction,
  query: DeviceAddress & { span: Span; most: number },
): Promise<number> {
  const row = await tx.row<{ count: number }>(
    `select count(*) from (
       select from public.device_telemetry_history
        where organization_id = $1 and device_id = $2
          and recorded_at >= $3 and ($4::timestamptz is null or recorded_at < $4)
        limit $5) counted`,
    [query.organizationId, query.deviceId, query.span.from, query.span.to, query.most],
  );
  return row!.count;
}

/**
 * Numbers by bucket and metric, newest bucket first; buckets without a number are left out. Sums stay below what a
 * float8 holds because values beyond 1e300 are left out: one such value must not fail everybody's chart.
 * @param query.width seconds
 */
export async function rollUpTelemetry(
  tx: Transaction,
  query: TelemetryQuery & { width: number },
): Promise<RolledUpTelemetry[]> {
  return tx.rows(
    `with aggregated as (
       select date_bin(make_interval(secs => $6), h.recorded_at, 'epoch') as bucket, v.key as metric,
              count(*), min(n.value), max(n.value), sum(n.value) / count(*) as mean,
              (array_agg(n.value order by h.recorded_at desc, h.message_key desc))[1] as last
         from public.device_telemetry_history h
        cross join lateral jsonb_each(h.telemetry) v
        cross join lateral (
          select case when jsonb_typeof(v.value) = 'number' then v.value::float8 end as value) n
        where h.organization_id = $1 and h.device_id = $2
          and h.recorded_at >= $3 and ($4::timestamptz is null or h.recorded_at < $4)
          and ($5::text[] is null or v.key = any ($5))
          and abs(n.value) < 1e300
        group by bucket, metric
     )
     select bucket, json_object_agg(metric, json_build_object(
              'count', count, 'min', min, 'max', max, 'mean', mean, 'last', last)) as metrics
       from aggregated group by bucket order by bucket desc limit $7`,
    [
      query.organizationId,
      query.deviceId,
      query.span.from,
      query.span.to,
      query.metrics,
      query.width,
      query.limit,
    ],
  );
}
