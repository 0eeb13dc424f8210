import type pg from 'pg';
import type { Schedule } from '../contract/alerts.ts';
import type { Notification } from '../contract/notifications.ts';
import { asPlatform } from './scope.ts';
import { ISO_TIME, type Transaction } from './transaction.ts';

/** What channels are to be told of alerts, and the notifications that it becomes. */

const QUEUE = 'alert_notifications';
/** Of a notification; it says how many more there are. */
const MOST_IN_FULL = 10;
/** Snoozes that end at once, of all organizations; those beyond end with the next look. */
const MOST_SNOOZES = 10_000;

/** Times from outside are milliseconds since 1970. */
const at = (parameter: string) => `to_timestamp(${parameter}::float8 / 1000)`;

/** What there is to do about notifications. */
export interface NotifyingDue {
  /** Something has happened that nobody has noted. */
  words: boolean;
  /** Snoozes have ended. */
  snoozes: boolean;
  /** A channel is to be told something. */
  waiting: boolean;
  /** A notification is to be sent. */
  deliveries: boolean;
}

/** One look, for most of the time there is nothing. */
export async function notifyingDue(
  pool: pg.Pool,
  { snoozedAfter, now }: { snoozedAfter: number; now: number },
): Promise<NotifyingDue> {
  const { rows } = await pool.query<NotifyingDue>({
    name: 'notifying_due',
    text: `
      select exists (select from pgmq.q_${QUEUE} where vt <= clock_timestamp()) as words,
             exists (select from public.alerts
                      where state = 'open' and snoozed_until > ${at('$1')} and snoozed_until <= ${at('$2')}) as snoozes,
             exists (select from private.notices where waiting_since is not null) as waiting,
             exists (select from public.notification_deliveries
                      where state = 'pending' and next_try_at <= ${at('$2')}) as deliveries`,
    values: [snoozedAfter, now],
  });
  return rows[0]!;
}

/**
 * Takes words on alerts that have opened or resolved from their queue and notes who is to be told, in one transaction.
 * @returns how many there were
 */
export function takeNotices(pool: pg.Pool, { most, now }: { most: number; now: number }): Promise<number> {
  return asPlatform(pool, async (tx) => {
    const words = await tx.rows<{ id: string; alert: string | null; event: string | null }>(
      `select msg_id::text as id, message ->> 'event' as event,
              case when message ->> 'alert' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then message ->> 'alert' end as alert
         from pgmq.read('${QUEUE}', 30, $1)`,
      [most],
    );
    if (words.length === 0) return 0;
    const alertsThat = (event: string) =>
      words.flatMap((word) => (word.event === event && word.alert ? [word.alert] : []));
    await tx.rows(
      `insert into private.notices as n (channel_id, alert_id, waiting_since)
       select c.channel_id, c.alert_id, ${at('$2')} from private.channels_of_alerts($1::uuid[]) c
       on conflict (channel_id, alert_id) do update set waiting_since = coalesce(n.waiting_since, excluded.waiting_since)`,
      [alertsThat('opened'), now],
    );
    await tx.rows(
      `update private.notices set waiting_since = coalesce(waiting_since, ${at('$2')}) where alert_id = any ($1::uuid[])`,
      [alertsThat('resolved'), now],
    );
    await tx.rows(`select pgmq.delete('${QUEUE}', $1::bigint[])`, [words.map(({ id }) => id)]);
    return words.length;
  });
}

/** Alerts whose snooze has ended are told of once more, if nobody has been since. */
export async function endSnoozes(
  pool: pg.Pool,
  { after, now }: { after: number; now: number },
): Promise<void> {
  await pool.query({
    name: 'end_snoozes',
    text: `
      insert into private.notices as n (channel_id, alert_id, waiting_since)
      select c.channel_id, c.alert_id, ${at('$2')}
        from private.channels_of_alerts(array(
          select id from public.alerts
           where state = 'open' and snoozed_until > ${at('$1')} and snoozed_until <= ${at('$2')} limit ${MOST_SNOOZES})) c
      on conflict (channel_id, alert_id) do update set waiting_since = coalesce(n.waiting_since, excluded.waiting_since)
        where n.told_at is null
           or n.told_at < (select a.snoozed_until from public.alerts a where a.id = n.alert_id)`,
    values: [after, now],
  });
}

/** A channel that there is something to tell. */
export interface WaitingChannel {
  id: string;
  schedule: Schedule | null;
  quietHours: Schedule | null;
  criticalAlways: boolean;
  /** Something of it has not been held back yet. */
  hasNew: boolean;
}

export async function waitingChannels(pool: pg.Pool): Promise<WaitingChannel[]> {
  const { rows } = await pool.query<WaitingChannel>({
    name: 'waiting_channels',
    text: `
      select c.id, c.schedule, c.quiet_hours as "quietHours", c.critical_always as "criticalAlways",
             n.has_new as "hasNew"
        from (select channel_id, bool_or(not is_held) as has_new from private.notices
               where waiting_since is not null group by channel_id) n
        join public.notification_channels c on c.id = n.channel_id`,
  });
  return rows;
}

