-- Packs old months of device_telemetry_history in columns, by Citus' columnar storage: see docs/scaling.md.
--
-- Run it once, as the owner of the tables, on a PostgreSQL with `shared_preload_libraries = 'citus'`. Then
-- `select private.pack_month(interval '3 months')`, once a day, by pg_cron or by hand. What is Citus' own in it was not
-- run by us: there was no PostgreSQL with that extension. The rest is tested.

create extension if not exists citus;

-- Packs the oldest month that ended longer ago than `age` and is not packed yet. Returns its table, or null when there
-- is none. Nobody can write that month while it is copied.
create or replace function private.pack_month(age interval)
returns text
language plpgsql set search_path = ''
as $$
declare
  month text;
begin
  select c.relname into month
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    join pg_catalog.pg_am a on a.oid = c.relam
   where i.inhparent = 'public.device_telemetry_history'::regclass
     and a.amname = 'heap'
     and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' < now() - age
   order by c.relname
   limit 1;
  if month is not null then
    -- Its indexes stay: the primary key is how a reading that comes again is known.
    perform pg_catalog.alter_table_set_access_method(('public.' || month)::regclass, 'columnar');
  end if;
  return month;
end
$$;
revoke all on function private.pack_month from public;

-- Rows of a packed month can't be deleted one by one, and a statement that could meet them fails. So a device that is
-- deleted takes its readings along from the months that are not packed; the others go with their month.
create or replace function private.delete_device_history()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  month text;
begin
  for month in
    select c.relname
      from pg_catalog.pg_inherits i
      join pg_catalog.pg_class c on c.oid = i.inhrelid
      join pg_catalog.pg_am a on a.oid = c.relam
     where i.inhparent = 'public.device_telemetry_history'::regclass and a.amname = 'heap'
  loop
    execute format('delete from public.%I h using deleted where h.device_id = deleted.id', month);
  end loop;
  delete from public.device_telemetry_1m r using deleted where r.device_id = deleted.id;
  delete from public.device_telemetry_1h r using deleted where r.device_id = deleted.id;
  delete from public.device_telemetry_1d r using deleted where r.device_id = deleted.id;
  delete from public.device_messages m using deleted where m.device_id = deleted.id;
  return null;
end
$$;

-- Back to rows:
--   select alter_table_set_access_method('public.device_telemetry_history_2026_01', 'heap');
