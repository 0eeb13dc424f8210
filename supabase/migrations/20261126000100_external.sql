-- Customers' own brokers: how each integration gets its messages, the tokens of webhooks, who holds which connection.

alter table public.device_integrations
  -- How messages of an mqtt_external integration come; null, as a host platform makes them: we subscribe.
  add column if not exists mode text check (mode in ('webhook', 'subscribe', 'bridge', 'forward')),
  add column if not exists enabled boolean not null default true,
  -- [{"topic": "devices/{device}/telemetry", "channel": …, "decoder": …, "decoder_settings": …}], the first that matches counts.
  add column if not exists expected_topics jsonb not null default '[]',
  -- What the decoder needs: a field template, an expression.
  add column if not exists decoder_settings jsonb,
  -- {"broker": …, "webhook": …}; nothing secret, unlike what a host platform may keep in its settings.
  add column if not exists configuration jsonb not null default '{}',
  -- JSON of what must be read back (a broker's password, a signing secret), sealed under the platform's secret key.
  add column if not exists sealed_secrets text;

-- Where rows are changed by SQL or PostgREST: secrets do not follow to another broker. The API seals those it keeps anew.
create or replace function private.secrets_of_broker()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.configuration #>> '{broker,url}' is distinct from old.configuration #>> '{broker,url}'
     and new.sealed_secrets is not distinct from old.sealed_secrets then
    new.sealed_secrets := null;
  end if;
  return new;
end
$$;
create or replace trigger secrets_of_broker
  before update of configuration
  on public.device_integrations for each row execute function private.secrets_of_broker();

-- Tokens of webhooks: SHA-256 of what was shown once. Rotating makes a second one and lets the first expire.
create table if not exists public.integration_tokens (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  integration_id uuid not null references public.device_integrations on delete cascade,
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz
);
create index if not exists integration_tokens_organization_idx on public.integration_tokens (organization_id);
create index if not exists integration_tokens_integration_idx on public.integration_tokens (integration_id);

-- How a connection to a customer's broker stands, as the process that holds it last said.
create table if not exists public.integration_status (
  integration_id uuid primary key references public.device_integrations on delete cascade,
  organization_id uuid not null references public.organizations on delete cascade,
  state text not null check (state in ('connecting', 'connected', 'retrying', 'refused', 'stopped')),
  since timestamptz not null,
  reason text,
  detail text not null default '',
  next_try_at timestamptz,
  -- What the broker's session was last subscribed to: what went meanwhile is unsubscribed.
  filters text[] not null default '{}',
  transaction_id xid8 not null default pg_current_xact_id()
);
create index if not exists integration_status_stream_idx on public.integration_status (organization_id, transaction_id);

-- Who does what only one may do. A row, not a session lock: it survives poolers, and a lapsed one can be told by its
-- fencing number.
create table if not exists private.leases (
  name text primary key,
  holder uuid not null,
  fencing bigint not null default 1,
  expires_at timestamptz not null
);

-- Whether what is said of an integration's connection comes from a process that is there: one that was killed says
-- nothing any more, and a renewal may be late.
create or replace function private.is_subscribed(integration uuid)
returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from private.leases l
      join public.device_integrations i on i.id = integration
     where l.name = 'subscription/' || integration and l.expires_at > now() - interval '15 seconds'
       and i.organization_id in (select private.organizations_of('viewer')))
$$;
revoke all on function private.is_subscribed from public;
grant execute on function private.is_subscribed to authenticated, service_role;

-- Ids that senders gave their messages, as the first half of a SHA-256 of integration and id; kept for a day. By it
-- a message that is sent again is known, whatever time it states.
create table if not exists private.message_ids (
  id_key uuid primary key,
  received_at timestamptz not null
);
create index if not exists message_ids_age_idx on private.message_ids using brin (received_at);

-- When the last message came.
alter table public.integration_traffic add column if not exists last_at timestamptz;

-- A bridge's credential belongs to its integration; the topics of its broker lie below the prefix.
alter table public.mqtt_credentials
  add column if not exists integration_id uuid references public.device_integrations on delete cascade;
create index if not exists mqtt_credentials_integration_idx on public.mqtt_credentials (integration_id);
grant select (integration_id), insert (integration_id) on public.mqtt_credentials to authenticated;
create or replace function private.bridge_of_organization()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.integration_id is not null and not exists (
    select 1 from public.device_integrations
     where id = new.integration_id and organization_id = new.organization_id and mode = 'bridge') then
    raise exception 'the integration is not of this organization' using errcode = '23503';
  end if;
  return new;
end
$$;
create or replace trigger bridge_of_organization
  before insert or update of organization_id, integration_id
  on public.mqtt_credentials for each row execute function private.bridge_of_organization();

alter table public.integration_tokens enable row level security;
alter table public.integration_status enable row level security;

create policy integrations_insert on public.device_integrations for insert to authenticated
  with check (integration_type = 'mqtt_external' and organization_id in (select private.organizations_of('admin')));
create policy integrations_delete on public.device_integrations for delete to authenticated
  using (integration_type = 'mqtt_external' and organization_id in (select private.organizations_of('admin')));
create policy integration_tokens_read on public.integration_tokens for select to authenticated
  using (organization_id in (select private.organizations_of('admin')));
create policy integration_tokens_insert on public.integration_tokens for insert to authenticated
  with check (organization_id in (select private.organizations_of('admin')));
create policy integration_tokens_update on public.integration_tokens for update to authenticated
  using (organization_id in (select private.organizations_of('admin')))
  with check (organization_id in (select private.organizations_of('admin')));
create policy integration_tokens_delete on public.integration_tokens for delete to authenticated
  using (organization_id in (select private.organizations_of('admin')));
create policy integration_status_read on public.integration_status for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));

-- Sealed secrets are written, never read; whether there are any may be known.
revoke all on public.device_integrations, public.integration_tokens, public.integration_status from anon, authenticated;
grant select (id, organization_id, name, integration_type, mode, enabled, decoder, decoder_settings, expected_topics,
    configuration, auto_register, device_limit, created_at, updated_at),
  insert (id, organization_id, name, integration_type, mode, enabled, decoder, decoder_settings, expected_topics,
    configuration, sealed_secrets, auto_register, device_limit),
  update (name, enabled, decoder, decoder_settings, expected_topics, configuration, sealed_secrets, auto_register,
    device_limit, updated_at),
  delete
  on public.device_integrations to authenticated;
grant select (id, organization_id, integration_id, created_at, expires_at),
  insert (id, organization_id, integration_id, token_hash, expires_at), update (expires_at), delete
  on public.integration_tokens to authenticated;
grant select on public.integration_status to authenticated;
grant all on public.device_integrations, public.integration_tokens, public.integration_status to service_role;

create or replace trigger announce_change
  after insert or delete or update of expires_at on public.integration_tokens
  for each row execute function private.announce_change();
create or replace trigger same_organization
  before insert or update of organization_id, integration_id
  on public.integration_tokens for each row execute function private.same_organization();
