-- What an organization may use, and what it uses: docs/quotas.md, docs/decisions/quotas-are-counted-by-an-exchange.md

-- Null: no limit.
create table private.plans (
  name text primary key check (name ~ '^[a-z0-9_-]{1,50}$'),
  connections bigint check (connections >= 0),
  messages_per_second bigint check (messages_per_second >= 0),
  bytes_per_second bigint check (bytes_per_second >= 0),
  message_bytes bigint check (message_bytes >= 0),
  devices bigint check (devices >= 0),
  subscriptions bigint check (subscriptions >= 0),
  stored_rows bigint check (stored_rows >= 0)
);
-- Of organizations that have no other.
insert into private.plans (name) values ('default');
create trigger announce_change
  after insert or delete or update on private.plans
  for each row execute function private.announce_change();

-- Whether it is an object of limits, each a whole number or null.
create function private.are_limits(limits jsonb)
returns boolean
language sql immutable set search_path = ''
as $$
  select jsonb_typeof(limits) = 'object' and not exists (
    select from jsonb_each(limits)
     where key not in ('connections', 'messages_per_second', 'bytes_per_second', 'message_bytes', 'devices',
                       'subscriptions', 'stored_rows')
        or jsonb_typeof(value) <> 'null' and value::text !~ '^[0-9]{1,15}$')
$$;
revoke all on function private.are_limits from public;

create table public.organization_limits (
  organization_id uuid primary key references public.organizations on delete cascade,
  plan text not null default 'default' references private.plans (name) on update cascade,
  -- Instead of the plan's: {"connections": 500, "devices": null}; null is no limit.
  overrides jsonb not null default '{}' check (private.are_limits(overrides)),
  updated_at timestamptz not null default now()
);
create index organization_limits_plan_idx on public.organization_limits (plan);
create trigger announce_change
  after insert or delete or update on public.organization_limits
  for each row execute function private.announce_change();

-- What was reached on a day (UTC), and how often a limit held something back.
create table public.organization_usage (
  organization_id uuid not null references public.organizations on delete cascade,
  day date not null,
  limit_name text not null,
  peak bigint not null default 0,
  hits bigint not null default 0,
  last_hit_at timestamptz,
  primary key (organization_id, day, limit_name)
);

alter table public.organization_limits enable row level security;
alter table public.organization_usage enable row level security;
create policy limits_read on public.organization_limits for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy usage_read on public.organization_usage for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
revoke all on public.organization_limits, public.organization_usage from anon, authenticated;
grant select on public.organization_limits, public.organization_usage to authenticated;
grant all on public.organization_limits, public.organization_usage to service_role;

-- Processes that count, what each of them counts, and what is left of each organization's rates. None of it outlives
-- them, nor PostgreSQL: then they tell everything again.
create unlogged table private.use_processes (
  id uuid primary key,
  beat_at timestamptz not null
);
create unlogged table private.process_use (
  organization_id uuid not null references public.organizations on delete cascade,
  process_id uuid not null references private.use_processes on delete cascade,
  connections integer not null,
  -- Connections that it may hold without asking.
  reserved integer not null,
  subscriptions integer not null,
  messages_per_second float8 not null,
  bytes_per_second float8 not null,
  -- Somebody waits for one of the rates there.
  is_waiting boolean not null,
  primary key (organization_id, process_id)
) with (fillfactor = 50);
create index process_use_process_idx on private.process_use (process_id);
create unlogged table private.organization_buckets (
  organization_id uuid primary key references public.organizations on delete cascade,
  limits jsonb not null,
  -- Tokens of the rates: negative is a debt, null no limit.
  messages float8,
  bytes float8,
  refilled_at timestamptz not null
) with (fillfactor = 50);

-- Rows of history that an organization has, counted when they come and go; a day's recount sets it right.
create table private.stored_rows (
  organization_id uuid primary key references public.organizations on delete cascade,
  rows bigint not null,
  counted_at timestamptz not null default now()
);
insert into private.stored_rows (organization_id, rows)
select h.organization_id, count(*) from public.device_telemetry_history h
  join public.organizations o on o.id = h.organization_id group by h.organization_id;

-- Before delete_device_history takes them, by its name.
create function private.count_deleted_history()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update private.stored_rows s set rows = greatest(0, s.rows - gone.rows)
    from (select h.organization_id, count(*) as rows from public.device_telemetry_history h
            join deleted d on d.id = h.device_id group by h.organization_id) gone
   where s.organization_id = gone.organization_id;
  return null;
end
$$;
create trigger count_deleted_history
  after delete on public.devices referencing old table as deleted
  for each statement execute function private.count_deleted_history();

