-- Tenants, who belongs to them, and what connects for them.
-- Names are the host platform's; a database that has its tables already keeps them, see 20261123000050_host_tables.sql.

create schema if not exists private;
grant usage on schema private to authenticated, service_role;
grant usage on schema public to anon, authenticated, service_role;

create table if not exists public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 100),
  created_at timestamptz not null default now()
);

create table if not exists public.organization_members (
  organization_id uuid not null references public.organizations on delete cascade,
  user_id uuid not null,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
create index if not exists organization_members_user_idx on public.organization_members (user_id);

create table if not exists public.organization_invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  email text check (length(email) <= 320),
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  token_hash bytea not null unique,
  invited_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid
);
create index if not exists organization_invitations_organization_idx
  on public.organization_invitations (organization_id);

-- A key acts with a role of its own, up to admin. SHA-256 is enough: keys are random, not chosen.
create table if not exists public.organization_api_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  name text not null check (length(name) between 1 and 100),
  role text not null check (role in ('admin', 'member', 'viewer')),
  key_prefix text not null,
  key_sha256 bytea not null unique,
  created_by uuid,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz
);
create index if not exists organization_api_keys_organization_idx
  on public.organization_api_keys (organization_id);

create table if not exists public.device_integrations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  name text not null check (length(name) between 1 and 100),
  integration_type text not null check (integration_type in ('mqtt_hosted', 'mqtt_external')),
  decoder text not null default 'auto',
  -- Unknown devices are registered on their first message, up to a limit.
  auto_register boolean not null default true,
  device_limit integer not null default 100000 check (device_limit >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index if not exists device_integrations_organization_idx
  on public.device_integrations (organization_id);
create unique index if not exists device_integrations_hosted_idx
  on public.device_integrations (organization_id) where integration_type = 'mqtt_hosted';
create or replace function private.spell_integration_type()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.integration_type := private.integration_type(new.integration_type);
  return new;
end
$$;
create or replace trigger spell_integration_type
  before insert or update of integration_type
  on public.device_integrations for each row execute function private.spell_integration_type();

create table if not exists public.devices (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  integration_id uuid references public.device_integrations on delete set null,
  external_device_id text not null check (length(external_device_id) between 1 and 128),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, external_device_id)
);
create index if not exists devices_integration_idx on public.devices (integration_id);

create table if not exists public.mqtt_credentials (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  device_id uuid references public.devices on delete cascade,
  label text not null default '' check (length(label) <= 100),
  username text not null unique check (username ~ '^[A-Za-z0-9_-]{1,64}$'),
  password_hash text not null,
  topic_prefix text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  disabled_at timestamptz,
  -- The credential that this one takes over from, which expires meanwhile.
  replaces uuid references public.mqtt_credentials on delete set null,
  check (topic_prefix like 'org\_' || organization_id || '/devices/%')
);
create index if not exists mqtt_credentials_organization_idx on public.mqtt_credentials (organization_id);
create index if not exists mqtt_credentials_device_idx on public.mqtt_credentials (device_id);
create index if not exists mqtt_credentials_replaces_idx on public.mqtt_credentials (replaces);

-- Who is asking. A user's membership, or the API key that `request.jwt.claims` names: both are looked
-- up here and nowhere else, so a policy never reads a table that has policies, and a revoked key or
-- a removed member is out at the next statement.
create or replace function private.organizations_of(least_role text)
returns setof uuid
language sql stable security definer set search_path = ''
as $$
  with ranks (role, rank) as (values ('viewer', 1), ('member', 2), ('admin', 3), ('owner', 4)),
       claims as (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claim)
  select m.organization_id
    from public.organization_members m
    join ranks r on r.role = m.role
   where m.user_id = (select (claim ->> 'sub')::uuid from claims)
     and r.rank >= (select rank from ranks where role = least_role)
  union all
  select k.organization_id
    from public.organization_api_keys k
    join ranks r on r.role = k.role
   where k.id = (select (claim ->> 'api_key_id')::uuid from claims)
     and k.revoked_at is null
     and (k.expires_at is null or k.expires_at > now())
     and r.rank >= (select rank from ranks where role = least_role)
$$;
revoke all on function private.organizations_of from public;
grant execute on function private.organizations_of to authenticated, service_role;

