-- Commands: something asked of a device. A row is the outbox and the truth; pgmq only carries the word that there is
-- something to do for a device. How they are sent: docs/decisions/commands-take-turns-by-device.md

-- Where there is no extension, `migrate` has put pgmq's own SQL here before.
do $$
begin
  if to_regnamespace('pgmq') is null then
    create extension pgmq;
  end if;
  -- Of devices on our own broker, which only a process beside it reaches, and of those on customers'.
  perform pgmq.create(queue) from unnest(array['commands_hosted', 'commands_external']) as queue
    where queue not in (select queue_name from pgmq.meta);
end
$$;

-- What devices of a kind have in common.
create table public.device_types (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations on delete cascade,
  name text not null check (length(name) between 1 and 100),
  -- [{"name": "set_interval", "description": …, "fields": [{"name": "seconds", "type": "number", …}]}]
  commands jsonb not null default '[]'
    check (jsonb_typeof(commands) = 'array' and octet_length(commands::text) <= 262144),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, name)
);
alter table public.devices
  add column if not exists device_type_id uuid references public.device_types on delete set null;
create index if not exists devices_device_type_idx on public.devices (device_type_id);

create table public.device_commands (
  id uuid primary key default gen_random_uuid(),
  -- That of the device, where it is left out.
  organization_id uuid not null references public.organizations on delete cascade,
  device_id uuid not null references public.devices on delete cascade,
  name text not null check (length(name) between 1 and 100),
  params jsonb not null default '{}' check (octet_length(params::text) <= 131072),
  -- As domain/command.ts has them.
  state text not null default 'queued' check (state in ('queued', 'published', 'delivered', 'acknowledged',
    'succeeded', 'failed', 'expired', 'cancelled', 'undeliverable')),
  reason text,
  detail text not null default '',
  result jsonb,
  -- A second row with the same key is refused: `on conflict do nothing` makes a repeat harmless.
  idempotency_key text check (length(idempotency_key) between 1 and 200),
  -- Takes the place of those of the device with the same key that are not sent yet.
  supersede_key text check (length(supersede_key) between 1 and 100),
  -- Also what SQL sets is a time that everybody can say.
  expires_at timestamptz not null default now() + interval '1 day' constraint expires_within_30_days
    check (expires_at between timestamptz '1970-01-01 00:00:00+00' and created_at + interval '720 hours'),
  created_at timestamptz not null default now(),
  -- User or API key; null for who needs none.
  requested_as text check (requested_as in ('user', 'api_key')),
  requested_by uuid,
  sent_again_of uuid references public.device_commands on delete set null,
  -- A device's commands go out in this order.
  sequence bigint not null,
  attempts integer not null default 0,
  -- While it is being sent: until then nobody else sends it, and it can't be called off.
  sending_until timestamptz,
  -- Set when no client of the device is there: it is looked at again when one is.
  waits_for_device boolean not null default false,
  next_attempt_at timestamptz,
  -- When the broker was asked, and whether a client without QoS 1 was given it, which confirms nothing.
  published_at timestamptz,
  handed_over boolean not null default false,
  delivered_at timestamptz,
  acknowledged_at timestamptz,
  finished_at timestamptz,
  changed_in xid8 not null default pg_current_xact_id()
) with (fillfactor = 60);
create sequence private.device_command_sequence;
create index device_commands_organization_idx on public.device_commands (organization_id, created_at desc, id desc);
create index device_commands_device_idx on public.device_commands (device_id, created_at desc, id desc);
create index device_commands_stream_idx on public.device_commands (organization_id, changed_in);
create index device_commands_again_idx on public.device_commands (sent_again_of) where sent_again_of is not null;
-- What needs a person: found among many that do not.
create index device_commands_failed_idx on public.device_commands (organization_id, created_at desc, id desc)
  where state in ('failed', 'undeliverable');
create unique index device_commands_idempotency_idx on public.device_commands (organization_id, idempotency_key)
  where idempotency_key is not null;
create index device_commands_finished_idx on public.device_commands (finished_at) where finished_at is not null;
-- The next one of a device; all that wait for their device; what may have expired.
create index device_commands_queue_idx on public.device_commands (device_id, sequence) where state = 'queued';
create index device_commands_away_idx on public.device_commands (organization_id, device_id)
  where state = 'queued' and waits_for_device;
