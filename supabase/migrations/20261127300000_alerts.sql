-- Alerts: rules, what they found, and what is known of conditions that do not hold long enough yet. How they are judged:
-- docs/decisions/alerts-follow-the-commit.md

-- A host platform's own tables keep their rows: rules without a condition of ours are nothing that is judged here, and
-- alerts that the host makes are over, as far as we can tell.
alter table if exists public.alert_rules
  add column if not exists name text not null default 'Alert',
  add column if not exists severity text not null default 'warning',
  add column if not exists condition jsonb,
  add column if not exists for_seconds integer not null default 0,
  add column if not exists scope jsonb not null default '{"kind": "organization"}',
  add column if not exists schedule jsonb,
  add column if not exists channel_ids uuid[] not null default '{}',
  add column if not exists enabled boolean not null default true,
  add column if not exists judged_from timestamptz not null default now(),
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now();
alter table if exists public.alerts
  add column if not exists rule_id uuid,
  add column if not exists rule_name text not null default 'Alert',
  add column if not exists severity text not null default 'info',
  add column if not exists state text not null default 'resolved',
  add column if not exists device_id uuid,
  add column if not exists integration_id uuid,
  add column if not exists summary text not null default 'An alert of the host platform’s own.',
  add column if not exists metric text,
  add column if not exists value jsonb,
  add column if not exists opened_at timestamptz not null default now(),
  add column if not exists detected_at timestamptz not null default now(),
  add column if not exists cleared_at timestamptz default now(),
  add column if not exists resolved_at timestamptz default now(),
  add column if not exists resolution text default 'by_hand',
  add column if not exists acknowledged_at timestamptz,
  add column if not exists acknowledged_by uuid,
  add column if not exists snoozed_until timestamptz,
  add column if not exists changed_in xid8 not null default pg_current_xact_id();

-- What must be given there and only the host knows of may stay empty in rows that we make.
do $$
declare
  host_column record;
begin
  for host_column in
    select a.attrelid::regclass as host_table, a.attname as name
      from (values ('alert_rules', '{id,organization_id,name}'::text[]), ('alerts', '{id,organization_id}')) as ours (name, given)
      join pg_attribute a on a.attrelid = to_regclass('public.' || ours.name)
     where a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef and a.attidentity = ''
       and a.attname <> all (ours.given)
  loop
    execute format('alter table %s alter %I drop not null', host_column.host_table, host_column.name);
  end loop;
end
$$;

