/**
 * What every Supabase project has before its first migration and other databases lack: the roles that
 * requests run as, and `auth.uid()`, `auth.jwt()`, `auth.role()` over `request.jwt.claims`. Idempotent, and
 * does nothing on Supabase. Needs the right to create roles.
 */
export const supabaseFoundation = `
do $$
declare
  missing record;
begin
  for missing in
    select * from (values ('anon', 'noinherit'), ('authenticated', 'noinherit'), ('service_role', 'noinherit bypassrls'))
      as wanted (role, attributes)
     where not exists (select from pg_roles where rolname = wanted.role)
  loop
    -- Roles belong to the whole server: another database of it may be making the same ones.
    begin
      execute format('create role %I nologin %s', missing.role, missing.attributes);
    exception when duplicate_object or unique_violation then null;
    end;
    if not pg_has_role(missing.role, 'member') then
      execute format('grant %I to current_user', missing.role);
    end if;
  end loop;

  create schema if not exists auth;
  if to_regprocedure('auth.jwt()') is null then
    create function auth.jwt() returns jsonb language sql stable as
      'select nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb';
  end if;
  if to_regprocedure('auth.uid()') is null then
    create function auth.uid() returns uuid language sql stable as
      'select (auth.jwt() ->> ''sub'')::uuid';
  end if;
  if to_regprocedure('auth.role()') is null then
    create function auth.role() returns text language sql stable as
      'select auth.jwt() ->> ''role''';
    -- With the last of them, so that Supabase's own schema is left as it is.
    grant usage on schema auth to anon, authenticated, service_role;
  end if;
end
$$;
`;