create index device_commands_open_idx on public.device_commands (expires_at)
  where finished_at is null and state <> 'acknowledged';
create index device_commands_under_way_idx on public.device_commands (expires_at)
  where finished_at is null and state = 'acknowledged';

-- Says that there may be something to do for devices, now or after so many seconds. Of one organization 500 in a second:
-- the words are read in their order, and those of others would wait behind all of them.
create function private.call_devices(devices uuid[], seconds integer default 0)
returns void
language sql security definer
set search_path = '' set plan_cache_mode = force_generic_plan
as $$
  with called as materialized (
    select json_build_object('device', d.id)::jsonb as message, i.id is null or i.mode = 'bridge' as is_hosted,
           seconds + ((row_number() over (partition by d.organization_id) - 1) / 500)::integer as delay
      from public.devices d
      left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
     where d.id = any (devices)
  ), hosted as (
    -- As pgmq.send does, whose three functions take longer than all else that is done here.
    insert into pgmq.q_commands_hosted (vt, message)
    select clock_timestamp() + make_interval(secs => delay), message from called where is_hosted
  ), external as (
    insert into pgmq.q_commands_external (vt, message)
    select clock_timestamp() + make_interval(secs => delay), message from called where not is_hosted
  )
  select pg_notify('commands', case when is_hosted then 'commands_hosted' else 'commands_external' end)
    from (select distinct is_hosted from called where delay = 0) now
$$;
revoke all on function private.call_devices from public;

-- What a new command begins with, whoever inserts it.
create function private.enter_command()
returns trigger
language plpgsql security definer
set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  owner uuid;
  is_repeat boolean;
begin
  -- Inserts for one device wait for each other, so that the order of sequence is that of commits. Writes of readings
  -- lock other rows.
  select organization_id into owner from public.devices where id = new.device_id
     and (claims is null or claims ->> 'role' <> 'authenticated'
          or organization_id in (select private.organizations_of('viewer')))
     for no key update;
  if owner is null or new.organization_id <> owner then
    raise exception 'there is no such device' using errcode = '23503';
  end if;
  if new.sent_again_of is not null and not exists (
    select from public.device_commands where id = new.sent_again_of and device_id = new.device_id) then
    raise exception 'the command to send again is not of this device' using errcode = '23503';
  end if;
  -- A repeat adds none, and takes nobody's place: the insert will find that it is there already.
  is_repeat := exists (select from public.device_commands
    where organization_id = owner and idempotency_key = new.idempotency_key);
  if not is_repeat and (select count(*) from (select from public.device_commands
        where device_id = new.device_id and state = 'queued' limit 1000) waiting) = 1000 then
    raise exception '1000 commands wait for this device already' using errcode = 'NN002';
  end if;
  new.organization_id := owner;
  new.sequence := nextval('private.device_command_sequence');
  new.requested_as := case when claims ? 'sub' then 'user' when claims ? 'api_key_id' then 'api_key' end;
  new.requested_by := coalesce(claims ->> 'sub', claims ->> 'api_key_id')::uuid;
  new.created_at := now();
  new.state := 'queued';
  if new.expires_at <= now() then
    new.state := 'expired';
    new.reason := 'not_sent';
    new.finished_at := now();
  elsif new.supersede_key is not null and not is_repeat then
    update public.device_commands set state = 'cancelled', reason = 'superseded'
     where device_id = new.device_id and supersede_key = new.supersede_key and state = 'queued'
       and coalesce(sending_until, '-infinity') < now();
  end if;
  return new;
end
$$;
create trigger enter_command
  before insert on public.device_commands for each row execute function private.enter_command();

create function private.announce_commands()
returns trigger
language plpgsql security definer
set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  perform private.call_devices(array(select distinct device_id from created where state = 'queued'));
  perform pg_notify('stored', organization_id::text) from (select distinct organization_id from created) told;
  return null;
end
$$;
create trigger announce_commands
  after insert on public.device_commands referencing new table as created
  for each statement execute function private.announce_commands();