create table if not exists public.alert_rules (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  name text not null check (length(name) between 1 and 100),
  severity text not null default 'warning' check (severity in ('info', 'warning', 'critical')),
  -- As contract/alerts.ts has it. Null in a host platform's own rules.
  condition jsonb check (octet_length(condition::text) <= 16384),
  for_seconds integer not null default 0 check (for_seconds between 0 and 604800),
  scope jsonb not null default '{"kind": "organization"}' check (octet_length(scope::text) <= 65536),
  schedule jsonb check (octet_length(schedule::text) <= 8192),
  channel_ids uuid[] not null default '{}',
  enabled boolean not null default true,
  -- Since when it is judged as it is now.
  judged_from timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists alert_rules_organization_idx on public.alert_rules (organization_id);

create table if not exists public.alerts (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  rule_id uuid references public.alert_rules on delete set null,
  rule_name text not null,
  severity text not null check (severity in ('info', 'warning', 'critical')),
  state text not null default 'open' check (state in ('open', 'acknowledged', 'resolved')),
  device_id uuid references public.devices on delete cascade,
  integration_id uuid references public.device_integrations on delete cascade,
  summary text not null,
  metric text,
  value jsonb,
  -- By the readings' time; and when we saw it.
  opened_at timestamptz not null,
  detected_at timestamptz not null default now(),
  -- Since when the condition does not hold any more, whatever somebody has said of the alert before.
  cleared_at timestamptz,
  resolved_at timestamptz,
  resolution text,
  acknowledged_at timestamptz,
  acknowledged_by uuid,
  snoozed_until timestamptz,
  changed_in xid8 not null default pg_current_xact_id(),
  check ((state = 'resolved') = (resolved_at is not null))
);
create index if not exists alerts_organization_idx on public.alerts (organization_id, opened_at desc, id desc);
create index if not exists alerts_device_idx on public.alerts (device_id, opened_at desc);
create index if not exists alerts_integration_idx on public.alerts (integration_id) where integration_id is not null;
create index if not exists alerts_stream_idx on public.alerts (organization_id, changed_in);
create index if not exists alerts_unresolved_idx on public.alerts (organization_id, severity) where state <> 'resolved';
create index if not exists alerts_rule_idx on public.alerts (rule_id, opened_at desc);
-- One at a time, however many find it.
create unique index if not exists alerts_of_device_idx on public.alerts (rule_id, device_id)
  where cleared_at is null and device_id is not null;
create unique index if not exists alerts_of_integration_idx on public.alerts (rule_id, integration_id)
  where cleared_at is null and integration_id is not null;

-- What happened to an alert, by whom; null is by itself.
create table public.alert_events (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations on delete cascade,
  alert_id uuid not null references public.alerts on delete cascade,
  at timestamptz not null default now(),
  kind text not null check (kind in ('opened', 'acknowledged', 'snoozed', 'note', 'cleared', 'resolved', 'withdrawn')),
  user_id uuid,
  note text not null default '' check (length(note) <= 1000)
);
create index alert_events_alert_idx on public.alert_events (alert_id, id);
create index alert_events_organization_idx on public.alert_events (organization_id);

-- Whoever changes an alert, by the API or by SQL: when and who is not theirs to say.
create function private.change_alert()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.changed_in := pg_current_xact_id();
  if new.state is distinct from old.state then
    if old.state = 'resolved' and old.cleared_at is not null and new.cleared_at is not null then
      raise exception 'the alert is over' using errcode = '23514';
    end if;
    new.resolved_at := case when new.state = 'resolved' then coalesce(new.resolved_at, now()) end;
    new.resolution := case when new.state = 'resolved' then coalesce(new.resolution, 'by_hand') end;
    if new.state = 'acknowledged' then
      new.acknowledged_at := now();
      new.acknowledged_by := (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
    elsif new.state = 'open' then
      new.acknowledged_at := null;
      new.acknowledged_by := null;
    end if;
    if new.state = 'resolved' then
      new.snoozed_until := null;
    end if;
  end if;
  return new;
end
$$;
create trigger change_alert before update on public.alerts
  for each row execute function private.change_alert();

-- The audit trail, and what is to be told of. `alerts.note` is what somebody says to what they do.
create function private.record_alert()
returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  person uuid := (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
  said text := left(coalesce(current_setting('alerts.note', true), ''), 1000);
begin
  if tg_op = 'INSERT' then
    -- One that a host platform makes is none of ours.
    if not exists (select from changed where resolution is distinct from 'by_hand') then
      return null;
    end if;
    insert into public.alert_events (organization_id, alert_id, at, kind)
    select organization_id, id, opened_at, 'opened' from changed;
    insert into public.alert_events (organization_id, alert_id, at, kind)
    select organization_id, id, cleared_at, 'cleared' from changed where cleared_at is not null;
    perform pgmq.send_batch('alert_notifications', array_agg(told))
       from (select json_build_object('alert', id, 'event', 'opened')::jsonb as told from changed
             union all
             select json_build_object('alert', id, 'event', 'resolved')::jsonb from changed where state = 'resolved') all_told
     having count(*) > 0;
  else
    insert into public.alert_events (organization_id, alert_id, kind, user_id, note)
    select c.organization_id, c.id, what.kind, person, said
      from changed c join former f using (id)
     cross join lateral (
       select case
         when c.resolution = 'withdrawn' and f.resolution is distinct from 'withdrawn' then 'withdrawn'
         when f.cleared_at is null and c.cleared_at is not null then 'cleared'
         when f.cleared_at is not null and c.cleared_at is null then 'opened'
         when c.state <> f.state then case c.state when 'open' then 'opened' else c.state end
         when c.snoozed_until is distinct from f.snoozed_until then 'snoozed' end as kind) what
     where what.kind is not null;
    perform pgmq.send_batch('alert_notifications', array_agg(told))
       from (select json_build_object('alert', c.id, 'event', case when c.state = 'resolved' then 'resolved' else 'opened' end)::jsonb as told
               from changed c join former f using (id)
              where (c.state = 'resolved') <> (f.state = 'resolved')) all_told
     having count(*) > 0;
  end if;
  perform pg_notify('stored', organization_id::text) from (select distinct organization_id from changed) told;
  return null;
end
$$;
create trigger record_new_alert after insert on public.alerts
  referencing new table as changed for each statement execute function private.record_alert();
create trigger record_alert after update on public.alerts
  referencing new table as changed old table as former for each statement execute function private.record_alert();

-- Times in which nothing opens.
create table public.maintenance_windows (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  name text not null check (length(name) between 1 and 100),
  scope jsonb not null default '{"kind": "organization"}' check (octet_length(scope::text) <= 65536),
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  created_at timestamptz not null default now()
);
create index maintenance_windows_organization_idx on public.maintenance_windows (organization_id, ends_at);

-- "Look at this device's readings from then on": written by the commit of readings that may matter to a rule. Nothing
-- refers to it, so that writing costs no look elsewhere.
create table private.alert_signals (
  id bigint generated always as identity primary key,
  organization_id uuid not null,
  device_id uuid not null,
  since timestamptz not null
);
create index alert_signals_device_idx on private.alert_signals (device_id);

-- Up to which reading a device was judged: what comes with an earlier time is late.
create table private.alert_positions (
  device_id uuid primary key references public.devices on delete cascade,
  judged_to timestamptz not null
) with (fillfactor = 60);

-- Conditions that hold, but not for long enough yet.
create table private.pending_alerts (
  rule_id uuid not null references public.alert_rules on delete cascade,
  device_id uuid not null references public.devices on delete cascade,
  since timestamptz not null,
  due_at timestamptz not null,
  primary key (rule_id, device_id)
);
create index pending_alerts_device_idx on private.pending_alerts (device_id);
create index pending_alerts_due_idx on private.pending_alerts (due_at);

-- What somebody says to alerts, without doing anything. @returns to how many of them
create function private.note_on_alerts(organization uuid, ids uuid[], said text)
returns integer
language sql security definer
set search_path = ''
as $$
  with noted as (
    insert into public.alert_events (organization_id, alert_id, kind, user_id, note)
    select organization_id, id, 'note', (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid, said
      from public.alerts
     where organization_id = organization and id = any (ids)
       and organization_id in (select private.organizations_of('member'))
    returning organization_id
  ), told as (select pg_notify('stored', organization::text) from (select from noted limit 1) any_of_them)
  select (select count(*) from noted)::integer + 0 * (select count(*) from told)::integer
$$;
revoke all on function private.note_on_alerts from public;
grant execute on function private.note_on_alerts to authenticated;

-- Rules look anew at what is known when they are made, or changed in what they look for.
create function private.judge_by_rule(rule public.alert_rules)
returns void
language sql security definer
set search_path = ''
as $$
  insert into private.alert_signals (organization_id, device_id, since)
  select s.organization_id, s.device_id, least(s.newest_recorded_at, now())
    from public.device_state s
   where rule.enabled and rule.condition ->> 'kind' not in ('no_data', 'offline', 'link_down')
     and s.organization_id = rule.organization_id and s.newest_recorded_at > now() - interval '1 day'
     and (rule.scope ->> 'kind' <> 'devices' or rule.scope -> 'device_ids' ? s.device_id::text);
  select pg_notify('stored', rule.organization_id::text);
$$;
revoke all on function private.judge_by_rule from public;

create function private.change_alert_rule()
returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  looks_anew boolean := tg_op = 'UPDATE' and row (new.condition, new.for_seconds, new.scope, new.schedule, new.enabled)
    is distinct from row (old.condition, old.for_seconds, old.scope, old.schedule, old.enabled);
begin
  if tg_op = 'DELETE' or looks_anew then
    delete from private.pending_alerts where rule_id = old.id;
    update public.alerts set cleared_at = greatest(opened_at, now()), state = 'resolved',
           resolution = case when state = 'resolved' then resolution when tg_op = 'DELETE' then 'rule_deleted'
                             when not new.enabled then 'rule_disabled' else 'rule_changed' end
     where rule_id = old.id and cleared_at is null;
  end if;
  if tg_op = 'DELETE' then
    -- Where the host's own key does not.
    if old.condition is not null then
      update public.alerts set rule_id = null where rule_id = old.id;
    end if;
    return old;
  end if;
  if looks_anew then
    new.judged_from := now();
  end if;
  return new;
end
$$;
create trigger change_alert_rule before update or delete on public.alert_rules
  for each row execute function private.change_alert_rule();

create function private.changed_alert_rule()
returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' or new.judged_from <> old.judged_from then
    perform private.judge_by_rule(new);
  end if;
  return null;
end
$$;
create trigger changed_alert_rule after insert or update on public.alert_rules
  for each row execute function private.changed_alert_rule();

-- Who last wrote readings of the device that rules watch: each compares with what it saw itself. What another has written
-- in between, or what came before a later one, has to be looked at.
alter table public.device_state
  add column if not exists watcher integer,
  add column if not exists lost_track boolean;

create trigger announce_change
  after insert or delete or update of condition, scope, enabled on public.alert_rules
  for each row execute function private.announce_change();

do $$
begin
  perform pgmq.create(queue) from unnest(array['alert_notifications']) as queue
    where queue not in (select queue_name from pgmq.meta);
end
$$;

alter table public.alert_rules enable row level security;
alter table public.alerts enable row level security;
alter table public.alert_events enable row level security;
alter table public.maintenance_windows enable row level security;

create policy alert_rules_read on public.alert_rules for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy alert_rules_insert on public.alert_rules for insert to authenticated
  with check (organization_id in (select private.organizations_of('member')));
create policy alert_rules_update on public.alert_rules for update to authenticated
  using (organization_id in (select private.organizations_of('member')))
  with check (organization_id in (select private.organizations_of('member')));
create policy alert_rules_delete on public.alert_rules for delete to authenticated
  using (organization_id in (select private.organizations_of('member')));
create policy alerts_read on public.alerts for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy alerts_update on public.alerts for update to authenticated
  using (organization_id in (select private.organizations_of('member')))
  with check (organization_id in (select private.organizations_of('member')));
create policy alert_events_read on public.alert_events for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy maintenance_windows_read on public.maintenance_windows for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy maintenance_windows_insert on public.maintenance_windows for insert to authenticated
  with check (organization_id in (select private.organizations_of('member')));
create policy maintenance_windows_delete on public.maintenance_windows for delete to authenticated
  using (organization_id in (select private.organizations_of('member')));

revoke all on public.alert_rules, public.alerts, public.alert_events, public.maintenance_windows from anon, authenticated;
grant select, delete on public.alert_rules to authenticated;
grant insert (id, organization_id, name, severity, condition, for_seconds, scope, schedule, channel_ids, enabled)
  on public.alert_rules to authenticated;
grant update (name, severity, condition, for_seconds, scope, schedule, channel_ids, enabled, updated_at)
  on public.alert_rules to authenticated;
grant select on public.alerts to authenticated;
grant update (state, snoozed_until) on public.alerts to authenticated;
grant select on public.alert_events to authenticated;
grant select, delete on public.maintenance_windows to authenticated;
grant insert (id, organization_id, name, scope, starts_at, ends_at) on public.maintenance_windows to authenticated;
grant all on public.alert_rules, public.alerts, public.alert_events, public.maintenance_windows to service_role;
revoke all on sequence public.alert_events_id_seq from anon, authenticated;
