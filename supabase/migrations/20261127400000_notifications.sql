-- Who is told of alerts, and what became of it. How it is decided: docs/guides/alerts.md

create table public.notification_channels (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  name text not null check (length(name) between 1 and 100),
  kind text not null check (kind in ('webhook', 'email', 'slack', 'teams')),
  -- What is nobody's secret: recipients, and as much of the URL as may be seen.
  settings jsonb not null default '{}' check (octet_length(settings::text) <= 16384),
  -- The URL and the signing secret: see service/seal.ts.
  sealed_secrets text check (length(sealed_secrets) <= 16384),
  min_severity text not null default 'info' check (min_severity in ('info', 'warning', 'critical')),
  -- As contract/alerts.ts has it. Outside of the one and within the other notifications wait.
  schedule jsonb check (octet_length(schedule::text) <= 8192),
  quiet_hours jsonb check (octet_length(quiet_hours::text) <= 8192),
  critical_always boolean not null default true,
  notify_resolved boolean not null default true,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index notification_channels_organization_idx on public.notification_channels (organization_id);

-- One notification to one channel. Its id goes with every attempt, so that a receiver can tell a repeat.
create table public.notification_deliveries (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  channel_id uuid not null references public.notification_channels on delete cascade,
  -- What is told, as contract/notifications.ts has it: the same with every attempt.
  content jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'sent', 'dead')),
  attempts integer not null default 0,
  -- While it is being sent: when somebody else may.
  next_try_at timestamptz not null default now(),
  last_error text check (length(last_error) <= 1000),
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  -- When somebody asked for a dead one to be sent again.
  retried_at timestamptz
);
create index notification_deliveries_channel_idx on public.notification_deliveries (channel_id, created_at desc, id desc);
create index notification_deliveries_organization_idx
  on public.notification_deliveries (organization_id, created_at desc, id desc);
create index notification_deliveries_dead_idx
  on public.notification_deliveries (organization_id, created_at desc, id desc) where state = 'dead';
create index notification_deliveries_pending_idx on public.notification_deliveries (channel_id, next_try_at)
  where state = 'pending';
create index notification_deliveries_age_idx on public.notification_deliveries using brin (created_at);

create function private.retry_delivery()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if old.state = 'dead' then
    new.state := 'pending';
    new.attempts := 0;
    new.next_try_at := now();
  end if;
  new.retried_at := now();
  return new;
end
$$;
create trigger retry_delivery before update of retried_at on public.notification_deliveries
  for each row execute function private.retry_delivery();

-- What a channel knows of an alert, and whether there is something to tell it.
create table private.notices (
  channel_id uuid not null references public.notification_channels on delete cascade,
  alert_id uuid not null references public.alerts on delete cascade,
  -- Since when there is something to tell; what it is, the alert itself says when it is told.
  waiting_since timestamptz,
  -- When the channel was last told that it is open. Whoever was not told of that is not told of its end.
  told_at timestamptz,
  -- It waits for quiet hours to end: nobody is told then of what is over by then.
  is_held boolean not null default false,
  primary key (channel_id, alert_id)
);
create index notices_alert_idx on private.notices (alert_id);
create index notices_waiting_idx on private.notices (channel_id) where waiting_since is not null;

-- A snooze that is over is found by this.
create index alerts_snoozed_idx on public.alerts (snoozed_until) where state = 'open' and snoozed_until is not null;

-- The order of severities.
create function private.severity_rank(severity text)
returns integer
language sql immutable
set search_path = ''
as $$ select array_position(array['info', 'warning', 'critical'], severity) $$;
revoke all on function private.severity_rank from public;

-- Who is to be told of these alerts: the channels that the rule names, or else all that take the severity.
create function private.channels_of_alerts(alerts uuid[])
returns table (channel_id uuid, alert_id uuid)
language sql stable
set search_path = ''
as $$
  select c.id, a.id
    from public.alerts a
    left join public.alert_rules r on r.id = a.rule_id
    join public.notification_channels c on c.organization_id = a.organization_id and c.enabled
     and case when cardinality(r.channel_ids) > 0 then c.id = any (r.channel_ids)
              else private.severity_rank(a.severity) >= private.severity_rank(c.min_severity) end
   where a.id = any (alerts)
$$;
revoke all on function private.channels_of_alerts from public;

-- A rule that named it goes on without: with the others that it names, or else with all that take its severity.
create function private.forget_channel()
returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  update public.alert_rules set channel_ids = array_remove(channel_ids, old.id)
   where organization_id = old.organization_id and old.id = any (channel_ids);
  return old;
end
$$;
create trigger forget_channel after delete on public.notification_channels
  for each row execute function private.forget_channel();

alter table public.notification_channels enable row level security;
alter table public.notification_deliveries enable row level security;

create policy notification_channels_read on public.notification_channels for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy notification_channels_insert on public.notification_channels for insert to authenticated
  with check (organization_id in (select private.organizations_of('admin')));
create policy notification_channels_update on public.notification_channels for update to authenticated
  using (organization_id in (select private.organizations_of('admin')))
  with check (organization_id in (select private.organizations_of('admin')));
create policy notification_channels_delete on public.notification_channels for delete to authenticated
  using (organization_id in (select private.organizations_of('admin')));
create policy notification_deliveries_read on public.notification_deliveries for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy notification_deliveries_update on public.notification_deliveries for update to authenticated
  using (organization_id in (select private.organizations_of('member')))
  with check (organization_id in (select private.organizations_of('member')));

revoke all on public.notification_channels, public.notification_deliveries from anon, authenticated;
grant select (id, organization_id, name, kind, settings, min_severity, schedule, quiet_hours, critical_always,
    notify_resolved, enabled, created_at, updated_at),
  insert (id, organization_id, name, kind, settings, sealed_secrets, min_severity, schedule, quiet_hours,
    critical_always, notify_resolved, enabled),
  update (name, settings, sealed_secrets, min_severity, schedule, quiet_hours, critical_always, notify_resolved,
    enabled, updated_at), delete on public.notification_channels to authenticated;
grant select on public.notification_deliveries to authenticated;
grant update (retried_at) on public.notification_deliveries to authenticated;
grant all on public.notification_channels, public.notification_deliveries to service_role;
