-- What the HTTP API needs beside the tables themselves.

-- The caller's role in an organization; null for one that is not theirs, or that does not exist.
create or replace function private.role_in(organization uuid)
returns text
language sql stable set search_path = ''
as $$
  select case
    when organization in (select private.organizations_of('owner')) then 'owner'
    when organization in (select private.organizations_of('admin')) then 'admin'
    when organization in (select private.organizations_of('member')) then 'member'
    when organization in (select private.organizations_of('viewer')) then 'viewer'
  end
$$;
revoke all on function private.role_in from public;
grant execute on function private.role_in to authenticated, service_role;

-- Requests with an Idempotency-Key and what they were answered, for 24 hours. Of an answer with a secret only the id
-- of what was made is kept: it can't be given again. Callers reach this through the two functions only.
create table if not exists private.idempotency_keys (
  caller text not null,
  key text not null check (length(key) between 1 and 200),
  request_hash bytea not null,
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (caller, key)
);
create index if not exists idempotency_keys_age_idx on private.idempotency_keys (created_at);

create or replace function private.idempotency_caller()
returns text
language sql stable set search_path = ''
as $$
  select coalesce('user:' || (claim ->> 'sub'), 'api_key:' || (claim ->> 'api_key_id'))
    from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claim) claims
$$;
revoke all on function private.idempotency_caller from public;
grant execute on function private.idempotency_caller to authenticated;

-- Claims a key for the transaction's request. No row: it is new, do the work. Otherwise what was done before;
-- a second request at the same time waits here for the first to end.
create or replace function private.claim_idempotency_key(request_key text, hash bytea)
returns table (same_request boolean, answer jsonb)
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.idempotency_keys
   where ctid in (select ctid from private.idempotency_keys where created_at < now() - interval '24 hours'
                   order by created_at limit 100 for update skip locked);
  insert into private.idempotency_keys (caller, key, request_hash)
  values (private.idempotency_caller(), request_key, hash)
  on conflict do nothing;
  if not found then
    return query
      select k.request_hash = hash, k.answer
        from private.idempotency_keys k
       where k.caller = private.idempotency_caller() and k.key = request_key;
  end if;
end
$$;
revoke all on function private.claim_idempotency_key from public;
grant execute on function private.claim_idempotency_key to authenticated;

create or replace function private.keep_idempotent_answer(request_key text, given jsonb)
returns void
language sql security definer set search_path = ''
as $$
  update private.idempotency_keys set answer = given
   where caller = private.idempotency_caller() and key = request_key
$$;
revoke all on function private.keep_idempotent_answer from public;
grant execute on function private.keep_idempotent_answer to authenticated;
