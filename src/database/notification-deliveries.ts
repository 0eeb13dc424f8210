import type pg from 'pg';
import type { ChannelKind, Notification } from '../contract/notifications.ts';

/** Notifications on their way. */

/** One that this process may send now, and nobody else for a while. */
export interface DueDelivery {
  id: string;
  organizationId: string;
  channelId: string;
  kind: ChannelKind;
  settings: { to?: string[] };
  sealedSecrets: string | null;
  content: Notification;
  /** With this one. */
  attempts: number;
}

export interface ClaimTerms {
  now: number;
  most: number;
  /** Of one organization at a time. */
  mostEach: number;
  /** Kinds of which there are enough under way. */
  withoutKinds: readonly ChannelKind[];
  /** What is under way here: channels, and how many of each organization. */
  busyChannels: readonly string[];
  busy: ReadonlyMap<string, number>;
  /** For so long nobody else sends it. */
  claimMs: number;
}

/** Takes deliveries that are due: one of a channel, and of each organization as many as it may have. */
export async function claimDeliveries(pool: pg.Pool, terms: ClaimTerms): Promise<DueDelivery[]> {
  const { now, most, mostEach, withoutKinds, busyChannels, busy, claimMs } = terms;
  const { rows } = await pool.query<DueDelivery>({
    name: 'claim_deliveries',
    text: `
      with first as (
        select distinct on (d.channel_id) d.id, d.channel_id, d.organization_id, d.next_try_at
          from public.notification_deliveries d
         where d.state = 'pending' and d.next_try_at <= to_timestamp($1::float8 / 1000)
           and d.channel_id <> all ($5::uuid[])
         order by d.channel_id, d.next_try_at
      ), counted as (
        select f.id, f.next_try_at,
               row_number() over (partition by f.organization_id order by f.next_try_at) + coalesce(b.count, 0) as nth
          from first f
          join public.notification_channels c on c.id = f.channel_id and c.enabled and c.kind <> all ($4::text[])
          left join unnest($6::uuid[], $7::int[]) as b (organization, count) on b.organization = f.organization_id
      ), claimed as (
        update public.notification_deliveries d
           set attempts = d.attempts + 1, next_try_at = to_timestamp(($1::float8 + $8) / 1000)
         where d.id in (select id from counted where nth <= $3 order by next_try_at limit $2)
           and d.state = 'pending' and d.next_try_at <= to_timestamp($1::float8 / 1000)
        returning d.*
      )
      select d.id, d.organization_id as "organizationId", d.channel_id as "channelId", c.kind, c.settings,
             c.sealed_secrets as "sealedSecrets", d.content, d.attempts
        from claimed d join public.notification_channels c on c.id = d.channel_id`,
    values: [now, most, mostEach, withoutKinds, busyChannels, [...busy.keys()], [...busy.values()], claimMs],
  });
  return rows;
}

/**
 * It has arrived. What else waits for another try at this channel is tried now: somebody is there again.
 * @param remark what is to be known all the same
 */
export async function deliverySent(
  pool: pg.Pool,
  { id, now, remark }: { id: string; now: number; remark: string | null },
): Promise<void> {
  await pool.query({
    name: 'delivery_sent',
    text: `
      with sent as (
        update public.notification_deliveries
           set state = 'sent', sent_at = to_timestamp($2::float8 / 1000), last_error = $3
         where id = $1 and state = 'pending' returning channel_id
      )
      update public.notification_deliveries d set next_try_at = to_timestamp($2::float8 / 1000)
        from sent
       where d.channel_id = sent.channel_id and d.state = 'pending' and d.id <> $1
         and d.next_try_at > to_timestamp($2::float8 / 1000)`,
    values: [id, now, remark],
  });
}

/** @param nextTryAt milliseconds since 1970; undefined: it is given up */
export async function deliveryFailed(
  pool: pg.Pool,
  { id, error, nextTryAt }: { id: string; error: string; nextTryAt: number | undefined },
): Promise<void> {
  await pool.query({
    name: 'delivery_failed',
    text: `
      update public.notification_deliveries
         set last_error = $2, state = case when $3::float8 is null then 'dead' else 'pending' end,
             next_try_at = coalesce(to_timestamp($3::float8 / 1000), next_try_at)
       where id = $1 and state = 'pending'`,
    values: [id, error, nextTryAt],
  });
}

/** It was called off in the middle: somebody else sends it, at once. */
export async function deliveryLeft(pool: pg.Pool, id: string): Promise<void> {
  await pool.query(
    `update public.notification_deliveries set next_try_at = now(), attempts = attempts - 1
      where id = $1 and state = 'pending'`,
    [id],
  );
}
