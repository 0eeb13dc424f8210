import type { AlertScope } from '../domain/alert.ts';
import type { ScopedDevice } from '../domain/alert-scope.ts';
import type { Microseconds } from '../domain/time.ts';
import { type JudgedRule, micros } from './alert-rules.ts';
import type { Transaction } from './transaction.ts';

/** So many devices are looked at for one rule in a turn; the next turn goes on with those that are left. */
const SILENT_AT_ONCE = 10_000;

/** A device, or an integration, of which a condition by the clock began or ended to hold. */
export interface Silence {
  device: ScopedDevice | null;
  integrationId: string | null;
  /** Since when: the end of what was heard. */
  since: Microseconds;
}

export interface EndedSilence {
  alertId: string;
  openedAt: Microseconds;
  endedAt: Microseconds;
}

/** As `scopeOf` has it. */
const inScope = `($2::uuid[] is null or d.id = any ($2)) and ($3::text[] is null or d.tags @> $3)
  and ($4::text is null or d.name ilike $4) and ($5::uuid is null or d.device_type_id = $5)`;

function scopeValues(scope: AlertScope): unknown[] {
  if (scope.kind === 'organization') return [null, null, null, null];
  if (scope.kind === 'devices') return [scope.device_ids, null, null, null];
  const name = scope.name?.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
  const tags = scope.tags?.map((tag) => tag.toLowerCase());
  return [null, tags ?? null, name ?? null, scope.device_type_id ?? null];
}

/** What was heard of a device last that the rule is about. */
const heard = `case when $7::text is null then s.newest_recorded_at else (s.latest -> $7 ->> 'recorded_at')::timestamptz end`;

/**
 * What is said of silence holds only where we could have heard: since the broker that a device is heard through was
 * connected for as long, and we ourselves were listening.
 */
const couldHear = `s.presence <> 'unknown'
  and coalesce((select observed_from from private.presence_watch), (select observed_from from private.tick_state), '-infinity') <= now() - make_interval(secs => $6)
  and not exists (select from public.device_integrations i join public.integration_status t on t.integration_id = i.id
        where i.id = d.integration_id and i.mode = 'subscribe' and i.enabled
          and (t.state <> 'connected' or t.since > now() - make_interval(secs => $6)))`;

const isOpen = `exists (select from public.alerts a where a.rule_id = $1 and a.device_id = d.id and a.cleared_at is null)`;

const device = `json_build_object('id', d.id, 'name', d.name, 'tags', d.tags, 'deviceTypeId', d.device_type_id)`;

const begun = {
  offline: `select ${device} as device, null::uuid as "integrationId", ${micros('s.presence_since')} as since
      from public.device_state s join public.devices d on d.id = s.device_id
     where s.organization_id = $8 and s.presence = 'offline' and s.presence_since <= now() - make_interval(secs => $6)
       and $7::text is null and ${inScope} and not ${isOpen} limit ${SILENT_AT_ONCE}`,
  no_data: `select ${device} as device, null::uuid as "integrationId", ${micros(heard)} as since
      from public.device_state s join public.devices d on d.id = s.device_id
     where s.organization_id = $8 and ${heard} <= now() - make_interval(secs => $6)
       and ${couldHear} and ${inScope} and not ${isOpen} limit ${SILENT_AT_ONCE}`,
};

const ended = {
  offline: `select a.id as "alertId", ${micros('a.opened_at')} as "openedAt", ${micros('s.presence_since')} as "endedAt"
      from public.alerts a join public.devices d on d.id = a.device_id join public.device_state s on s.device_id = d.id
     where a.rule_id = $1 and a.cleared_at is null and $6::float8 is not null and $7::text is null
       and (s.presence in ('online', 'late') or not (${inScope})) limit ${SILENT_AT_ONCE}`,
  no_data: `select a.id as "alertId", ${micros('a.opened_at')} as "openedAt",
           ${micros(`greatest(${heard}, a.opened_at)`)} as "endedAt"
      from public.alerts a join public.devices d on d.id = a.device_id join public.device_state s on s.device_id = d.id
     where a.rule_id = $1 and a.cleared_at is null
       and (${heard} > now() - make_interval(secs => $6) or not (${inScope})) limit ${SILENT_AT_ONCE}`,
};

const linkBegun = `select null as device, i.id as "integrationId", ${micros('t.since')} as since
    from public.device_integrations i join public.integration_status t on t.integration_id = i.id
   where i.organization_id = $2 and i.mode = 'subscribe' and i.enabled
     and t.state in ('connecting', 'retrying', 'refused') and t.since <= now() - make_interval(secs => $3)
     and not exists (select from public.alerts a where a.rule_id = $1 and a.integration_id = i.id and a.cleared_at is null)`;
const linkEnded = `select a.id as "alertId", ${micros('a.opened_at')} as "openedAt", ${micros('t.since')} as "endedAt"
    from public.alerts a join public.device_integrations i on i.id = a.integration_id
    join public.integration_status t on t.integration_id = i.id
   where a.rule_id = $1 and a.cleared_at is null and (t.state in ('connected', 'stopped') or not i.enabled)`;

/** Where the condition of a rule by the clock holds, and no alert says so. */
export function silencesOf(tx: Transaction, rule: JudgedRule): Promise<Silence[]> {
  const { kind } = rule.condition;
  if (kind === 'link_down')
    return tx.rows({ name: 'links_down', text: linkBegun }, [rule.id, rule.organizationId, rule.forSeconds]);
  if (kind !== 'offline' && kind !== 'no_data') return Promise.resolve([]);
  const values = [...valuesOf(rule), rule.organizationId];
  return tx.rows({ name: `begun_${kind}`, text: begun[kind] }, values);
}

/** Where it does not hold any more, and an alert says that it does. */
export function endedSilencesOf(tx: Transaction, rule: JudgedRule): Promise<EndedSilence[]> {
  const { kind } = rule.condition;
  if (kind === 'link_down') return tx.rows({ name: 'links_back', text: linkEnded }, [rule.id]);
  if (kind !== 'offline' && kind !== 'no_data') return Promise.resolve([]);
  return tx.rows({ name: `ended_${kind}`, text: ended[kind] }, valuesOf(rule));
}

function valuesOf({ id, scope, forSeconds, condition }: JudgedRule): unknown[] {
  const metric = condition.kind === 'no_data' ? condition.metric : undefined;
  return [id, ...scopeValues(scope), forSeconds, metric];
}

/** Has all devices of an organization with readings of the last day judged again. */
export async function judgeAnew(tx: Transaction, organizationIds: readonly string[]): Promise<void> {
  await tx.rows(
    `insert into private.alert_signals (organization_id, device_id, since)
     select organization_id, device_id, least(newest_recorded_at, now()) from public.device_state
      where organization_id = any ($1::uuid[]) and newest_recorded_at > now() - interval '1 day'`,
    [organizationIds],
  );
}

/** Organizations in which maintenance has come to an end within so many seconds. */
export function maintenanceEnded(tx: Transaction, seconds: number): Promise<{ organizationId: string }[]> {
  return tx.rows(
    `select distinct organization_id as "organizationId" from public.maintenance_windows
      where ends_at <= now() and ends_at > now() - make_interval(secs => $1)`,
    [seconds],
  );
}
