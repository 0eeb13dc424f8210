-- `unobserved`: the gateway that held the connection is gone, and nobody knows of the device since then.
alter table public.device_state drop constraint if exists device_state_connection_check;
alter table public.device_state add constraint device_state_connection_check
  check (connection in ('connected', 'closed', 'lost', 'unobserved'));
