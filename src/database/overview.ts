import type { Overview } from '../contract/platform.ts';
import { MOST_QUARANTINED } from './housekeeping.ts';
import { ISO_TIME, type Transaction } from './transaction.ts';

/** What the database knows of an organization's overview. */
export type StoredOverview = Pick<
  Overview,
  | 'devices'
  | 'messages_per_second'
  | 'traffic'
  | 'quarantined'
  | 'quarantine_limit'
  | 'quarantine_full'
  | 'connections'
>;

/** Quarantine is counted up to this; beyond it nobody needs the exact figure, and a count reads every row. */
const MOST_COUNTED = 5 * MOST_QUARANTINED;

/**
 * Traffic is counted by the minute. The last sixty seconds are this minute so far, and of the one before the share
 * that still lies within them.
 */
export async function readOverview(tx: Transaction, organizationId: string): Promise<StoredOverview> {
  const row = await tx.row<Omit<StoredOverview, 'quarantine_limit' | 'quarantine_full'>>(
    `with presences as (
       select presence, count(*) from public.device_state where organization_id = $1 group by presence
     ), minutes as (
       select minute, sum(stored) as stored, sum(duplicate) as duplicate, sum(quarantined) as quarantined,
              sum(rejected) as rejected
         from public.integration_traffic
        where organization_id = $1 and minute > now() - interval '1 hour'
        group by minute
     )
     select
       json_build_object(
         'total', coalesce((select sum(count) from presences), 0),
         'online', coalesce((select count from presences where presence = 'online'), 0),
         'late', coalesce((select count from presences where presence = 'late'), 0),
         'offline', coalesce((select count from presences where presence = 'offline'), 0),
         'unknown', coalesce((select count from presences where presence = 'unknown'), 0)) as devices,
       (select coalesce(sum(
            (stored + duplicate + quarantined + rejected)
            * least(1, greatest(0, extract(epoch from minute + interval '2 minutes' - now()) / 60))), 0) / 60
          from minutes)::float8 as messages_per_second,
       (select coalesce(json_agg(json_build_object('minute', to_char(minute, ${ISO_TIME}), 'stored', stored,
            'duplicate', duplicate, 'quarantined', quarantined, 'rejected', rejected) order by minute), '[]')
          from minutes) as traffic,
       (select count(*) from (select from public.message_quarantine where organization_id = $1
          limit ${MOST_COUNTED}) counted) as quarantined,
       (select count(*) from public.mqtt_connections where organization_id = $1) as connections`,
    [organizationId],
  );
  return {
    ...row!,
    quarantine_limit: MOST_QUARANTINED,
    quarantine_full: row!.quarantined >= MOST_QUARANTINED,
  };
}