-- An organization begins with its first owner and its hosted integration.
create or replace function private.found_organization(name text, owner uuid)
returns uuid
language sql set search_path = ''
as $$
  with created as (
    insert into public.organizations (name) values (found_organization.name) returning id
  ), owned as (
    insert into public.organization_members (organization_id, user_id, role) select id, owner, 'owner' from created
  ), connected as (
    insert into public.device_integrations (organization_id, name, integration_type)
    select id, 'Hosted broker', 'mqtt_hosted' from created
  )
  select id from created
$$;
revoke all on function private.found_organization from public;

create or replace function public.create_organization(name text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  caller uuid := (claims ->> 'sub')::uuid;
begin
  if caller is null then
    raise exception 'only a signed-in user creates organizations' using errcode = '42501';
  end if;
  return private.found_organization(create_organization.name, caller);
end
$$;
revoke all on function public.create_organization from public, anon;
grant execute on function public.create_organization to authenticated, service_role;

-- Every organization keeps an owner.
create or replace function private.keep_an_owner()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Serialises changes of owners within one organization, or two could each see the other remain.
  perform 1 from public.organizations where id = old.organization_id for update;
  if found and not exists (
    select 1 from public.organization_members
     where organization_id = old.organization_id and role = 'owner'
  ) then
    raise exception 'an organization needs at least one owner' using errcode = '23514';
  end if;
  return null;
end
$$;
create or replace trigger keep_an_owner
  after delete or update of role on public.organization_members
  for each row when (old.role = 'owner') execute function private.keep_an_owner();

-- Processes cache credentials, devices and integrations; they drop what this names.
create or replace function private.announce_change()
returns trigger
language plpgsql set search_path = ''
as $$
declare
  changed jsonb := to_jsonb(coalesce(old, new));
begin
  perform pg_notify('changes', json_build_object(
    'table', tg_table_name,
    'operation', lower(tg_op),
    'id', changed ->> 'id',
    'organization_id', changed ->> 'organization_id',
    'integration_id', changed ->> 'integration_id',
    'username', changed ->> 'username',
    'external_device_id', changed ->> 'external_device_id')::text);
  return null;
end
$$;
-- last_used_at changes all the time and concerns no cache.
create or replace trigger announce_change
  after insert or delete or update of password_hash, disabled_at, expires_at, device_id, organization_id
  on public.mqtt_credentials for each row execute function private.announce_change();
create or replace trigger announce_change
  after delete or update of external_device_id, organization_id
  on public.devices for each row execute function private.announce_change();
create or replace trigger announce_change
  after insert or delete or update on public.device_integrations
  for each row execute function private.announce_change();
create or replace trigger announce_change
  after delete on public.organizations for each row execute function private.announce_change();

-- Row-level security: viewers read, members work with devices, admins administer, owners own.
alter table public.organizations enable row level security;
alter table public.organization_members enable row level security;
alter table public.organization_invitations enable row level security;
alter table public.organization_api_keys enable row level security;
alter table public.device_integrations enable row level security;
alter table public.devices enable row level security;
alter table public.mqtt_credentials enable row level security;

create policy organizations_read on public.organizations for select to authenticated
  using (id in (select private.organizations_of('viewer')));
create policy organizations_update on public.organizations for update to authenticated
  using (id in (select private.organizations_of('admin')))
  with check (id in (select private.organizations_of('admin')));

create policy members_read on public.organization_members for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
-- Admins manage everyone but owners; owners are made and unmade by owners; anyone may leave.
create policy members_insert on public.organization_members for insert to authenticated
  with check (organization_id in (select private.organizations_of('owner')));
create policy members_update on public.organization_members for update to authenticated
  using (organization_id in (select private.organizations_of('owner'))
         or (role <> 'owner' and organization_id in (select private.organizations_of('admin'))))
  with check (organization_id in (select private.organizations_of('owner'))
         or (role <> 'owner' and organization_id in (select private.organizations_of('admin'))));
create policy members_delete on public.organization_members for delete to authenticated
  using (organization_id in (select private.organizations_of('owner'))
         or (role <> 'owner' and organization_id in (select private.organizations_of('admin')))
         or user_id = (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid);

create policy invitations_read on public.organization_invitations for select to authenticated
  using (organization_id in (select private.organizations_of('admin')));
create policy invitations_insert on public.organization_invitations for insert to authenticated
  with check (organization_id in (select private.organizations_of('owner'))
         or (role <> 'owner' and organization_id in (select private.organizations_of('admin'))));
create policy invitations_delete on public.organization_invitations for delete to authenticated
  using (organization_id in (select private.organizations_of('admin')));

create policy api_keys_read on public.organization_api_keys for select to authenticated
  using (organization_id in (select private.organizations_of('admin')));
create policy api_keys_insert on public.organization_api_keys for insert to authenticated
  with check (organization_id in (select private.organizations_of('admin')));
create policy api_keys_update on public.organization_api_keys for update to authenticated
  using (organization_id in (select private.organizations_of('admin')))
  with check (organization_id in (select private.organizations_of('admin')));
create policy api_keys_delete on public.organization_api_keys for delete to authenticated
  using (organization_id in (select private.organizations_of('admin')));

create policy integrations_read on public.device_integrations for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy integrations_update on public.device_integrations for update to authenticated
  using (organization_id in (select private.organizations_of('admin')))
  with check (organization_id in (select private.organizations_of('admin')));

create policy devices_read on public.devices for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy devices_insert on public.devices for insert to authenticated
  with check (organization_id in (select private.organizations_of('member')));
create policy devices_update on public.devices for update to authenticated
  using (organization_id in (select private.organizations_of('member')))
  with check (organization_id in (select private.organizations_of('member')));
create policy devices_delete on public.devices for delete to authenticated
  using (organization_id in (select private.organizations_of('member')));

create policy credentials_read on public.mqtt_credentials for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy credentials_insert on public.mqtt_credentials for insert to authenticated
  with check (organization_id in (select private.organizations_of('admin')));
create policy credentials_update on public.mqtt_credentials for update to authenticated
  using (organization_id in (select private.organizations_of('admin')))
  with check (organization_id in (select private.organizations_of('admin')));
create policy credentials_delete on public.mqtt_credentials for delete to authenticated
  using (organization_id in (select private.organizations_of('admin')));

-- Column grants: hashes are written, never read; what identifies a row is never changed.
revoke all on public.organizations, public.organization_members, public.organization_invitations,
  public.organization_api_keys, public.device_integrations, public.devices, public.mqtt_credentials
  from anon, authenticated;
grant select on public.organizations to authenticated;
grant update (name) on public.organizations to authenticated;
grant select, insert, delete on public.organization_members to authenticated;
grant update (role) on public.organization_members to authenticated;
grant select (id, organization_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by),
  insert, delete on public.organization_invitations to authenticated;
grant select (id, organization_id, name, role, key_prefix, created_by, created_at, last_used_at, expires_at, revoked_at),
  insert, update (name, revoked_at), delete on public.organization_api_keys to authenticated;
-- By column too: the host platform's `settings` may hold a broker's password.
grant select (id, organization_id, name, integration_type, decoder, auto_register, device_limit, created_at, updated_at),
  update (name, decoder, auto_register, device_limit, updated_at)
  on public.device_integrations to authenticated;
grant select, insert (id, organization_id, integration_id, external_device_id, name), update (name, updated_at), delete
  on public.devices to authenticated;
grant select (id, organization_id, device_id, label, username, topic_prefix, created_at, last_used_at, expires_at, disabled_at, replaces),
  insert (id, organization_id, device_id, label, username, password_hash, topic_prefix, expires_at, replaces),
  update (label, expires_at, disabled_at), delete
  on public.mqtt_credentials to authenticated;
grant all on public.organizations, public.organization_members, public.organization_invitations,
  public.organization_api_keys, public.device_integrations, public.devices, public.mqtt_credentials
  to service_role;

-- A row may point only at rows of its own organization; a foreign key alone does not say so.
create or replace function private.same_organization()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_table_name = 'mqtt_credentials' then
    if new.device_id is not null and not exists (
      select 1 from public.devices where id = new.device_id and organization_id = new.organization_id
        and new.topic_prefix = 'org_' || new.organization_id || '/devices/' || external_device_id || '/#') then
      raise exception 'the device is not of this organization' using errcode = '23503';
    end if;
    if new.device_id is null and new.topic_prefix <> 'org_' || new.organization_id || '/devices/#' then
      raise exception 'the topic prefix does not fit' using errcode = '23514';
    end if;
  elsif new.integration_id is not null and not exists (
    select 1 from public.device_integrations where id = new.integration_id and organization_id = new.organization_id) then
    raise exception 'the integration is not of this organization' using errcode = '23503';
  end if;
  return new;
end
$$;
create or replace trigger same_organization
  before insert or update of organization_id, device_id, topic_prefix
  on public.mqtt_credentials for each row execute function private.same_organization();
create or replace trigger same_organization
  before insert or update of organization_id, integration_id
  on public.devices for each row execute function private.same_organization();