-- Whatever writes: one that has ended stays as it is, and each change is an event.
create function private.change_command()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if old.finished_at is not null and row (new.state, new.result, new.reason)
     is distinct from row (old.state, old.result, old.reason) then
    raise exception 'the command has ended as %', old.state using errcode = '23514';
  end if;
  if row (new.state, new.reason, new.detail, new.result) is distinct from row (old.state, old.reason, old.detail, old.result) then
    new.changed_in := pg_current_xact_id();
  end if;
  if new.finished_at is null and new.state in ('succeeded', 'failed', 'expired', 'cancelled', 'undeliverable') then
    new.finished_at := now();
  end if;
  if new.state <> 'queued' then
    new.sending_until := null;
    new.waits_for_device := false;
    new.next_attempt_at := null;
  end if;
  return new;
end
$$;
create trigger change_command
  before update on public.device_commands for each row execute function private.change_command();

-- Calls a command off that is not sent yet. Returns the state that it is in then; null for one that the caller does
-- not know, or may not call off.
create function public.cancel_command(command uuid)
returns text
language plpgsql security definer set search_path = ''
as $$
declare
  found_state text;
  organization uuid;
begin
  update public.device_commands c set state = 'cancelled', reason = 'cancelled'
   where c.id = command and c.state = 'queued' and coalesce(c.sending_until, '-infinity') < now()
     and c.organization_id in (select private.organizations_of('member'))
  returning c.state, c.organization_id into found_state, organization;
  if found_state is not null then
    perform pg_notify('stored', organization::text);
    return found_state;
  end if;
  select c.state into found_state from public.device_commands c
   where c.id = command and c.organization_id in (select private.organizations_of('member'));
  return found_state;
end
$$;
revoke all on function public.cancel_command from public, anon;
grant execute on function public.cancel_command to authenticated, service_role;

-- Takes the turns of devices that nobody else has, or renews them, and with each the device's next commands, up to ten
-- and as far as they may be sent now. One that waits for its device is tried too: whoever asks has reason to. The tables
-- change too fast for the planner to know how large they are: it is told to go by the indexes, and to plan once; and rows
-- are asked for by `id = any`, or it might go through a whole index in the order of another.
create function private.take_turns(devices uuid[], worker uuid, seconds float8, hosted boolean)
returns table (turn uuid, organization uuid, external_device_id text, integration uuid, mode text, enabled boolean,
  form jsonb, commands json, has_more boolean, held boolean)
