import type pg from 'pg';

/** Integrations that we subscribe for, and what the process that holds one says of its connection. */

/** Names of leases: of an integration's connection, and of a process that takes some. */
export const connectionLease = (integrationId: string) => `subscription/${integrationId}`;
export const processLease = (processId: string) => `subscriber/${processId}`;

export interface WantedSubscriptions {
  /** Ids of all integrations that are to be connected, and whether some process holds each. */
  integrations: { id: string; held: boolean }[];
  /** Processes that take some, this one among them. */
  processes: number;
}

export async function wantedSubscriptions(pool: pg.Pool): Promise<WantedSubscriptions> {
  const { rows } = await pool.query<{ integrations: WantedSubscriptions['integrations']; processes: number }>(
    {
      name: 'wanted_subscriptions',
      text: `
      select
        (select coalesce(json_agg(json_build_object('id', i.id, 'held', l.expires_at > now()) order by i.id), '[]')
           from public.device_integrations i
           left join private.leases l on l.name = 'subscription/' || i.id
          where i.integration_type = 'mqtt_external' and coalesce(i.mode, 'subscribe') = 'subscribe' and i.enabled)
          as integrations,
        (select count(*)::int from private.leases where name like 'subscriber/%' and expires_at > now()) as processes`,
    },
  );
  return rows[0]!;
}

export interface SubscriptionStatus {
  integrationId: string;
  state: 'connecting' | 'connected' | 'retrying' | 'refused' | 'stopped';
  /** Milliseconds since 1970, as the next. */
  since: number;
  reason?: string;
  detail?: string;
  nextTryAt?: number;
  /** What the broker's session is subscribed to from now on, where that is known. */
  filters?: readonly string[];
}

/** Written only while the holder has the lease: one that was overtaken has nothing to say. */
export async function writeStatus(pool: pg.Pool, holder: string, status: SubscriptionStatus): Promise<void> {
  const seconds = (ms: number | undefined) => (ms === undefined ? null : ms / 1000);
  await pool.query({
    name: 'write_subscription_status',
    text: `
      insert into public.integration_status as s
        (integration_id, organization_id, state, since, reason, detail, next_try_at, filters)
      select i.id, i.organization_id, $3, to_timestamp($4), $5, $6, to_timestamp($7), coalesce($8, '{}'::text[])
        from public.device_integrations i
       where i.id = $1
         and exists (select from private.leases where name = 'subscription/' || $1 and holder = $2)
      on conflict (integration_id) do update set
        state = excluded.state,
        since = case when s.state = excluded.state then s.since else excluded.since end,
        reason = excluded.reason, detail = excluded.detail, next_try_at = excluded.next_try_at,
        filters = coalesce($8, s.filters), transaction_id = pg_current_xact_id()`,
    values: [
      status.integrationId,
      holder,
      status.state,
      seconds(status.since),
      status.reason,
      status.detail ?? '',
      seconds(status.nextTryAt),
      status.filters,
    ],
  });
}

/** What the session on the customer's broker was last subscribed to. */
export async function subscribedFilters(pool: pg.Pool, integrationId: string): Promise<string[]> {
  const { rows } = await pool.query<{ filters: string[] }>(
    'select filters from public.integration_status where integration_id = $1',
    [integrationId],
  );
  return rows[0]?.filters ?? [];
}
