-- What devices sent, what became of it, and what is known of each device now.

-- One row per reading. The primary key is what makes a resend harmless and is the index charts read by:
--   message_key  of a message with a believed device time: a hash of topic and payload; otherwise unique by
--                received_at, which no two messages of a process share.
--   transaction_id  what an event stream resumes by: unlike a sequence it can be compared with a snapshot,
--                so a transaction that commits late is not skipped.
-- The defaults are for a plain INSERT, by hand or of the host platform; ingest states everything.
-- There is no foreign key to devices: its check would cost as much as the insert; device_state has one
-- and is written in the same transaction.
create table if not exists public.device_telemetry_history (
  organization_id uuid not null,
  device_id uuid not null,
  recorded_at timestamptz not null default now(),
  received_at timestamptz not null default now(),
  device_timestamp timestamptz,
  message_key bigint not null default hashtextextended(gen_random_uuid()::text, 0),
  transaction_id xid8 not null default pg_current_xact_id(),
  -- Why the device's time was not believed; null when it was, or when it stated none.
  time_mark text,
  telemetry jsonb not null,
  primary key (device_id, recorded_at, message_key)
) partition by range (recorded_at);
create index if not exists device_telemetry_history_stream_idx
  on public.device_telemetry_history (organization_id, transaction_id);

-- Months are attached, not created in place: attaching does not wait for, nor hold up, running inserts.
create or replace function private.ensure_history_partition(month date)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  starts date := date_trunc('month', month)::date;
  partition_name text := 'device_telemetry_history_' || to_char(starts, 'YYYY_MM');
begin
  if to_regclass('public.' || partition_name) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('device_telemetry_history'));
  -- From the table, not by name: a session remembers names that it did not find, and this lock does not make it forget.
  if exists (select from pg_catalog.pg_class
              where relname = partition_name and relnamespace = 'public'::regnamespace) then
    return;
  end if;
  execute format('create table public.%I (like public.device_telemetry_history including defaults including indexes)',
    partition_name);
  execute format('alter table public.%I enable row level security', partition_name);
  execute format('revoke all on public.%I from anon, authenticated', partition_name);
  execute format('alter table public.device_telemetry_history attach partition public.%I for values from (%L) to (%L)',
    partition_name, starts::timestamp at time zone 'UTC', (starts + interval '1 month')::timestamp at time zone 'UTC');
end
$$;
revoke all on function private.ensure_history_partition from public;

-- What is known of a device now. Written once per device and batch, so it keeps room for updates in place
-- and no index on a column that changes with every message.
create table if not exists public.device_state (
  device_id uuid primary key references public.devices on delete cascade,
  organization_id uuid not null references public.organizations on delete cascade,
  -- {"temperature": {"value": 21.5, "recorded_at": "2026-11-23T12:00:00Z"}}
  latest jsonb not null default '{}',
  newest_recorded_at timestamptz,
  last_message_at timestamptz,
  usual_interval_ms integer,
  presence text not null default 'unknown' check (presence in ('online', 'late', 'offline', 'unknown')),
  presence_since timestamptz not null default now(),
  presence_reason text not null default 'never_seen',
  presence_changed_in xid8 not null default pg_current_xact_id(),
  status text check (status in ('online', 'offline')),
  status_at timestamptz,
  -- The gateway connection that last spoke for the device, and how it stands.
  connection_id uuid,
  connection text check (connection in ('connected', 'closed', 'lost')),
  connection_at timestamptz
) with (fillfactor = 50);
create index if not exists device_state_presence_idx on public.device_state (organization_id, presence);
create index if not exists device_state_stream_idx on public.device_state (organization_id, presence_changed_in);

create or replace function private.create_device_state()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.device_state (device_id, organization_id)
  select id, organization_id from created on conflict do nothing;
  return null;
end
$$;
create or replace trigger create_device_state
  after insert on public.devices referencing new table as created
  for each statement execute function private.create_device_state();

-- Latest means latest by recorded_at, metric by metric. The common case (everything newer than all that is
-- known) is a plain `||` in the caller; this is for late and mixed arrivals.
create or replace function private.merge_latest(known jsonb, arrived jsonb)
returns jsonb
language sql immutable parallel safe set search_path = ''
as $$
  select coalesce(known, '{}') || coalesce(jsonb_object_agg(key, value), '{}')
    from jsonb_each(arrived)
   where known -> key is null
      or (value ->> 'recorded_at')::timestamptz >= (known -> key ->> 'recorded_at')::timestamptz
$$;

-- Makes a statement fail, and with it all that it did: for a batch that names a device that is gone.
create or replace function private.fail_unless(holds boolean, complaint text)
returns boolean
language plpgsql volatile set search_path = ''
as $$
begin
  if holds then
    return true;
  end if;
  raise exception '%', complaint using errcode = 'NN001';
end
$$;
revoke all on function private.fail_unless from public;

-- The uses of packet ids by one client in one batch, newest rows last: packet id (2 bytes) and payload hash
-- (8 bytes) after one another. By it a resend (DUP) of a message without id or time is known again.
-- Written for QoS 1 and 2 without a believed time only, kept for a day.
create table if not exists private.message_keys (
  client_key bigint not null,
  received_at timestamptz not null,
  uses bytea not null
);
create index if not exists message_keys_client_idx on private.message_keys (client_key, received_at);
create index if not exists message_keys_age_idx on private.message_keys using brin (received_at);

