-- What every turn of the worker reads of each organization has a limit, whoever writes it and by what way.
-- @arguments how many; which rows of the table count; what they are called
create function private.refuse_more()
returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  there integer;
begin
  -- Two at once would each not see what the other adds.
  perform from public.organizations where id = new.organization_id for no key update;
  execute format('select count(*) from %s where organization_id = $1 and id <> $2 and (%s)', tg_relid::regclass, tg_argv[1])
    into there using new.organization_id, new.id;
  if there >= tg_argv[0]::integer then
    raise exception 'there are % % already: delete some', tg_argv[0], tg_argv[2] using errcode = 'NN002';
  end if;
  return new;
end
$$;
revoke all on function private.refuse_more from public;

-- A host platform's own rules have no condition.
create trigger refuse_more before insert or update of condition on public.alert_rules
  for each row when (new.condition is not null)
  execute function private.refuse_more('1000', 'condition is not null', 'alert rules');
create trigger refuse_more before insert on public.maintenance_windows
  for each row execute function private.refuse_more('500', 'ends_at > now() - interval ''7 days''', 'maintenance windows');
create trigger refuse_more before insert on public.notification_channels
  for each row execute function private.refuse_more('50', 'true', 'channels');