-- {"connections": 500, "messages_per_second": null, …}
create function private.limits_of(organization uuid)
returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce((select to_jsonb(p) - 'name' from private.plans p
                    where p.name = coalesce((select l.plan from public.organization_limits l
                                              where l.organization_id = organization), 'default')), '{}')
      || coalesce((select l.overrides from public.organization_limits l
                    where l.organization_id = organization), '{}')
$$;
revoke all on function private.limits_of from public;

-- Whether an organization of the caller's has room for one more device. Until the caller's transaction ends, nobody else
-- registers any.
create function private.has_device_room(organization uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  if organization not in (select private.organizations_of('member')) then
    return false;
  end if;
  if private.limits_of(organization) ->> 'devices' is null then
    return true;
  end if;
  perform from public.organizations o where o.id = organization for no key update;
  return (select count(*) from public.devices d where d.organization_id = organization)
    < (private.limits_of(organization) ->> 'devices')::bigint;
end
$$;
revoke all on function private.has_device_room from public;
grant execute on function private.has_device_room to authenticated, service_role;

-- A minute's worth, which is the credit for a backlog after an outage.
create function private.refilled(tokens float8, rate float8, used float8, since timestamptz)
returns float8
language sql volatile set search_path = ''
as $$
  select least(coalesce(tokens, 60 * rate)
      + rate * greatest(0, extract(epoch from clock_timestamp() - since)::float8), 60 * rate) - used
$$;
revoke all on function private.refilled from public;

-- A process tells what it counts, and is told what it may use until it asks again.
--   told  [{"organization_id", "connections", "claims": connections that wait to be let in, "subscriptions",
--          "messages" and "bytes": used since it told last, "seconds": ago, "stored": rows since, "waiting",
--          "hits": {"connections": 2}}]
--   returns {"new": whether nothing was known of the process, "organizations": [{"organization_id", "limits",
--          "reserved", "others": [connections, reserved, subscriptions], "demands": [[messages, bytes, waiting]],
--          "messages", "bytes", "stored_rows"}]}
create function private.exchange_use(process uuid, told jsonb)
returns jsonb
language plpgsql set search_path = ''
as $$
declare
  is_new boolean;
  answer jsonb;
begin
  insert into private.use_processes as p (id, beat_at) values (process, clock_timestamp())
  on conflict (id) do update set beat_at = excluded.beat_at
  returning xmax = 0 into is_new;
  if is_new then
    delete from private.use_processes where beat_at < clock_timestamp() - interval '1 minute';
  end if;

  -- From here on nobody else tells of these organizations; what follows sees what others told before.
  insert into private.organization_buckets as b (organization_id, limits, messages, bytes, refilled_at)
  select t.organization_id, l.limits,
         private.refilled(null, (l.limits ->> 'messages_per_second')::float8, t.messages, clock_timestamp()),
         private.refilled(null, (l.limits ->> 'bytes_per_second')::float8, t.bytes, clock_timestamp()),
         clock_timestamp()
    from jsonb_to_recordset(told) as t (organization_id uuid, messages float8, bytes float8)
    join public.organizations o on o.id = t.organization_id
    cross join lateral private.limits_of(t.organization_id) as l (limits)
   order by t.organization_id
  on conflict (organization_id) do update set
    limits = excluded.limits,
    messages = private.refilled(b.messages, (excluded.limits ->> 'messages_per_second')::float8,
      60 * (excluded.limits ->> 'messages_per_second')::float8 - excluded.messages, b.refilled_at),
    bytes = private.refilled(b.bytes, (excluded.limits ->> 'bytes_per_second')::float8,
      60 * (excluded.limits ->> 'bytes_per_second')::float8 - excluded.bytes, b.refilled_at),
    refilled_at = clock_timestamp();

  insert into private.stored_rows as s (organization_id, rows)
  select t.organization_id, t.stored
    from jsonb_to_recordset(told) as t (organization_id uuid, stored bigint)
    join public.organizations o on o.id = t.organization_id
   where t.stored > 0
   order by t.organization_id
  on conflict (organization_id) do update set rows = s.rows + excluded.rows;

  with mine as (
    select t.*, coalesce((select s.rows from private.stored_rows s where s.organization_id = t.organization_id), 0) as stored_rows, b.limits, b.messages as messages_left, b.bytes as bytes_left,
           t.messages / greatest(t.seconds, 1) as messages_per_second,
           t.bytes / greatest(t.seconds, 1) as bytes_per_second
      from jsonb_to_recordset(told) as t (organization_id uuid, connections integer, claims integer, subscriptions integer,
             messages float8, bytes float8, seconds float8, waiting boolean, hits jsonb)
      join private.organization_buckets b using (organization_id)
  ), others as (
    select u.organization_id, sum(u.connections)::integer as connections, sum(u.reserved)::integer as reserved,
           sum(u.subscriptions)::integer as subscriptions, sum(u.messages_per_second) as messages_per_second,
           sum(u.bytes_per_second) as bytes_per_second,
           jsonb_agg(jsonb_build_array(u.messages_per_second, u.bytes_per_second, u.is_waiting)) as demands
      from private.process_use u
      join private.use_processes p on p.id = u.process_id and p.beat_at > clock_timestamp() - interval '5 seconds'
     where u.organization_id in (select organization_id from mine) and u.process_id <> process
     group by u.organization_id
  ), judged as (
    select m.*, coalesce(o.connections, 0) as others_connections, coalesce(o.reserved, 0) as others_reserved,
           coalesce(o.subscriptions, 0) as others_subscriptions,
           coalesce(o.messages_per_second, 0) as others_messages, coalesce(o.bytes_per_second, 0) as others_bytes,
           coalesce(o.demands, '[]') as demands,
           (m.limits ->> 'connections')::bigint - coalesce(o.reserved, 0) - m.connections as room
      from mine m left join others o using (organization_id)
  ), granted as (
    -- To who has to ask, what it asks for and some of what is left, so that it need not ask for each.
    select j.*, j.connections + greatest(0, least(room, claims
             + case when claims > 0 then greatest(0, room - claims) / 8 else 0 end))::integer as reserved
      from judged j
  ), written as (
    insert into private.process_use as u (organization_id, process_id, connections, reserved, subscriptions,
      messages_per_second, bytes_per_second, is_waiting)
    select organization_id, process, connections, coalesce(reserved, connections), subscriptions,
           messages_per_second, bytes_per_second, waiting
      from granted order by organization_id
    on conflict (organization_id, process_id) do update set
      connections = excluded.connections, reserved = excluded.reserved, subscriptions = excluded.subscriptions,
      messages_per_second = excluded.messages_per_second, bytes_per_second = excluded.bytes_per_second,
      is_waiting = excluded.is_waiting
  ), reached as (
    select g.organization_id, r.limit_name, r.peak, coalesce((g.hits ->> r.limit_name)::bigint, 0) as hits
      from granted g
      cross join lateral (values
        ('connections', g.connections + g.others_connections),
        ('subscriptions', g.subscriptions + g.others_subscriptions),
        ('messages_per_second', round(g.messages_per_second + g.others_messages)),
        ('bytes_per_second', round(g.bytes_per_second + g.others_bytes)),
        ('message_bytes', 0), ('devices', 0), ('stored_rows', 0)) as r (limit_name, peak)
  ), kept as (
    insert into public.organization_usage as u (organization_id, day, limit_name, peak, hits, last_hit_at)
    select r.organization_id, (now() at time zone 'UTC')::date, r.limit_name, r.peak, r.hits,
           case when r.hits > 0 then clock_timestamp() end
      from reached r
      left join public.organization_usage u
        on u.organization_id = r.organization_id and u.day = (now() at time zone 'UTC')::date and u.limit_name = r.limit_name
     where r.hits > 0 or r.peak > coalesce(u.peak, 0)
     order by r.organization_id, r.limit_name
    on conflict (organization_id, day, limit_name) do update set
      peak = greatest(u.peak, excluded.peak), hits = u.hits + excluded.hits,
      last_hit_at = coalesce(excluded.last_hit_at, u.last_hit_at)
  )
  select jsonb_agg(jsonb_build_object('organization_id', organization_id, 'limits', limits, 'reserved', reserved,
           'others', jsonb_build_array(others_connections, others_reserved, others_subscriptions),
           'demands', demands, 'messages', messages_left, 'bytes', bytes_left, 'stored_rows', stored_rows))
    into answer from granted;
  return jsonb_build_object('new', is_new, 'organizations', coalesce(answer, '[]'));
end
$$;
revoke all on function private.exchange_use from public;

-- What processes that live count for an organization of the caller's, its plan and its limits.
create function private.use_of(organization uuid)
returns table (plan text, limits jsonb, connections bigint, subscriptions bigint, messages_per_second float8,
  bytes_per_second float8, stored_rows bigint)
language sql stable security definer set search_path = ''
as $$
  select coalesce((select l.plan from public.organization_limits l where l.organization_id = organization), 'default'),
         private.limits_of(organization), coalesce(sum(u.connections), 0), coalesce(sum(u.subscriptions), 0),
         coalesce(sum(u.messages_per_second), 0), coalesce(sum(u.bytes_per_second), 0),
         coalesce((select s.rows from private.stored_rows s where s.organization_id = organization), 0)
    from (select organization as id where organization in (select private.organizations_of('viewer'))) asked
    left join (private.process_use u
      join private.use_processes p on p.id = u.process_id and p.beat_at > clock_timestamp() - interval '5 seconds')
      on u.organization_id = asked.id
   group by asked.id
$$;
revoke all on function private.use_of from public;
grant execute on function private.use_of to authenticated, service_role;
