-- What values of devices of a kind are called and measured in, and for how long readings are kept.

alter table public.device_types
  -- [{"name": "t1", "label": "Temperature", "unit": "°C", "min": -40, "max": 85}]
  add column metrics jsonb not null default '[]'
    check (jsonb_typeof(metrics) = 'array' and octet_length(metrics::text) <= 131072),
  add column retention_days integer check (retention_days between 1 and 36500);

-- Not `retention_days`: a host's column of that name says how long the host keeps things, and by it we would delete.
alter table public.organizations
  add column readings_retention_days integer check (readings_retention_days between 1 and 36500);

grant insert (metrics, retention_days), update (metrics, retention_days) on public.device_types to authenticated;
grant update (readings_retention_days) on public.organizations to authenticated;