language sql security definer
set search_path = '' set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $$
  with mine as (
    insert into private.leases as l (name, holder, expires_at)
    select 'commands/' || d.id, worker, now() + make_interval(secs => seconds)
      from public.devices d
      left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
     where d.id = any (devices) and (hosted or i.id is not null and i.mode is distinct from 'bridge')
     order by d.id
    on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at,
      fencing = l.fencing + (l.holder <> excluded.holder)::int
      where l.holder = excluded.holder or l.expires_at < now()
    returning substr(l.name, length('commands/') + 1)::uuid as device
  ), next as materialized (
    select mine.device, due.id, due.place, due.has_more
      from mine cross join lateral (
        select id, row_number() over by_age as place, count(*) over () > 10 as has_more,
               bool_and(coalesce(next_attempt_at, '-infinity') <= now()) over by_age as is_due
          from (select c.id, c.next_attempt_at, c.sequence from public.device_commands c
                 where c.device_id = mine.device and c.state = 'queued' and c.expires_at > now()
                 order by c.sequence limit 11) waiting
        window by_age as (order by sequence)) due
     where due.is_due and due.place <= 10
  ), free as materialized (
    -- Whoever holds a row, as a transaction in which it is superseded, holds up that device and nobody else. Sent by
    -- somebody else while this waited for the turn, it is not queued any more. With coalesce, so that rows are found by
    -- their ids, and not by going through all that is queued.
    select c.id from public.device_commands c
     where c.id = any (array(select id from next)) and coalesce(c.state, '') = 'queued'
       for no key update skip locked
  ), ready as (
    -- None before those ahead of it.
    select next.*, bool_and(free.id is not null) over (partition by next.device order by next.place) as is_ready
      from next left join free using (id)
  ), taken as (
    update public.device_commands c set sending_until = now() + make_interval(secs => seconds)
      from ready where c.id = ready.id and ready.is_ready and c.id = any (array(select id from free))
    returning c.device_id, ready.place, json_build_object('id', c.id, 'name', c.name, 'params', c.params,
      'attempts', c.attempts,
      'expiresAt', to_char(c.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as command
  )
  select d.id, d.organization_id, d.external_device_id, i.id, coalesce(i.mode, 'subscribe'), i.enabled,
         i.configuration -> 'commands',
         (select coalesce(json_agg(t.command order by t.place), '[]') from taken t where t.device_id = d.id),
         exists (select from next n where n.device = d.id and n.has_more),
         exists (select from ready r where r.device = d.id and r.place = 1 and not r.is_ready)
    from mine
    join public.devices d on d.id = mine.device and d.id = any (devices)
    left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
  union all
  -- Of a device that has been deleted only the word is left.
  select device, null, null, null, null, null, null, '[]', false, false
    from unnest(devices) as device
   where device <> all (array(select d.id from public.devices d where d.id = any (devices)))
$$;
revoke all on function private.take_turns from public;

-- Reads words of a queue, and takes the turns of the devices that they call, but for those that the worker has in hand.
-- On customers' brokers no organization has more turns than most_each, of which the worker has busy_turns already: words
-- beyond are for later. Those of devices that have come to be on the hosted broker are for its queue.
create function private.read_turns(queue text, most integer, worker uuid, seconds integer, hosted boolean, in_hand uuid[],
  most_each integer, busy uuid[], busy_turns integer[])
returns table (word bigint, device uuid, is_for_later boolean, is_for_hosted boolean, turn uuid, organization uuid,
  external_device_id text, integration uuid, mode text, enabled boolean, form jsonb, commands json, has_more boolean,
  held boolean)
language sql security definer
set search_path = '' set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $$
  -- As pgmq.read does, which is planned anew each time.
  with hosted_words as (
    update pgmq.q_commands_hosted q set vt = clock_timestamp() + make_interval(secs => seconds), read_ct = q.read_ct + 1
      from (select w.msg_id from pgmq.q_commands_hosted w where queue = 'commands_hosted' and w.vt <= clock_timestamp()
             order by w.msg_id limit most for update skip locked) due
     where q.msg_id = due.msg_id
    returning q.msg_id, q.message
  ), external_words as (
    update pgmq.q_commands_external q set vt = clock_timestamp() + make_interval(secs => seconds), read_ct = q.read_ct + 1
      from (select w.msg_id from pgmq.q_commands_external w where queue = 'commands_external' and w.vt <= clock_timestamp()
             order by w.msg_id limit most for update skip locked) due
     where q.msg_id = due.msg_id
    returning q.msg_id, q.message
  ), words as materialized (
    select msg_id, (message ->> 'device')::uuid as device
      from (select * from hosted_words union all select * from external_words) read
  ), judged as materialized (
    select w.msg_id, w.device, w.device = any (in_hand) as is_in_hand,
           d.id is not null and not w.device = any (in_hand) and coalesce(b.turns, 0) + row_number() over (
             partition by d.organization_id, w.device = any (in_hand) order by w.msg_id) > most_each as is_for_later,
           d.id is not null and not hosted and (i.id is null or i.mode = 'bridge') as is_for_hosted
      from words w
      left join public.devices d
        on d.id = w.device and d.id = any (array(select device from words)) and queue = 'commands_external'
      left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
      left join unnest(busy, busy_turns) as b (organization, turns) on b.organization = d.organization_id
  ), turns as materialized (
    select * from private.take_turns(
      array(select distinct j.device from judged j where not (j.is_in_hand or j.is_for_later or j.is_for_hosted)),
      worker, seconds, hosted)
  )
  select j.msg_id, j.device, j.is_for_later, j.is_for_hosted, t.* from judged j left join turns t on t.turn = j.device
$$;
revoke all on function private.read_turns from public;

-- Ends the turns of devices for which nothing is left to do now, and deletes the words of the queue that began them.
-- Returns the devices for which there is something still. The leases are locked in a statement of its own: whoever
-- fails to take one has committed before, and what they wanted it for is seen by the statement after it.
create function private.end_turns(devices uuid[], worker uuid, hosted_words bigint[], external_words bigint[])
returns setof uuid
language plpgsql security definer
set search_path = '' set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $$
declare
  ended uuid[];
begin
  perform 1 from private.leases
    where name = any (array(select 'commands/' || device from unnest(devices) as device)) and holder = worker
    order by name for update;
  select array_agg(device) into ended
    from unnest(devices) as device
   where not exists (
     select from (select next_attempt_at, waits_for_device from public.device_commands c
                   where c.device_id = device and c.state = 'queued' and c.expires_at > now()
                   order by sequence limit 1) head
      where not head.waits_for_device and coalesce(head.next_attempt_at, '-infinity') <= now());
  delete from private.leases
   where name = any (array(select 'commands/' || device from unnest(ended) as device)) and holder = worker;
  delete from pgmq.q_commands_hosted where msg_id = any (hosted_words);
  delete from pgmq.q_commands_external where msg_id = any (external_words);
  return query select device from unnest(devices) as device where device <> all (coalesce(ended, '{}'));
end
$$;
revoke all on function private.end_turns from public;

-- Writes what has become of commands: of those that are in one of the allowed states, and of the device that says so.
-- Returns those that it wrote. What is to be tried again is called again.
create function private.change_commands(ids uuid[], allowed text[], organizations uuid[], external_device_ids text[],
  states text[], reasons text[], details text[], results jsonb[], attempted boolean[], waiting boolean[],
  retry_seconds float8[], published_at float8[], handed_over boolean[], delivered boolean[], acknowledged boolean[])
returns table (command uuid, organization uuid, told text)
language sql security definer
set search_path = '' set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $$
  with given as materialized (
    select * from unnest(ids, allowed, organizations, external_device_ids, states, reasons, details, results, attempted,
        waiting, retry_seconds, published_at, handed_over, delivered, acknowledged)
      as n (id, allowed, organization, device, state, reason, detail, result, attempted, waiting, retry, published_at,
        handed_over, delivered, acknowledged)
     order by id
  ), changed as (
    update public.device_commands c set
      state = n.state, reason = n.reason, detail = n.detail, result = coalesce(n.result, c.result),
      attempts = c.attempts + n.attempted::int, sending_until = null, waits_for_device = n.waiting,
      next_attempt_at = now() + make_interval(secs => n.retry),
      published_at = coalesce(to_timestamp(n.published_at / 1000), c.published_at),
      handed_over = c.handed_over or n.handed_over,
      delivered_at = case when n.delivered then coalesce(c.delivered_at, now()) else c.delivered_at end,
      acknowledged_at = case when n.acknowledged then now() else c.acknowledged_at end
     from given n
    where c.id = n.id and c.id = any (ids) and coalesce(c.state, '') = any (string_to_array(n.allowed, ','))
      and (n.organization is null or c.organization_id = n.organization)
      and (n.device is null or n.device = (select d.external_device_id from public.devices d where d.id = c.device_id))
    returning c.id, c.organization_id, c.device_id, n.retry
  )
  -- Announced within the transaction: few of them commit at a time, and whoever waits sees it a round trip sooner.
  select id, organization_id, pg_notify('stored', organization_id::text)::text ||
         coalesce(case when retry is not null then private.call_devices(array[device_id], ceil(retry)::int)::text end, '')
    from changed
$$;
revoke all on function private.change_commands from public;

create function private.type_of_organization()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.device_type_id is not null and not exists (
    select from public.device_types where id = new.device_type_id and organization_id = new.organization_id) then
    raise exception 'the device type is not of this organization' using errcode = '23503';
  end if;
  return new;
end
$$;
create trigger type_of_organization
  before insert or update of organization_id, device_type_id
  on public.devices for each row execute function private.type_of_organization();

grant update (device_type_id), insert (device_type_id) on public.devices to authenticated;

alter table public.device_types enable row level security;
alter table public.device_commands enable row level security;
create policy device_types_read on public.device_types for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy device_types_insert on public.device_types for insert to authenticated
  with check (organization_id in (select private.organizations_of('member')));
create policy device_types_update on public.device_types for update to authenticated
  using (organization_id in (select private.organizations_of('member')))
  with check (organization_id in (select private.organizations_of('member')));
create policy device_types_delete on public.device_types for delete to authenticated
  using (organization_id in (select private.organizations_of('member')));
create policy device_commands_read on public.device_commands for select to authenticated
  using (organization_id in (select private.organizations_of('viewer')));
create policy device_commands_insert on public.device_commands for insert to authenticated
  with check (organization_id in (select private.organizations_of('member')));

revoke all on public.device_types, public.device_commands from anon, authenticated;
grant select, insert (id, organization_id, name, commands), update (name, commands, updated_at), delete
  on public.device_types to authenticated;
grant select,
  insert (id, organization_id, device_id, name, params, idempotency_key, supersede_key, expires_at, sent_again_of)
  on public.device_commands to authenticated;
grant all on public.device_types, public.device_commands to service_role;
