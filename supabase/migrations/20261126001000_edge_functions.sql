-- What edge functions need of the database, where no process stays.

-- What `tick`, which pg_cron calls, must know from one call to the next; one row.
create table if not exists private.tick_state (
  only_row boolean primary key default true check (only_row),
  -- Since when the calls have followed each other closely.
  observed_from timestamptz not null,
  last_at timestamptz not null,
  housekept_at timestamptz not null default '-infinity'
);

-- Names and addresses of the members of an organization, for its members: from our accounts, and from Supabase's
-- where those are to be read.
create or replace function private.profiles_of(organization uuid)
returns table (user_id uuid, name text, email text)
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not exists (select from private.organizations_of('viewer') as own where own = organization) then
    return;
  end if;
  return query
    select u.id, u.name, u.email
      from public.organization_members m
      join accounts."user" u on u.id = m.user_id
     where m.organization_id = organization;
  if has_table_privilege(to_regclass('auth.users'), 'select') then
    -- As text, since not every database has the table.
    return query execute $sql$
      select u.id, coalesce(u.raw_user_meta_data ->> 'full_name', u.raw_user_meta_data ->> 'name', ''), u.email::text
        from public.organization_members m
        join auth.users u on u.id = m.user_id
       where m.organization_id = $1 and not exists (select from accounts."user" a where a.id = u.id)
    $sql$ using organization;
  end if;
end
$$;
