import type { Alert, AlertEvent, AlertRule, CreateAlertRule, MaintenanceWindow } from '../contract/alerts.ts';
import type { AlertScope } from '../domain/alert.ts';
import type { Transaction } from './transaction.ts';

const selectRule = `select r.id, r.name, r.severity, r.condition, r.for_seconds, r.scope, r.schedule, r.channel_ids, r.enabled,
    (select count(*) from public.alerts a where a.rule_id = r.id and a.state <> 'resolved') as open_alerts,
    r.created_at, r.updated_at
  from public.alert_rules r where r.organization_id = $1 and r.condition is not null`;

/** By name. */
export function listAlertRules(tx: Transaction, organizationId: string): Promise<AlertRule[]> {
  return tx.rows(`${selectRule} order by r.name, r.id`, [organizationId]);
}

export interface AlertRuleAddress {
  organizationId: string;
  ruleId: string;
}

export function getAlertRule(tx: Transaction, address: AlertRuleAddress): Promise<AlertRule | undefined> {
  return tx.row(`${selectRule} and r.id = $2`, [address.organizationId, address.ruleId]);
}

/** @returns its id. @throws PlatformError `limit_reached` */
export async function insertAlertRule(
  tx: Transaction,
  { organizationId, ...rule }: CreateAlertRule & { organizationId: string },
): Promise<string> {
  const row = await tx.row<{ id: string }>(
    `insert into public.alert_rules
       (organization_id, name, severity, condition, for_seconds, scope, schedule, channel_ids, enabled)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
    [
      organizationId,
      rule.name,
      rule.severity,
      JSON.stringify(rule.condition),
      rule.for_seconds,
      JSON.stringify(rule.scope),
      rule.schedule && JSON.stringify(rule.schedule),
      rule.channel_ids,
      rule.enabled,
    ],
  );
  return row!.id;
}

/** Whether one watches the connections to customers' brokers. */
export async function hasLinkRule(tx: Transaction, organizationId: string): Promise<boolean> {
  const row = await tx.row(
    `select id from public.alert_rules where organization_id = $1 and condition ->> 'kind' = 'link_down' limit 1`,
    [organizationId],
  );
  return row !== undefined;
}

/** Changes what is given; a rule that looks for something else then closes its alerts and looks anew. */
export async function updateAlertRule(
  tx: Transaction,
  address: AlertRuleAddress,
  changes: { [Key in keyof CreateAlertRule]?: CreateAlertRule[Key] | undefined },
): Promise<void> {
  const json = (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value));
  await tx.row(
    `update public.alert_rules set name = coalesce($3, name), severity = coalesce($4, severity),
            condition = coalesce($5::jsonb, condition), for_seconds = coalesce($6, for_seconds),
            scope = coalesce($7::jsonb, scope), schedule = case when $8 then $9::jsonb else schedule end,
            channel_ids = coalesce($10::uuid[], channel_ids), enabled = coalesce($11, enabled), updated_at = now()
      where organization_id = $1 and id = $2`,
    [
      address.organizationId,
      address.ruleId,
      changes.name,
      changes.severity,
      json(changes.condition),
      changes.for_seconds,
      json(changes.scope),
      changes.schedule !== undefined,
      json(changes.schedule),
      changes.channel_ids,
      changes.enabled,
    ],
  );
}

/** @returns false when there is none */
export async function deleteAlertRule(tx: Transaction, address: AlertRuleAddress): Promise<boolean> {
  const row = await tx.row(
    'delete from public.alert_rules where organization_id = $1 and id = $2 returning id',
    [address.organizationId, address.ruleId],
  );
  return row !== undefined;
}

/** Devices that a scope names and that there are not. */
export async function missingDevices(
  tx: Transaction,
  organizationId: string,
  scope: AlertScope | undefined,
): Promise<string[]> {
  if (scope?.kind !== 'devices') return [];
  const rows = await tx.rows<{ id: string }>(
    `select id from unnest($2::uuid[]) as asked (id)
      where not exists (select from public.devices d where d.organization_id = $1 and d.id = asked.id)`,
    [organizationId, scope.device_ids],
  );
  return rows.map(({ id }) => id);
}

/** What an alert is about, as JSON. @param row of public.alerts */
export function alertParties(row: string): { device: string; integration: string } {
  return {
    device: `(select json_build_object('id', d.id, 'external_device_id', d.external_device_id, 'name', d.name)
      from public.devices d where d.id = ${row}.device_id)`,
    integration: `(select json_build_object('id', i.id, 'name', i.name)
      from public.device_integrations i where i.id = ${row}.integration_id)`,
  };
}

const { device, integration } = alertParties('a');
const selectAlert = `select a.id, a.rule_id, a.rule_name, a.severity, a.state, ${device} as device,
    ${integration} as integration, a.summary, a.metric, a.value, a.opened_at, a.detected_at, a.cleared_at,
    a.resolved_at, a.resolution, a.acknowledged_at,
    case when a.acknowledged_by is not null then json_build_object('id', a.acknowledged_by, 'name', coalesce(
      (select p.name from private.profiles_of($1) p where p.user_id = a.acknowledged_by), '')) end as acknowledged_by,
    case when a.snoozed_until > now() then a.snoozed_until end as snoozed_until
  from public.alerts a where a.organization_id = $1`;

export interface AlertFilter {
  organizationId: string;
  states?: readonly string[] | undefined;
  severities?: readonly string[] | undefined;
  deviceId?: string | undefined;
  ruleId?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  after?: { openedAt: string; id: string } | undefined;
  limit: number;
}

/** Newest first. */
export function listAlerts(tx: Transaction, filter: AlertFilter): Promise<Alert[]> {
  return tx.rows(
    `${selectAlert}
        and ($2::text[] is null or a.state = any ($2)) and ($3::text[] is null or a.severity = any ($3))
        and ($4::uuid is null or a.device_id = $4) and ($5::uuid is null or a.rule_id = $5)
        and ($6::timestamptz is null or a.cleared_at is null or a.cleared_at >= $6)
        and ($7::timestamptz is null or a.opened_at <= $7)
        and ($8::timestamptz is null or (a.opened_at, a.id) < ($8, $9::uuid))
      order by a.opened_at desc, a.id desc limit $10`,
    [
      filter.organizationId,
      filter.states,
      filter.severities,
      filter.deviceId,
      filter.ruleId,
      filter.from,
      filter.to,
      filter.after?.openedAt,
      filter.after?.id,
      filter.limit,
    ],
  );
}

export interface AlertAddress {
  organizationId: string;
  alertId: string;
}

export function getAlert(tx: Transaction, address: AlertAddress): Promise<Alert | undefined> {
  return tx.row(`${selectAlert} and a.id = $2`, [address.organizationId, address.alertId]);
}

/** The audit trail, oldest first; the latest of a long one. */
export function listAlertEvents(tx: Transaction, address: AlertAddress): Promise<AlertEvent[]> {
  return tx.rows(
    `select * from (
       select e.id::text, e.at, e.kind, e.note, case when e.user_id is not null then json_build_object('id', e.user_id,
                'name', coalesce((select p.name from private.profiles_of($1) p where p.user_id = e.user_id), '')) end as user
         from public.alert_events e where e.organization_id = $1 and e.alert_id = $2
        order by e.id desc limit 500) latest order by id::bigint`,
    [address.organizationId, address.alertId],
  );
}

export async function countAlerts(
  tx: Transaction,
  organizationId: string,
): Promise<{ open: { info: number; warning: number; critical: number }; acknowledged: number }> {
  const row = await tx.row<Record<'info' | 'warning' | 'critical' | 'acknowledged', number>>(
    `select count(*) filter (where state = 'open' and severity = 'info') as info,
            count(*) filter (where state = 'open' and severity = 'warning') as warning,
            count(*) filter (where state = 'open' and severity = 'critical') as critical,
            count(*) filter (where state = 'acknowledged') as acknowledged
       from public.alerts where organization_id = $1 and state <> 'resolved'`,
    [organizationId],
  );
  const { info, warning, critical, acknowledged } = row!;
  return { open: { info, warning, critical }, acknowledged };
}

export interface AlertAction {
  organizationId: string;
  alertIds: readonly string[];
  action: 'acknowledge' | 'resolve' | 'snooze' | 'note';
  /** Of a snooze; null ends it. */
  until?: string | null | undefined;
  note: string;
}

/** Does it to all of them that it can be done to. @returns how many */
export async function actOnAlerts(tx: Transaction, asked: AlertAction): Promise<number> {
  const { organizationId, alertIds, action, note } = asked;
  if (action === 'note') {
    const row = await tx.row<{ noted: number }>(
      'select private.note_on_alerts($1, $2::uuid[], $3) as noted',
      [organizationId, alertIds, note],
    );
    return row!.noted;
  }
  await tx.rows(`select set_config('alerts.note', $1, true)`, [note]);
  const change = {
    acknowledge: `set state = 'acknowledged' where state = 'open'`,
    resolve: `set state = 'resolved' where state <> 'resolved'`,
    snooze: `set snoozed_until = $3::timestamptz where state <> 'resolved'`,
  }[action];
  const rows = await tx.rows(
    `update public.alerts ${change} and organization_id = $1 and id = any ($2::uuid[]) returning id`,
    action === 'snooze' ? [organizationId, alertIds, asked.until] : [organizationId, alertIds],
  );
  return rows.length;
}

const selectWindow = `select id, name, scope, starts_at, ends_at, created_at from public.maintenance_windows
  where organization_id = $1`;

/** The latest first. */
export function listMaintenanceWindows(
  tx: Transaction,
  organizationId: string,
): Promise<MaintenanceWindow[]> {
  return tx.rows(`${selectWindow} order by starts_at desc, id limit 500`, [organizationId]);
}

export async function insertMaintenanceWindow(
  tx: Transaction,
  window: Pick<MaintenanceWindow, 'name' | 'scope' | 'starts_at' | 'ends_at'> & { organizationId: string },
): Promise<MaintenanceWindow> {
  const row = await tx.row<{ id: string }>(
    `insert into public.maintenance_windows (organization_id, name, scope, starts_at, ends_at)
     values ($1, $2, $3, $4, $5) returning id`,
    [window.organizationId, window.name, JSON.stringify(window.scope), window.starts_at, window.ends_at],
  );
  return (await tx.row<MaintenanceWindow>(`${selectWindow} and id = $2`, [window.organizationId, row!.id]))!;
}

/** @returns false when there is none */
export async function deleteMaintenanceWindow(
  tx: Transaction,
  address: { organizationId: string; windowId: string },
): Promise<boolean> {
  const row = await tx.row(
    'delete from public.maintenance_windows where organization_id = $1 and id = $2 returning id',
    [address.organizationId, address.windowId],
  );
  return row !== undefined;
}
