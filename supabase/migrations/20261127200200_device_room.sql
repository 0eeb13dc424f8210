-- For how many more devices an organization of the caller's has room; null for any number. Until the caller's transaction
-- ends, nobody else registers any where there is a limit: as private.has_device_room, which asks for one.
create function private.device_room(organization uuid)
returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  most bigint := (private.limits_of(organization) ->> 'devices')::bigint;
begin
  if organization not in (select private.organizations_of('member')) then
    return 0;
  end if;
  if most is null then
    return null;
  end if;
  perform from public.organizations o where o.id = organization for no key update;
  return greatest(0, most - (select count(*) from public.devices d where d.organization_id = organization));
end
$$;
revoke all on function private.device_room from public;
grant execute on function private.device_room to authenticated, service_role;