create table if not exists public.message_quarantine (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  integration_id uuid references public.device_integrations on delete cascade,
  external_device_id text,
  topic text not null,
  payload bytea not null,
  qos smallint not null,
  retain boolean not null,
  reason text not null,
  detail text not null default '',
  client_id text,
  received_at timestamptz not null,
  transaction_id xid8 not null default pg_current_xact_id()
);
create index if not exists message_quarantine_stream_idx
  on public.message_quarantine (organization_id, transaction_id);
create index if not exists message_quarantine_organization_idx
  on public.message_quarantine (organization_id, received_at desc, id desc);
create index if not exists message_quarantine_integration_idx on public.message_quarantine (integration_id);

-- The last raw messages of each device with what became of them.
create table if not exists public.device_messages (
  device_id uuid not null references public.devices on delete cascade,
  organization_id uuid not null references public.organizations on delete cascade,
  received_at timestamptz not null,
  topic text not null,
  payload bytea not null,
  payload_bytes integer not null,
  qos smallint not null,
  retain boolean not null,
  outcome text not null check (outcome in ('stored', 'duplicate', 'quarantined', 'rejected')),
  reason text,
  readings smallint not null default 0,
  primary key (device_id, received_at)
);
create index if not exists device_messages_organization_idx on public.device_messages (organization_id);

-- Counted per minute: what the rate on the overview is made of.
create table if not exists public.integration_traffic (
  integration_id uuid not null references public.device_integrations on delete cascade,
  organization_id uuid not null references public.organizations on delete cascade,
  minute timestamptz not null,
  stored bigint not null default 0,
  duplicate bigint not null default 0,
  quarantined bigint not null default 0,
  rejected bigint not null default 0,
  bytes bigint not null default 0,
  primary key (integration_id, minute)
);
create index if not exists integration_traffic_organization_idx on public.integration_traffic (organization_id, minute);

-- The last hundred duplicates and rejections of each integration.
create table if not exists public.message_receipts (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations on delete cascade,
  integration_id uuid not null references public.device_integrations on delete cascade,
  received_at timestamptz not null,
  outcome text not null check (outcome in ('duplicate', 'rejected')),
  reason text,
  topic text not null,
  client_id text
);
create index if not exists message_receipts_integration_idx on public.message_receipts (integration_id, id);
create index if not exists message_receipts_organization_idx on public.message_receipts (organization_id);

-- Connects, disconnects, refusals, with their reason.
create table if not exists public.integration_activity_log (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations on delete cascade,
  integration_id uuid references public.device_integrations on delete cascade,
  credential_id uuid references public.mqtt_credentials on delete set null,
  occurred_at timestamptz not null,
  event text not null,
  reason text,
  detail text not null default '',
  client_id text,
  username text,
  remote_address text,
  topic text,
  transaction_id xid8 not null default pg_current_xact_id()
);
create index if not exists integration_activity_log_stream_idx
  on public.integration_activity_log (organization_id, transaction_id);
create index if not exists integration_activity_log_organization_idx
  on public.integration_activity_log (organization_id, id desc);
create index if not exists integration_activity_log_integration_idx on public.integration_activity_log (integration_id);
create index if not exists integration_activity_log_credential_idx on public.integration_activity_log (credential_id, id desc);

-- Connections that gateways hold now; a gateway's rows go with it.
create table if not exists public.mqtt_connections (
  id uuid primary key,
  organization_id uuid not null references public.organizations on delete cascade,
  credential_id uuid not null references public.mqtt_credentials on delete cascade,
  gateway_id uuid not null,
  client_id text not null,
  protocol_level smallint not null,
  transport text not null check (transport in ('tcp', 'tls', 'ws', 'wss')),
  remote_address text not null,
  connected_at timestamptz not null
);
create index if not exists mqtt_connections_organization_idx on public.mqtt_connections (organization_id);
create index if not exists mqtt_connections_credential_idx on public.mqtt_connections (credential_id);
create index if not exists mqtt_connections_gateway_idx on public.mqtt_connections (gateway_id);

-- Tenants read all of this and write none of it; devices' owners go through the platform.
do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array[
    'device_telemetry_history', 'device_state', 'message_quarantine', 'device_messages',
    'integration_traffic', 'message_receipts', 'integration_activity_log', 'mqtt_connections'
  ] loop
    execute format('alter table public.%I enable row level security', tenant_table);
    execute format('create policy %I on public.%I for select to authenticated
      using (organization_id in (select private.organizations_of(''viewer'')))', tenant_table || '_read', tenant_table);
    execute format('revoke all on public.%I from anon, authenticated', tenant_table);
    execute format('grant select on public.%I to authenticated', tenant_table);
    execute format('grant all on public.%I to service_role', tenant_table);
  end loop;
end
$$;
revoke all on sequence public.message_receipts_id_seq, public.integration_activity_log_id_seq from anon, authenticated;
-- A quarantined message may be discarded by those who work with devices.
create policy message_quarantine_delete on public.message_quarantine for delete to authenticated
  using (organization_id in (select private.organizations_of('member')));
grant delete on public.message_quarantine to authenticated;

-- A deleted device takes its history along; without a foreign key this does it.
create or replace function private.delete_device_history()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.device_telemetry_history h using deleted where h.device_id = deleted.id;
  return null;
end
$$;
create or replace trigger delete_device_history
  after delete on public.devices referencing old table as deleted
  for each statement execute function private.delete_device_history();

-- Months around now; older ones are made when a reading for them arrives.
select private.ensure_history_partition((now() + make_interval(months => n))::date) from generate_series(-1, 2) n;
