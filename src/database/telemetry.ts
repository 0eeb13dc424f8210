import type { RawTelemetry, RolledUpTelemetry } from '../contract/devices.ts';
import type { DeviceAddress } from './devices.ts';
import { MINUTES_FROM, numbersOf, ofBuckets, ofReadings, unpacked } from './rollup-columns.ts';
import { planOnce } from './scope.ts';
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

/** Spans of a bucket as PostgreSQL has them. */
const widths = { '1m': '1 minute', '1h': '1 hour', '1d': '1 day' } as const;
export type Rollup = keyof typeof widths;

/** Buckets that lie wholly in what `rest` still lacks and miss no reading; and what then is still lacking. */
const buckets = (
  name: string,
  rest: string,
  { table, width, condition }: { table: Rollup; width: string; condition: string },
) => `
  ${name} as materialized (
    select r.bucket, r.metrics from (select unnest(ranges) as span from ${rest}) lacking
     cross join lateral (
       select bucket, metrics from public.device_telemetry_${table}
        where organization_id = $1 and device_id = $2
          and bucket >= lower(span) and bucket < upper(span)
          and bucket + interval '${width}' <= upper(span) ${condition} offset 0) r
     where (select hours from unrolled) is not null
       and not exists (select from lacks where date_bin('${width}', lacks.hour, 'epoch') = r.bucket)
  ), beside_${name} as (
    select ranges - coalesce((select range_agg(tstzrange(bucket, bucket + interval '${width}')) from ${name}), '{}') as ranges
      from ${rest}
  )`;

const days = buckets('days', 'asked', { table: '1d', width: '1 day', condition: '' });
const hours = (rest: string, condition = '') =>
  buckets('hours', rest, { table: '1h', width: '1 hour', condition });
const minutes = `
  minutes as (
    select m.bucket, m.metrics from hours
      join public.device_telemetry_1m m on m.organization_id = $1 and m.device_id = $2
       and m.bucket >= hours.bucket and m.bucket < hours.bucket + interval '1 hour'
  )`;

/** By resolution: what is read, from coarse to fine; the roll-ups that count; what is left to the readings. */
const ways: Record<Rollup, { read: string[]; counting: string[]; rest: string }> = {
  '1d': { read: [days, hours('beside_days')], counting: ['days', 'hours'], rest: 'beside_hours' },
  '1h': { read: [hours('asked')], counting: ['hours'], rest: 'beside_hours' },
  '1m': {
    read: [hours('asked', `and readings >= ${MINUTES_FROM}`), minutes],
    counting: ['minutes'],
    rest: 'beside_hours',
  },
};

/**
 * `offset 0` keeps each lack a look into the index of its own: as one join with the table all of the table may be read.
 */
function statementFor(rollup: Rollup): string {
  const { read, counting, rest } = ways[rollup];
  const bin = (time: string) => `date_bin('${widths[rollup]}', ${time}, 'epoch')`;
  return `
    with unrolled as materialized (select private.unrolled_hours_of($1, $2) as hours),
    lacks as materialized (select unnest(hours) as hour from unrolled),
    asked as (select tstzmultirange(tstzrange($3, coalesce($4::timestamptz, 'infinity'))) as ranges),
    ${read.join(', ')},
    merged as (
      ${counting
        .map(
          (name) => `
      select ${bin('bucket')} as bucket, v.* from ${name} cross join lateral ${unpacked('metrics')} v
       where $5::text[] is null or v.metric = any ($5)
      union all`,
        )
        .join('')}
      select ${bin('h.recorded_at')}, v.metric, ${ofReadings}
        from (select unnest(ranges) as span from ${rest}) lacking
       cross join lateral (
         select recorded_at, message_key, telemetry from public.device_telemetry_history
          where organization_id = $1 and device_id = $2
            and recorded_at >= lower(span) and recorded_at < upper(span) offset 0) h
       cross join lateral ${numbersOf('h.telemetry')} v
       where $5::text[] is null or v.metric = any ($5)
       group by 1, 2
    ), aggregated as (
      select bucket, metric, ${ofBuckets} from merged group by bucket, metric
    )
    select bucket, json_object_agg(metric, json_build_object(
             'count', count, 'min', min, 'max', max, 'mean', sum / count, 'last', last)) as metrics
      from aggregated group by bucket order by bucket desc limit $6`;
}

/**
 * Numbers by bucket and metric, newest bucket first; buckets without a number are left out. From roll-ups where these miss
 * nothing, and from the readings elsewhere: at the ends of the span, in the hour that goes on, and where a reading came
 * that has not been rolled up yet.
 */
export async function rollUpTelemetry(
  tx: Transaction,
  query: TelemetryQuery & { rollup: Rollup },
): Promise<RolledUpTelemetry[]> {
  await tx.rows(planOnce);
  return tx.rows({ name: `roll_up_${query.rollup}`, text: statementFor(query.rollup) }, [
    query.organizationId,
    query.deviceId,
    query.span.from,
    query.span.to,
    query.metrics,
    query.limit,
  ]);
}

/** Whether the span begins when its readings are gone, and only roll-ups tell of them. */
export async function outlivesReadings(
  tx: Transaction,
  query: DeviceAddress & { span: Span },
): Promise<boolean> {
  const row = await tx.row<{ outlives: boolean }>(
    `select exists (
       select from public.device_telemetry_1h
        where organization_id = $1 and device_id = $2 and bucket >= $3
          and bucket < least($4::timestamptz, 'infinity', (
            select date_bin('1 hour', h.recorded_at, 'epoch') from public.device_telemetry_history h
             where h.organization_id = $1 and h.device_id = $2 and h.recorded_at >= $3
             order by h.recorded_at limit 1))) as outlives`,
    [query.organizationId, query.deviceId, query.span.from, query.span.to],
  );
  return row!.outlives;
}
