-- Readings by the minute, hour and day, made behind ingest: see docs/decisions/rollups-follow-the-commit.md.

-- One row a device and bucket; `metrics` has for each number
--   {"temperature": [count, min, max, sum, last, when the last one was recorded, as seconds since 1970]}
-- All metrics in one row: 656 bytes for four of them, where a row each takes 913, and a chart reads a quarter of the pages.
-- `readings` are those that the bucket holds, whatever is in them.
create table public.device_telemetry_1h (
  organization_id uuid not null,
  device_id uuid not null,
  bucket timestamptz not null,
  readings integer not null,
  metrics jsonb not null,
  primary key (device_id, bucket)
) partition by range (bucket);
create table public.device_telemetry_1d (like public.device_telemetry_1h including indexes) partition by range (bucket);
-- Of hours with many readings only: of others the readings themselves are as quick.
create table public.device_telemetry_1m (like public.device_telemetry_1h including indexes) partition by range (bucket);

-- All readings of transactions below `position` have been looked at: what they changed is in the tables above, or in
-- private.unrolled_hours.
create table private.rollup_positions (
  organization_id uuid primary key references public.organizations on delete cascade,
  position xid8 not null
);

-- Hours with readings that the roll-ups may lack, to be rolled up when they are due.
create table private.unrolled_hours (
  device_id uuid not null references public.devices on delete cascade,
  hour timestamptz not null,
  due_at timestamptz not null,
  primary key (device_id, hour)
);
create index unrolled_hours_due_idx on private.unrolled_hours (due_at);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['device_telemetry_1m', 'device_telemetry_1h', 'device_telemetry_1d'] loop
    execute format('alter table public.%I enable row level security', tenant_table);
    execute format('create policy %I on public.%I for select to authenticated
      using (organization_id in (select private.organizations_of(''viewer'')))', tenant_table || '_read', tenant_table);
    execute format('revoke all on public.%I from anon, authenticated', tenant_table);
    execute format('grant select on public.%I to authenticated', tenant_table);
    execute format('grant all on public.%I to service_role', tenant_table);
  end loop;
end
$$;

-- As private.ensure_history_partition does for the readings, and under the same lock.
create function private.ensure_rollup_partitions(month date)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  starts date := date_trunc('month', month)::date;
  parent text;
  partition_name text;
begin
  foreach parent in array array['device_telemetry_1m', 'device_telemetry_1h', 'device_telemetry_1d'] loop
    partition_name := parent || '_' || to_char(starts, 'YYYY_MM');
    continue when to_regclass('public.' || partition_name) is not null;
    perform pg_advisory_xact_lock(hashtext('device_telemetry_history'));
    continue when exists (select from pg_catalog.pg_class
                           where relname = partition_name and relnamespace = 'public'::regnamespace);
    execute format('create table public.%I (like public.%I including indexes)', partition_name, parent);
    execute format('alter table public.%I enable row level security', partition_name);
    execute format('revoke all on public.%I from anon, authenticated', partition_name);
    execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)', parent,
      partition_name, starts::timestamp at time zone 'UTC', (starts + interval '1 month')::timestamp at time zone 'UTC');
  end loop;
end
$$;
revoke all on function private.ensure_rollup_partitions from public;

-- Hours of a device that the roll-ups may lack readings of, as the caller's statement sees them: those that are noted, and
-- those of readings that nobody has looked at yet. Null when there are more of these than are worth reading.
create function private.unrolled_hours_of(organization uuid, device uuid)
returns timestamptz[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  most constant integer := 20000;
  seen xid8 := (select position from private.rollup_positions where organization_id = organization);
  unseen integer;
  hours timestamptz[];
begin
  if not exists (select from private.organizations_of('viewer') as mine where mine = organization) then
    return null;
  end if;
  with recent as materialized (
    select h.device_id, h.recorded_at from public.device_telemetry_history h
     where h.organization_id = organization and h.transaction_id >= coalesce(seen, '0')
       and h.transaction_id < pg_snapshot_xmax(pg_current_snapshot())
     order by h.transaction_id limit most + 1
  )
  select (select count(*) from recent),
    array(select date_bin('1 hour', r.recorded_at, 'epoch') from recent r where r.device_id = device
          union select u.hour from private.unrolled_hours u where u.device_id = device)
    into unseen, hours;
  return case when unseen <= most then hours end;
end
$$;
revoke all on function private.unrolled_hours_of from public;
grant execute on function private.unrolled_hours_of to authenticated, service_role;

create or replace function private.delete_device_history()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.device_telemetry_history h using deleted where h.device_id = deleted.id;
  delete from public.device_telemetry_1m r using deleted where r.device_id = deleted.id;
  delete from public.device_telemetry_1h r using deleted where r.device_id = deleted.id;
  delete from public.device_telemetry_1d r using deleted where r.device_id = deleted.id;
  delete from public.device_messages m using deleted where m.device_id = deleted.id;
  return null;
end
$$;
