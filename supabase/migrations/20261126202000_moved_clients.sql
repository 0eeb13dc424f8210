-- A client that has come to another gateway is looked for by its id.
create index if not exists mqtt_connections_client_idx on public.mqtt_connections (organization_id, client_id);
drop index if exists public.mqtt_connections_organization_idx;
