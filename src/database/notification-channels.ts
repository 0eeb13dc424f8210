import type { Schedule } from '../contract/alerts.ts';
import type {
  ChannelKind,
  DeliveryState,
  Notification,
  NotificationChannel,
  NotificationDelivery,
  RetryDeliveries,
} from '../contract/notifications.ts';
import type { Severity } from '../domain/alert.ts';
import { ISO_TIME, type Transaction } from './transaction.ts';

/** Channels of an organization and what became of their notifications, as its members see and change them. */

/** What of a channel is nobody's secret. */
export interface ChannelSettings {
  /** As much of it as may be seen. */
  url?: string;
  to?: string[];
}

export interface ChannelAddress {
  organizationId: string;
  channelId: string;
}

type StoredChannel = Omit<NotificationChannel, 'url' | 'to'> & { settings: ChannelSettings };

const selectChannel = `
  select c.id, c.kind, c.name, c.settings, c.min_severity, c.schedule, c.quiet_hours, c.critical_always,
         c.notify_resolved, c.enabled, c.created_at,
         (select json_build_object('state', d.state, 'attempts', d.attempts, 'last_error', d.last_error,
                   'at', to_char(coalesce(d.sent_at, d.created_at), ${ISO_TIME}))
            from public.notification_deliveries d
           where d.channel_id = c.id and d.attempts > 0
           order by d.created_at desc, d.id desc limit 1) as last_delivery,
         (select count(*) from public.notification_deliveries d where d.channel_id = c.id and d.state = 'pending') as pending,
         (select count(*) from public.notification_deliveries d where d.channel_id = c.id and d.state = 'dead') as dead,
         (select count(*) from public.alert_rules r
           where r.organization_id = c.organization_id and c.id = any (r.channel_ids)) as rules
    from public.notification_channels c`;

function shown({ settings, ...channel }: StoredChannel): NotificationChannel {
  return { ...channel, url: settings.url ?? null, to: settings.to ?? null };
}

/** Oldest first. */
export async function listChannels(tx: Transaction, organizationId: string): Promise<NotificationChannel[]> {
  const rows = await tx.rows<StoredChannel>(
    `${selectChannel} where c.organization_id = $1 order by c.created_at, c.id`,
    [organizationId],
  );
  return rows.map(shown);
}

export async function getChannel(
  tx: Transaction,
  { organizationId, channelId }: ChannelAddress,
): Promise<NotificationChannel | undefined> {
  const row = await tx.row<StoredChannel>(`${selectChannel} where c.organization_id = $1 and c.id = $2`, [
    organizationId,
    channelId,
  ]);
  return row && shown(row);
}

/** What can be changed; undefined stays. */
export interface ChannelChange {
  name?: string | undefined;
  settings?: ChannelSettings | undefined;
  /** See service/seal.ts. */
  sealedSecrets?: string | undefined;
  minSeverity?: Severity | undefined;
  schedule?: Schedule | null | undefined;
  quietHours?: Schedule | null | undefined;
  criticalAlways?: boolean | undefined;
  notifyResolved?: boolean | undefined;
  enabled?: boolean | undefined;
}

const jsonOf = (value: unknown) => (value == null ? null : JSON.stringify(value));

