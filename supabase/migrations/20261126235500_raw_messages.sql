-- A device's last raw messages are written for every message where many devices say little. What made that dear goes:
-- checks of two foreign keys, row by row, and an index that nothing reads. A deleted device takes its messages along as it
-- does its history; who writes them holds its row meanwhile.

alter table public.device_messages drop constraint if exists device_messages_device_id_fkey;
alter table public.device_messages drop constraint if exists device_messages_organization_id_fkey;
drop index if exists public.device_messages_organization_idx;

create or replace function private.delete_device_history()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.device_telemetry_history h using deleted where h.device_id = deleted.id;
  delete from public.device_messages m using deleted where m.device_id = deleted.id;
  return null;
end
$$;
