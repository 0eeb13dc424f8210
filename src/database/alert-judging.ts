import { alertScope } from '../contract/alerts.ts';
import type { AlertScope, Resolution } from '../domain/alert.ts';
import type { ScopedDevice } from '../domain/alert-scope.ts';
import type { ReadingValue } from '../domain/reading.ts';
import type { Microseconds } from '../domain/time.ts';
import { BY_CLOCK, micros } from './alert-rules.ts';
import type { Transaction } from './transaction.ts';

/** Devices judged in one transaction. */
export const DEVICES_AT_ONCE = 1000;
/** Of one device: of more, the next ones are asked for when these were looked at. */
export const READINGS_AT_ONCE = 500;

const time = (parameter: string) => `to_timestamp(${parameter}::float8 / 1000000)`;

/** A device whose readings are to be judged from then on. */
export interface DueDevice extends ScopedDevice {
  organizationId: string;
  since: Microseconds;
  /** The newest reading that was judged before. */
  judgedTo: Microseconds | null;
  /** As its type declares them. */
  metrics: readonly { name: string; label?: string; unit?: string }[] | null;
}

/**
 * Takes what commits have left to be judged, and what the clock says; gone with the transaction's commit.
 * @param without organizations that have to wait
 */
export function takeDueDevices(
  tx: Transaction,
  most: number,
  without: readonly string[],
): Promise<DueDevice[]> {
  const text = `with chosen as (
        select distinct device_id from (
          select device_id from private.alert_signals where organization_id <> all ($2::uuid[]) order by id limit $1) first
      ), taken as (
        -- All of a device: however far behind this is, each is judged once.
        delete from private.alert_signals where device_id in (select device_id from chosen) returning device_id, since
      ), pending as (
        select p.device_id, greatest(p.since, t.judged_to + interval '1 microsecond') as since
          from (select device_id, min(since) as since from private.pending_alerts
                 where due_at <= now()
                   and not exists (select from public.devices d where d.id = device_id and d.organization_id = any ($2))
                 group by device_id order by 2 limit $1) p
          left join private.alert_positions t using (device_id)
      ), due as (
        select device_id, min(since) as since from (select * from taken union all select * from pending) every
         group by device_id
      )
      select d.id, d.name, d.tags, d.device_type_id as "deviceTypeId", d.organization_id as "organizationId",
             ${micros('due.since')} as since, ${micros('t.judged_to')} as "judgedTo", y.metrics
        from due join public.devices d on d.id = due.device_id
        left join public.device_types y on y.id = d.device_type_id
        left join private.alert_positions t on t.device_id = d.id`;
  return tx.rows({ name: 'take_due_devices', text }, [most, without]);
}

/** Leaves unjudged what `takeDueDevices` would take as the only one: it can't be judged. */
export async function forgetDueDevice(tx: Transaction): Promise<void> {
  await tx.rows(
    'delete from private.alert_signals where device_id = (select device_id from private.alert_signals order by id limit 1)',
  );
  await tx.rows(
    `delete from private.pending_alerts where device_id = (
       select device_id from private.pending_alerts where due_at <= now() group by device_id order by min(since) limit 1)`,
  );
}

/** An alert as far as its condition is concerned. */
export interface StoredEpisode {
  id: string;
  ruleId: string;
  deviceId: string;
  openedAt: Microseconds;
  clearedAt: Microseconds | null;
  resolution: Resolution | null;
}

/** Episodes of devices that were not over at a moment of each, of rules that readings are judged by. */
export function episodesOf(
  tx: Transaction,
  devices: readonly { id: string; from: Microseconds }[],
): Promise<StoredEpisode[]> {
  return tx.rows(
    {
      name: 'episodes_of_devices',
      text: `select a.id, a.rule_id as "ruleId", a.device_id as "deviceId", ${micros('a.opened_at')} as "openedAt",
               ${micros('a.cleared_at')} as "clearedAt", a.resolution
          from unnest($1::uuid[], $2::int8[]) as asked (device_id, since)
          join public.alerts a on a.device_id = asked.device_id
          join public.alert_rules r on r.id = a.rule_id and not ${BY_CLOCK}
         where (a.cleared_at is null or a.cleared_at >= ${time('asked.since')})
           and a.resolution is distinct from 'withdrawn'
         order by a.opened_at`,
    },
    [devices.map(({ id }) => id), devices.map(({ from }) => from)],
  );
}

/** A condition that holds, but not for long enough yet. */
export interface Pending {
  ruleId: string;
  deviceId: string;
  since: Microseconds;
}

/** What was noted of these devices. */
export function pendingOf(tx: Transaction, deviceIds: readonly string[]): Promise<Pending[]> {
  return tx.rows(
    {
      name: 'pending_of_devices',
      text: `select rule_id as "ruleId", device_id as "deviceId", ${micros('since')} as since
          from private.pending_alerts where device_id = any ($1::uuid[])`,
    },
    [deviceIds],
  );
}

/** Where the readings of a device go on: behind one of them, or from a moment on. */
export interface ReadFrom {
  deviceId: string;
  at: Microseconds;
  /** Of the reading that was read last; a decimal int8. */
  key?: string | undefined;
}

