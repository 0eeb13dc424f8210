/** What a roll-up has of each metric, as pieces of SQL: from readings, from finer buckets, and as it is stored. */

/** Hours with as many readings are kept by the minute, too: of fewer the readings are as quick to read. */
export const MINUTES_FROM = 120;

/**
 * Rows (metric, value). Values beyond 1e300 are left out, so that sums stay below what a float8 holds: one such value must
 * not fail everybody's chart.
 */
export const numbersOf = (telemetry: string) => `(
  select n.metric, n.value from (
    select each.key as metric, case when jsonb_typeof(each.value) = 'number' then each.value::float8 end as value
      from jsonb_each(${telemetry}) each) n
   where abs(n.value) < 1e300)`;

/** Of rows with recorded_at, message_key and value. */
export const ofReadings = `
  count(*) as count, min(value) as min, max(value) as max, sum(value) as sum,
  (array_agg(value order by recorded_at desc, message_key desc))[1] as last,
  extract(epoch from max(recorded_at))::float8 as last_at`;

/** Of rows that have the same columns, of spans that do not meet. */
export const ofBuckets = `
  sum(count)::int8 as count, min(min) as min, max(max) as max, sum(sum) as sum,
  (array_agg(last order by last_at desc))[1] as last, max(last_at) as last_at`;

/** As stored: an array takes half of what an object with names would. */
export const packed = 'jsonb_build_array(count, min, max, sum, last, last_at)';

/** Rows (metric, count, …) again. */
export const unpacked = (metrics: string) => `(
  select each.key as metric, (each.value ->> 0)::int8 as count, (each.value ->> 1)::float8 as min,
         (each.value ->> 2)::float8 as max, (each.value ->> 3)::float8 as sum, (each.value ->> 4)::float8 as last,
         (each.value ->> 5)::float8 as last_at
    from jsonb_each(${metrics}) each)`;
