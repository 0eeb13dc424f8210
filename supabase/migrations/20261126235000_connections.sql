-- Who is connected now can be looked through, and admins may end a connection: they set `disconnect_asked_at`, and the
-- gateway that holds it hears of it as of every change.

alter table public.mqtt_connections add column if not exists disconnect_asked_at timestamptz;

drop index if exists public.mqtt_connections_organization_idx;
create index mqtt_connections_newest_idx on public.mqtt_connections (organization_id, connected_at desc, id desc);

create policy mqtt_connections_update on public.mqtt_connections for update to authenticated
  using (organization_id in (select private.organizations_of('admin')))
  with check (organization_id in (select private.organizations_of('admin')));
grant update (disconnect_asked_at) on public.mqtt_connections to authenticated;

create trigger announce_change
  after update of disconnect_asked_at on public.mqtt_connections
  for each row execute function private.announce_change();
