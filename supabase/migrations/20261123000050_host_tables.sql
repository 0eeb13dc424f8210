-- For a database that holds the host platform's tables already. They keep their rows, columns, checks and policies
-- and get what ours have beyond theirs, so that the `create … if not exists` of the next files find it there.
-- 20261123000250_host_rows.sql goes on where this stops. On an empty database neither does anything.
-- Why it is done so: docs/decisions/host-tables-are-taken-as-they-are.md

create schema if not exists private;

alter table if exists public.organizations
  add column if not exists name text not null default 'Organization',
  add column if not exists created_at timestamptz not null default now();

alter table if exists public.organization_members
  add column if not exists role text not null default 'viewer' check (role in ('owner', 'admin', 'member', 'viewer')),
  add column if not exists created_at timestamptz not null default now();

-- The host's own keys have none of ours: without key_sha256 and role they open nothing here.
alter table if exists public.organization_api_keys
  add column if not exists name text not null default 'API key',
  add column if not exists role text check (role in ('admin', 'member', 'viewer')),
  add column if not exists key_prefix text not null default '',
  add column if not exists key_sha256 bytea unique,
  add column if not exists created_by uuid,
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists last_used_at timestamptz,
  add column if not exists expires_at timestamptz,
  add column if not exists revoked_at timestamptz;

alter table if exists public.device_integrations
  add column if not exists name text not null default 'MQTT',
  add column if not exists decoder text not null default 'auto',
  add column if not exists auto_register boolean not null default true,
  add column if not exists device_limit integer not null default 100000 check (device_limit >= 0),
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now();

alter table if exists public.devices
  add column if not exists integration_id uuid,
  add column if not exists external_device_id text,
  add column if not exists name text,
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now();

alter table if exists public.mqtt_credentials
  add column if not exists device_id uuid,
  add column if not exists label text not null default '' check (length(label) <= 100),
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists last_used_at timestamptz,
  add column if not exists expires_at timestamptz,
  add column if not exists disabled_at timestamptz,
  add column if not exists replaces uuid references public.mqtt_credentials on delete set null;

-- What our statements leave to a default gets one, and what only the host knows of may stay empty in our rows.
do $$
declare
  host_column record;
begin
  for host_column in
    select a.attrelid::regclass as host_table, a.attname as name, a.attnotnull as required,
           case when a.attname = 'id' and a.atttypid = 'uuid'::regtype then 'gen_random_uuid()'
                when a.attname in ('created_at', 'updated_at') then 'now()' end as default_value
      from (values
        ('organizations', '{name}'::text[]),
        ('organization_members', '{organization_id,user_id,role}'),
        ('organization_api_keys', '{organization_id,name,role,key_prefix,key_sha256}'),
        ('device_integrations', '{organization_id,name,integration_type}'),
        ('devices', '{organization_id,external_device_id,name}'),
        ('mqtt_credentials', '{organization_id,username,password_hash,topic_prefix}')) as ours (name, given)
      join pg_attribute a on a.attrelid = to_regclass('public.' || ours.name)
     where a.attnum > 0 and not a.attisdropped and not a.atthasdef and a.attidentity = ''
       and a.attname <> all (ours.given)
       and not exists (select from pg_index i
             where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey) and a.attname <> 'id')
  loop
    if host_column.default_value is not null then
      execute format('alter table %s alter %I set default %s',
        host_column.host_table, host_column.name, host_column.default_value);
    elsif host_column.required and host_column.name <> 'id' then
      execute format('alter table %s alter %I drop not null', host_column.host_table, host_column.name);
    end if;
  end loop;
end
$$;

-- A device is known by its name in topics. One that has none is called by its id; so is each further device of the
-- same name, behind that name, since a message can mean one of them only.
do $$
begin
  if to_regclass('public.devices') is null then
    return;
  end if;
  update public.devices d
     set external_device_id = case
           when d.external_device_id <> '' then left(d.external_device_id, 91) || '-' || d.id else d.id::text end
    from (select id, row_number() over (partition by organization_id, external_device_id order by created_at, id) as nth
            from public.devices) numbered
   where numbered.id = d.id and (numbered.nth > 1 or coalesce(d.external_device_id, '') = '');
  update public.devices set name = external_device_id where name is null;

  create function private.call_device_by_its_id() returns trigger language plpgsql set search_path = '' as $body$
  begin
    new.external_device_id := coalesce(nullif(new.external_device_id, ''), new.id::text);
    new.name := coalesce(new.name, new.external_device_id);
    return new;
  end
  $body$;
  create trigger call_device_by_its_id
    before insert or update of external_device_id, name on public.devices
    for each row execute function private.call_device_by_its_id();
  alter table public.devices alter external_device_id set not null, alter name set not null;
end
$$;

-- `mqtt-external`, and `mqtt` alone, are other spellings in use. Other types are the host's own.
create function private.integration_type(given text)
returns text
language sql immutable parallel safe set search_path = ''
as $$
  select case replace(lower(given), '-', '_')
    when 'mqtt_hosted' then 'mqtt_hosted'
    when 'mqtt_external' then 'mqtt_external'
    when 'mqtt' then 'mqtt_external'
    else given
  end
$$;

-- An organization has one hosted broker; the row of a further one stays, as a type that nothing answers to.
do $$
declare
  host_check record;
begin
  if to_regclass('public.device_integrations') is null then
    return;
  end if;
  for host_check in
    select conname from pg_constraint
     where conrelid = 'public.device_integrations'::regclass and contype = 'c'
       and pg_get_constraintdef(oid) like '%integration_type%'
  loop
    execute format('alter table public.device_integrations drop constraint %I', host_check.conname);
  end loop;
  update public.device_integrations i
     set integration_type = case when nth > 1 and usual = 'mqtt_hosted' then 'mqtt_hosted_further' else usual end
    from (select id, private.integration_type(integration_type) as usual,
                 row_number() over (partition by organization_id, private.integration_type(integration_type)
                                    order by created_at, id) as nth
            from public.device_integrations) numbered
   where numbered.id = i.id and i.integration_type is distinct from
         case when nth > 1 and usual = 'mqtt_hosted' then 'mqtt_hosted_further' else usual end;
end
$$;

-- A history of another make, with the partitions it may have, makes way for ours; its readings are copied later.
do $$
declare
  host_table record;
begin
  if to_regclass('public.device_telemetry_history') is null or exists (
    select from pg_attribute where attrelid = to_regclass('public.device_telemetry_history') and attname = 'message_key'
  ) then
    return;
  end if;
  for host_table in
    select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and relname ~ '^device_telemetry_history(_\d{4}_\d{2})?$'
  loop
    execute format('alter table public.%I rename to %I', host_table.name, host_table.name || '_host');
  end loop;
end
$$;

-- What signed-in users may do with the host's tables, which the next file takes from them, in part to be given back.
do $$
begin
  if exists (select from unnest(array[
      'organizations', 'organization_members', 'organization_api_keys', 'device_integrations', 'devices',
      'mqtt_credentials', 'device_telemetry_history_host']) name where to_regclass('public.' || name) is not null) then
    create table private.host_grants as
      select name as table_name, privilege
        from unnest(array['organizations', 'organization_members', 'devices']) name,
             unnest(array['select', 'insert', 'update', 'delete']) privilege
       where has_table_privilege('authenticated', to_regclass('public.' || name), privilege);
  end if;
end
$$;