export interface JudgedReading {
  deviceId: string;
  at: Microseconds;
  key: string;
  receivedAt: Microseconds;
  values: Record<string, ReadingValue>;
}

const LOWEST_KEY = '-9223372036854775808';

/** Readings in the order of their time, so many of a device at most; a device that has as many may have more. */
export function readingsFrom(
  tx: Transaction,
  devices: readonly ReadFrom[],
  { most = READINGS_AT_ONCE, before }: { most?: number; before?: Microseconds } = {},
): Promise<JudgedReading[]> {
  return tx.rows(
    {
      name: 'readings_to_judge',
      text: `select asked.device_id as "deviceId", ${micros('h.recorded_at')} as at, h.message_key::text as key,
               ${micros('h.received_at')} as "receivedAt", h.telemetry as values
          from unnest($1::uuid[], $2::int8[], $3::int8[]) with ordinality as asked (device_id, at, key, position)
         cross join lateral (
           select * from public.device_telemetry_history h
            where h.device_id = asked.device_id and h.recorded_at >= ${time('asked.at')}
              and (h.recorded_at, h.message_key) > (${time('asked.at')}, asked.key)
              and ($5::int8 is null or h.recorded_at < ${time('$5')})
            order by h.recorded_at, h.message_key limit $4) h
         order by asked.position, h.recorded_at, h.message_key`,
    },
    [
      devices.map(({ deviceId }) => deviceId),
      devices.map(({ at }) => at),
      // Nothing has the lowest key: `from a moment on` is behind it.
      devices.map(({ key }) => key ?? LOWEST_KEY),
      most,
      before,
    ],
  );
}

/** What a device had said of a metric last before a moment, within a day. */
export interface LastValue {
  deviceId: string;
  metric: string;
  at: Microseconds;
  value: ReadingValue;
}

/** Of those that have been said at all. */
export function valuesBefore(
  tx: Transaction,
  asked: readonly { deviceId: string; metric: string; before: Microseconds }[],
): Promise<LastValue[]> {
  return tx.rows(
    {
      name: 'values_before',
      text: `select asked.device_id as "deviceId", asked.metric, last.at, last.value
          from unnest($1::uuid[], $2::text[], $3::int8[]) as asked (device_id, metric, before)
          join public.device_state s on s.device_id = asked.device_id and s.latest ? asked.metric
         cross join lateral (
           select ${micros('l.recorded_at')} as at, l.value from (
             select (s.latest -> asked.metric ->> 'recorded_at')::timestamptz as recorded_at, s.latest -> asked.metric -> 'value' as value
           ) l where l.recorded_at < ${time('asked.before')}
           union all
           (select ${micros('h.recorded_at')}, h.telemetry -> asked.metric from public.device_telemetry_history h
             where (s.latest -> asked.metric ->> 'recorded_at')::timestamptz >= ${time('asked.before')}
               and h.device_id = asked.device_id and h.recorded_at < ${time('asked.before')}
               and h.recorded_at >= ${time('asked.before')} - interval '1 day' and h.telemetry ? asked.metric
             order by h.recorded_at desc, h.message_key desc limit 1)) last`,
    },
    [
      asked.map(({ deviceId }) => deviceId),
      asked.map(({ metric }) => metric),
      asked.map(({ before }) => before),
    ],
  );
}

/** A time in which nothing is to open for some devices. */
export interface Maintenance {
  organizationId: string;
  scope: AlertScope;
  from: Microseconds;
  to: Microseconds;
}

/** Those that ended a week ago, or begin in a year, concern nobody; nor do those that SQL has written and that can't be read. */
export async function maintenanceOf(
  tx: Transaction,
  organizationIds: readonly string[],
): Promise<Maintenance[]> {
  const rows = await tx.rows<Maintenance & { scope: unknown }>(
    {
      name: 'maintenance_of',
      // A time may be without an end.
      text: `select organization_id as "organizationId", scope, ${micros(`greatest(starts_at, 'epoch')`)} as from,
               ${micros(`least(ends_at, now() + interval '1 year')`)} as to
          from public.maintenance_windows
         where organization_id = any ($1::uuid[]) and ends_at > now() - interval '7 days'
           and starts_at < now() + interval '1 year'`,
    },
    [organizationIds],
  );
  return rows.filter(({ scope }) => alertScope.safeParse(scope).success);
}

export interface NewAlert {
  ruleId: string;
  deviceId?: string | undefined;
  integrationId?: string | undefined;
  summary: string;
  metric: string | undefined;
  value: ReadingValue | undefined;
  openedAt: Microseconds;
  clearedAt: Microseconds | undefined;
}

