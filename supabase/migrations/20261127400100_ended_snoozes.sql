-- A snooze that somebody ends by hand: who was not told before is told now. One that ends by itself is found by its time.
create function private.end_snooze()
returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  perform pgmq.send_batch('alert_notifications', array_agg(jsonb_build_object('alert', c.id, 'event', 'opened')))
     from changed c join former f using (id)
    where c.state = 'open' and f.state = 'open' and f.snoozed_until > now()
      and coalesce(c.snoozed_until, '-infinity') <= now()
   having count(*) > 0;
  return null;
end
$$;
create trigger end_snooze after update on public.alerts
  referencing new table as changed old table as former for each statement execute function private.end_snooze();

-- While the organization is still there, for what becomes of its alerts is written down as ever.
create function private.forget_alert_rules()
returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  delete from public.alert_rules where organization_id = old.id;
  return old;
end
$$;
create trigger forget_alert_rules before delete on public.organizations
  for each row execute function private.forget_alert_rules();
