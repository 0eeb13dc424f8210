-- Goes on where 20261123000050_host_tables.sql stopped, now that our tables are there too: gives rows of the host
-- platform what every row of ours has. Does nothing where there was no host.

-- For a long history. Reading it is all that takes time.
set statement_timeout = 0;
set timezone = 'UTC';

do $$
declare
  host_grant record;
begin
  if to_regclass('private.host_grants') is null then
    return;
  end if;
  -- On tables without secrets the host's application goes on working; row-level security says on which rows.
  for host_grant in select * from private.host_grants loop
    execute format('grant %s on public.%I to authenticated', host_grant.privilege, host_grant.table_name);
  end loop;

  if not exists (select from pg_constraint where conname = 'devices_integration_id_fkey') then
    alter table public.devices add constraint devices_integration_id_fkey
      foreign key (integration_id) references public.device_integrations on delete set null not valid;
  end if;
  if not exists (select from pg_constraint where conname = 'mqtt_credentials_device_id_fkey') then
    alter table public.mqtt_credentials add constraint mqtt_credentials_device_id_fkey
      foreign key (device_id) references public.devices on delete cascade not valid;
  end if;
  create unique index if not exists devices_organization_id_external_device_id_key
    on public.devices (organization_id, external_device_id);
  create unique index if not exists mqtt_credentials_username_key on public.mqtt_credentials (username);

  insert into public.device_integrations (organization_id, name, integration_type)
  select id, 'Hosted broker', 'mqtt_hosted' from public.organizations o
   where not exists (select from public.device_integrations i
           where i.organization_id = o.id and i.integration_type = 'mqtt_hosted');
  insert into public.device_state (device_id, organization_id)
  select id, organization_id from public.devices on conflict do nothing;
  drop table private.host_grants;
end
$$;

do $$
declare
  host_column record;
  host_columns text := '';
  host_values text := '';
  numbers text;
  copied bigint;
begin
  if to_regclass('public.device_telemetry_history_host') is null then
    return;
  end if;

  -- The host's own columns come along, so that what it reads and writes is still there. None of them is required.
  for host_column in
    select h.attname as name, format_type(h.atttypid, h.atttypmod) as type,
           case when h.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as default_value,
           pg_get_serial_sequence('public.device_telemetry_history_host', h.attname) is not null as is_numbered
      from pg_attribute h
      left join pg_attrdef d on d.adrelid = h.attrelid and d.adnum = h.attnum
     where h.attrelid = 'public.device_telemetry_history_host'::regclass and h.attnum > 0 and not h.attisdropped
       and not exists (select from pg_attribute ours
             where ours.attrelid = 'public.device_telemetry_history'::regclass and ours.attname = h.attname)
     order by h.attnum
  loop
    if host_column.is_numbered then
      numbers := format('public.%I', 'device_telemetry_history_' || host_column.name || '_numbers');
      execute format('create sequence %s', numbers);
      execute format('select setval(%L, coalesce(max(%I), 0) + 1, false) from public.device_telemetry_history_host',
        numbers, host_column.name);
      execute format('grant usage on sequence %s to service_role', numbers);
      host_column.default_value := format('nextval(%L::regclass)', numbers);
    end if;
    execute format('alter table public.device_telemetry_history add %I %s default %s',
      host_column.name, host_column.type, coalesce(host_column.default_value, 'null'));
    host_columns := host_columns || format(', %I', host_column.name);
    host_values := host_values || format(', (host_row).%I', host_column.name);
  end loop;

  -- Times are judged as ingest judges them (src/domain/time.ts). Read from JSON, since a host need not have each column.
  create view private.host_readings as
    select h as host_row, d.organization_id, d.id as device_id, moment.stated, moment.received, mark.mark,
           case when mark.mark is null then coalesce(moment.charted, moment.received) else moment.received end as recorded,
           to_jsonb(h) -> 'telemetry' as telemetry
      from public.device_telemetry_history_host h
      join public.devices d on d.id = h.device_id
      cross join lateral (select
        (to_jsonb(h) ->> 'device_timestamp')::timestamptz as stated,
        coalesce(to_jsonb(h) ->> 'recorded_at', to_jsonb(h) ->> 'device_timestamp')::timestamptz as charted,
        coalesce(to_jsonb(h) ->> 'received_at', to_jsonb(h) ->> 'created_at', to_jsonb(h) ->> 'recorded_at',
                 to_jsonb(h) ->> 'device_timestamp')::timestamptz as received) moment
      cross join lateral (select case
        when moment.charted > moment.received + interval '10 minutes' then 'ahead'
        when moment.charted < '2000-01-01' then 'before_2000' end as mark) mark
     where moment.received >= '2000-01-01' and moment.received < now() + interval '1 day'
       and jsonb_typeof(to_jsonb(h) -> 'telemetry') = 'object';

  perform private.ensure_history_partition(month)
     from (select distinct date_trunc('month', recorded)::date as month from private.host_readings) months;
  execute format('insert into public.device_telemetry_history (organization_id, device_id, recorded_at, received_at,
      device_timestamp, message_key, time_mark, telemetry%s)
    select organization_id, device_id, recorded, received, stated, row_number() over (), mark, telemetry%s
      from private.host_readings', host_columns, host_values);
  get diagnostics copied = row_count;
  drop view private.host_readings;
  raise notice '% of % readings were copied; device_telemetry_history_host keeps them all until you drop it',
    copied, (select count(*) from public.device_telemetry_history_host);

  -- Devices are shown with the newest that was known of them.
  update public.device_state s
     set newest_recorded_at = newest.recorded_at, last_message_at = newest.received_at,
         presence_reason = 'not_observed', latest = coalesce((
           select jsonb_object_agg(key, jsonb_build_object('value', value,
                    'recorded_at', to_char(newest.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
             from jsonb_each(newest.telemetry) where jsonb_typeof(value) in ('number', 'string', 'boolean')), '{}')
    from (select distinct on (device_id) device_id, recorded_at, received_at, telemetry
            from public.device_telemetry_history order by device_id, recorded_at desc) newest
   where newest.device_id = s.device_id;

  alter table public.device_telemetry_history_host enable row level security;
  revoke all on public.device_telemetry_history_host from anon, authenticated;
end
$$;