/** Adds alerts; one that is open already stays alone. One that has cleared already is resolved. */
export async function openAlerts(tx: Transaction, alerts: readonly NewAlert[]): Promise<void> {
  if (alerts.length === 0) return;
  await tx.rows(
    {
      name: 'open_alerts',
      text: `insert into public.alerts (organization_id, rule_id, rule_name, severity, state, device_id, integration_id,
            summary, metric, value, opened_at, cleared_at, resolved_at, resolution)
        select r.organization_id, r.id, r.name, r.severity, case when a.cleared_at is null then 'open' else 'resolved' end,
               a.device_id, a.integration_id, a.summary, a.metric, a.value, ${time('a.opened_at')}, ${time('a.cleared_at')},
               case when a.cleared_at is not null then now() end, case when a.cleared_at is not null then 'cleared' end
          from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::jsonb[], $7::int8[], $8::int8[])
            as a (rule_id, device_id, integration_id, summary, metric, value, opened_at, cleared_at)
          join public.alert_rules r on r.id = a.rule_id
        on conflict do nothing`,
    },
    [
      alerts.map(({ ruleId }) => ruleId),
      alerts.map(({ deviceId }) => deviceId),
      alerts.map(({ integrationId }) => integrationId),
      alerts.map(({ summary }) => summary),
      alerts.map(({ metric }) => metric),
      alerts.map(({ value }) => (value === undefined ? null : JSON.stringify(value))),
      alerts.map(({ openedAt }) => openedAt),
      alerts.map(({ clearedAt }) => clearedAt),
    ],
  );
}

export interface ChangedAlert {
  id: string;
  openedAt: Microseconds;
  clearedAt: Microseconds | undefined;
  /** Why it resolves, unless somebody has resolved it before. */
  resolution: Resolution;
}

/** Gives alerts the times that their condition has; one that has cleared is resolved, one that has not after all is open. */
export async function changeAlerts(tx: Transaction, alerts: readonly ChangedAlert[]): Promise<void> {
  // Of one rule and device one alone goes on, also between two rows.
  await change(
    tx,
    alerts.filter(({ clearedAt }) => clearedAt !== undefined),
  );
  await change(
    tx,
    alerts.filter(({ clearedAt }) => clearedAt === undefined),
  );
}

async function change(tx: Transaction, alerts: readonly ChangedAlert[]): Promise<void> {
  if (alerts.length === 0) return;
  await tx.rows(
    {
      name: 'change_alerts',
      text: `update public.alerts a set
            opened_at = ${time('c.opened_at')}, cleared_at = ${time('c.cleared_at')},
            state = case when c.cleared_at is not null then 'resolved'
                         when a.resolution = 'cleared' then 'open' else a.state end,
            resolved_at = case when c.cleared_at is not null then coalesce(a.resolved_at, now())
                               when a.resolution = 'cleared' then null else a.resolved_at end,
            resolution = case when c.resolution = 'withdrawn' then 'withdrawn'
                              when c.cleared_at is not null then coalesce(a.resolution, c.resolution)
                              when a.resolution = 'cleared' then null else a.resolution end
          from unnest($1::uuid[], $2::int8[], $3::int8[], $4::text[]) as c (id, opened_at, cleared_at, resolution)
         where a.id = c.id`,
    },
    [
      alerts.map(({ id }) => id),
      alerts.map(({ openedAt }) => openedAt),
      alerts.map(({ clearedAt }) => clearedAt),
      alerts.map(({ resolution }) => resolution),
    ],
  );
}

/** Notes what holds, but not for long enough yet, instead of what was noted of these devices. */
export async function notePending(
  tx: Transaction,
  deviceIds: readonly string[],
  pending: readonly (Pending & { dueAt: Microseconds })[],
): Promise<void> {
  await tx.rows(
    {
      name: 'forget_pending',
      text: `delete from private.pending_alerts p where device_id = any ($1::uuid[])
        and not exists (select from unnest($2::uuid[], $3::uuid[]) as k (rule_id, device_id)
              where k.rule_id = p.rule_id and k.device_id = p.device_id)`,
    },
    [deviceIds, pending.map(({ ruleId }) => ruleId), pending.map(({ deviceId }) => deviceId)],
  );
  if (pending.length === 0) return;
  await tx.rows(
    {
      name: 'note_pending',
      text: `insert into private.pending_alerts (rule_id, device_id, since, due_at)
        select rule_id, device_id, ${time('since')}, ${time('due_at')}
          from unnest($1::uuid[], $2::uuid[], $3::int8[], $4::int8[]) as p (rule_id, device_id, since, due_at)
        on conflict (rule_id, device_id) do update set since = excluded.since, due_at = excluded.due_at`,
    },
    [
      pending.map(({ ruleId }) => ruleId),
      pending.map(({ deviceId }) => deviceId),
      pending.map(({ since }) => since),
      pending.map(({ dueAt }) => dueAt),
    ],
  );
}

/** Up to which reading devices were judged. */
export async function noteJudged(
  tx: Transaction,
  devices: readonly { id: string; to: Microseconds }[],
): Promise<void> {
  if (devices.length === 0) return;
  await tx.rows(
    {
      name: 'note_judged',
      text: `insert into private.alert_positions as t (device_id, judged_to)
        select id, ${time('judged_to')} from unnest($1::uuid[], $2::int8[]) as d (id, judged_to)
        on conflict (device_id) do update set judged_to = greatest(t.judged_to, excluded.judged_to)`,
    },
    [devices.map(({ id }) => id), devices.map(({ to }) => to)],
  );
}