/** What waits for a channel is kept for when it may be told. */
export async function holdNotices(pool: pg.Pool, channelId: string): Promise<void> {
  await pool.query(
    'update private.notices set is_held = true where channel_id = $1 and waiting_since is not null and not is_held',
    [channelId],
  );
}

/** What an alert is to a channel at the time of telling. Those that are nothing to tell: quiet, snoozed, acknowledged. */
const verdict = `
  case when a.state = 'resolved' then
         case when n.told_at is not null then case when c.notify_resolved then 'resolved' else 'quiet' end
              when a.resolution = 'withdrawn' or n.is_held then 'quiet'
              else 'was_open' end
       when a.snoozed_until > ${at('$2')} then 'snoozed'
       when n.told_at is null then case when a.state = 'acknowledged' then 'acknowledged' else 'opened' end
       when a.state = 'open' and a.snoozed_until > n.told_at then 'still_open'
       else 'quiet' end`;

interface Told extends Omit<Notification, 'at' | 'organization' | 'other_rules' | 'counts'> {
  counts: Partial<Notification['counts']> | null;
  rule_count: number;
}

/**
 * Makes one notification of all that waits for a channel, if any of it is still something to tell, in one transaction.
 * @param onlyCritical leaves the rest waiting
 * @returns whether there is a notification now
 */
export function tellChannel(
  pool: pg.Pool,
  { channelId, now, onlyCritical }: { channelId: string; now: number; onlyCritical: boolean },
): Promise<boolean> {
  return asPlatform(pool, async (tx) => {
    const channel = await tx.row<{ id: string; name: string; enabled: boolean }>(
      `select o.id, o.name, c.enabled from public.notification_channels c
         join public.organizations o on o.id = c.organization_id where c.id = $1 for update of c`,
      [channelId],
    );
    if (!channel?.enabled) {
      await tx.rows('delete from private.notices where channel_id = $1', [channelId]);
      return false;
    }
    const told = await settleNotices(tx, [channelId, now, onlyCritical]);
    if (told.alerts === null) return false;
    const { counts, rule_count, ...rest } = told;
    const content: Notification = {
      at: new Date(now).toISOString(),
      organization: { id: channel.id, name: channel.name },
      counts: { opened: 0, still_open: 0, resolved: 0, was_open: 0, ...counts },
      other_rules: rule_count - rest.rules.length,
      ...rest,
    };
    await tx.rows(
      `insert into public.notification_deliveries (organization_id, channel_id, content, created_at, next_try_at)
       values ($1, $2, $3, ${at('$4')}, ${at('$4')})`,
      [channel.id, channelId, JSON.stringify(content), now],
    );
    return true;
  });
}

async function settleNotices(tx: Transaction, values: unknown[]): Promise<Told> {
  const told = await tx.row<Told>(
    `with judged as materialized (
       select n.alert_id, n.told_at, ${verdict} as event, a.rule_name, a.severity, a.state, a.device_id, a.integration_id,
              a.summary, a.metric, a.value, a.opened_at, a.resolved_at, a.resolution
         from private.notices n
         join public.alerts a on a.id = n.alert_id
         join public.notification_channels c on c.id = n.channel_id
        where n.channel_id = $1 and n.waiting_since is not null and (not $3 or a.severity = 'critical')
     ), forgotten as (
       delete from private.notices n using judged j
        where n.channel_id = $1 and n.alert_id = j.alert_id
          and (j.state = 'resolved' or j.event = 'snoozed' and j.told_at is null)
     ), known as (
       update private.notices n set waiting_since = null, is_held = false,
              told_at = case when j.event in ('opened', 'still_open', 'acknowledged') then ${at('$2')} else n.told_at end
         from judged j
        where n.channel_id = $1 and n.alert_id = j.alert_id
          and not (j.state = 'resolved' or j.event = 'snoozed' and j.told_at is null)
     ), told as materialized (
       select * from judged where event in ('opened', 'still_open', 'resolved', 'was_open')
     )
     select (select json_object_agg(event, count) from (select event, count(*) from told group by event) e) as counts,
            (select severity from told order by private.severity_rank(severity) desc limit 1) as severity,
            (select count(distinct rule_name) from told) as rule_count,
            (select json_agg(r) from (
               select rule_name as name, count(*) as count from told group by 1 order by 2 desc, 1
                limit ${MOST_IN_FULL}) r) as rules,
            (select json_agg(f) from (
               select t.alert_id as id, t.event, t.rule_name as rule, t.severity, t.state,
                      case when d.id is not null then
                        json_build_object('id', d.id, 'external_device_id', d.external_device_id, 'name', left(d.name, 200))
                      end as device,
                      case when i.id is not null then json_build_object('id', i.id, 'name', left(i.name, 200)) end as integration,
                      left(t.summary, 500) as summary, t.metric, t.value,
                      to_char(t.opened_at, ${ISO_TIME}) as opened_at, to_char(t.resolved_at, ${ISO_TIME}) as resolved_at,
                      t.resolution
                 from told t
                 left join public.devices d on d.id = t.device_id
                 left join public.device_integrations i on i.id = t.integration_id
                order by private.severity_rank(t.severity) desc, t.opened_at, t.alert_id limit ${MOST_IN_FULL}) f) as alerts`,
    values,
  );
  return told!;
}