/** @throws PlatformError `limit_reached` */
export async function insertChannel(
  tx: Transaction,
  { organizationId, channelId }: ChannelAddress,
  channel: ChannelChange & { kind: ChannelKind },
): Promise<void> {
  await tx.rows(
    `insert into public.notification_channels (id, organization_id, kind, name, settings, sealed_secrets, min_severity,
       schedule, quiet_hours, critical_always, notify_resolved, enabled)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      channelId,
      organizationId,
      channel.kind,
      channel.name,
      JSON.stringify(channel.settings),
      channel.sealedSecrets,
      channel.minSeverity,
      jsonOf(channel.schedule),
      jsonOf(channel.quietHours),
      channel.criticalAlways,
      channel.notifyResolved,
      channel.enabled,
    ],
  );
}

export async function updateChannel(
  tx: Transaction,
  { organizationId, channelId }: ChannelAddress,
  change: ChannelChange,
): Promise<void> {
  await tx.rows(
    `update public.notification_channels set
       name = coalesce($3, name), settings = coalesce($4, settings),
       min_severity = coalesce($5, min_severity), schedule = case when $6 then $7 else schedule end,
       quiet_hours = case when $8 then $9 else quiet_hours end, critical_always = coalesce($10, critical_always),
       notify_resolved = coalesce($11, notify_resolved), enabled = coalesce($12, enabled), updated_at = now()
      where organization_id = $1 and id = $2`,
    [
      organizationId,
      channelId,
      change.name,
      jsonOf(change.settings),
      change.minSeverity,
      change.schedule !== undefined,
      jsonOf(change.schedule),
      change.quietHours !== undefined,
      jsonOf(change.quietHours),
      change.criticalAlways,
      change.notifyResolved,
      change.enabled,
    ],
  );
  // On its own: nobody may read what is there.
  if (change.sealedSecrets === undefined) return;
  await tx.rows(
    'update public.notification_channels set sealed_secrets = $3 where organization_id = $1 and id = $2',
    [organizationId, channelId, change.sealedSecrets],
  );
}

/** Its deliveries go with it; rules that name it go on without. @returns whether there was one */
export async function deleteChannel(tx: Transaction, address: ChannelAddress): Promise<boolean> {
  const row = await tx.row(
    'delete from public.notification_channels where organization_id = $1 and id = $2 returning id',
    [address.organizationId, address.channelId],
  );
  return row !== undefined;
}

/** For the platform's own use: no caller's scope reads it. */
export async function sealedSecretsOf(
  tx: Transaction,
  { organizationId, channelId }: ChannelAddress,
): Promise<string | null> {
  const row = await tx.row<{ sealed_secrets: string | null }>(
    'select sealed_secrets from public.notification_channels where organization_id = $1 and id = $2',
    [organizationId, channelId],
  );
  return row?.sealed_secrets ?? null;
}

/** A delivery as it is kept; its title is made of its content. */
export type StoredDelivery = Omit<NotificationDelivery, 'title' | 'alert_ids'> & { content: Notification };

const selectDelivery = `
  select d.id, json_build_object('id', c.id, 'name', c.name, 'kind', c.kind) as channel, d.content, d.state, d.attempts,
         d.last_error, case when d.state = 'pending' then d.next_try_at end as next_try_at, d.created_at, d.sent_at
    from public.notification_deliveries d join public.notification_channels c on c.id = d.channel_id`;

/** Newest first. */
export function listDeliveries(
  tx: Transaction,
  query: {
    organizationId: string;
    channelId?: string | undefined;
    state?: DeliveryState | undefined;
    /** Of the last one of the page before. */
    before?: [createdAt: string, id: string] | undefined;
    limit: number;
  },
): Promise<StoredDelivery[]> {
  const [createdAt, id] = query.before ?? [];
  return tx.rows(
    `${selectDelivery}
      where d.organization_id = $1 and ($2::uuid is null or d.channel_id = $2) and ($3::text is null or d.state = $3)
        and ($4::timestamptz is null or (d.created_at, d.id) < ($4, $5::uuid))
      order by d.created_at desc, d.id desc limit $6`,
    [query.organizationId, query.channelId, query.state, createdAt, id, query.limit],
  );
}

export function getDelivery(
  tx: Transaction,
  { organizationId, deliveryId }: { organizationId: string; deliveryId: string },
): Promise<StoredDelivery | undefined> {
  return tx.row(`${selectDelivery} where d.organization_id = $1 and d.id = $2`, [organizationId, deliveryId]);
}

/** Has dead ones sent again. @returns how many */
export async function retryDeliveries(
  tx: Transaction,
  organizationId: string,
  which: RetryDeliveries,
): Promise<number> {
  const rows = await tx.rows(
    `update public.notification_deliveries set retried_at = now()
      where organization_id = $1 and state = 'dead' and (id = any ($2::uuid[]) or channel_id = $3) returning id`,
    [
      organizationId,
      'delivery_ids' in which ? which.delivery_ids : [],
      'channel_id' in which ? which.channel_id : null,
    ],
  );
  return rows.length;
}
